/* Owns the form of messages: prefix, colour, one write for the whole of it. */
#include "tools/report.h"

#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RED    "\033[1;31m"
#define YELLOW "\033[1;33m"
#define PLAIN  "\033[0m"

bool report_may_colour(int fd)
{
    const char *no = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return (no == NULL || no[0] == '\0') && term != NULL && strcmp(term, "dumb") != 0 &&
           isatty(fd) == 1;
}

static void append(struct buf *b, const char *text)
{
    buf_append(b, text, strlen(text)); /* out of memory: the message gets shorter */
}

static void append_prefix(struct buf *b, const char *colour, const char *kind)
{
    append(b, colour != NULL ? colour : "");
    append(b, "reprise:");
    append(b, kind);
    append(b, colour != NULL ? PLAIN : "");
    append(b, " ");
}

/* Names of files and programs come from anywhere: what would steer a terminal is made visible. */
static void append_lines(struct buf *b, const char *msg, const char *colour, const char *kind)
{
    append_prefix(b, colour, kind);
    for (const char *p = msg; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;
        char shown[8] = {*p};
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
            snprintf(shown, sizeof shown, "\\x%02x", c);
        append(b, shown);
        if (c == '\n' && p[1] != '\0')
            append_prefix(b, colour, kind);
    }
    append(b, "\n");
}

static void report(const char *colour, const char *kind, const char *fmt, va_list ap)
{
    char *msg = NULL;
    if (vasprintf(&msg, fmt, ap) < 0)
        return;
    struct buf b = {0};
    append_lines(&b, msg, report_may_colour(STDERR_FILENO) ? colour : NULL, kind);
    size_t done = 0;
    while (done < b.len) {
        ssize_t n = write(STDERR_FILENO, b.data + done, b.len - done);
        if (n <= 0)
            break; /* nobody left to tell */
        done += (size_t)n;
    }
    buf_done(&b);
    free(msg);
}

void report_error(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    report(RED, "", fmt, ap);
    va_end(ap);
}

void report_warning(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    report(YELLOW, " warning:", fmt, ap);
    va_end(ap);
}

void report_note(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    report(NULL, "", fmt, ap);
    va_end(ap);
}

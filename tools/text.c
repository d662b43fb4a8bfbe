/* Owns the forms of text output. Refuses to pass on a byte that would steer a terminal. */
#include "tools/text.h"

#include "base/utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#define NS_PER_S 1000000000u

void text_size(uint64_t bytes, char out[TEXT_MAX])
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 1024) {
        snprintf(out, TEXT_MAX, "%" PRIu64 " B", bytes);
        return;
    }
    double n = (double)bytes / 1024;
    size_t unit = 0;
    for (; n >= 999.5 && unit + 1 < sizeof units / sizeof units[0]; unit++)
        n /= 1024;
    snprintf(out, TEXT_MAX, "%.*f %s", n < 99.95 ? 1 : 0, n, units[unit]);
}

void text_duration(uint64_t ns, char out[TEXT_MAX])
{
    uint64_t s = ns / NS_PER_S;
    double exact = (double)ns / NS_PER_S;
    if (s < 1)
        snprintf(out, TEXT_MAX, "%.3f s", exact);
    else if (s < 60)
        snprintf(out, TEXT_MAX, "%.1f s", exact);
    else if (s < 3600)
        snprintf(out, TEXT_MAX, "%" PRIu64 " min %" PRIu64 " s", s / 60, s % 60);
    else
        snprintf(out, TEXT_MAX, "%" PRIu64 " h %" PRIu64 " min", s / 3600, s / 60 % 60);
}

void text_when(uint64_t unix_ns, char out[TEXT_MAX])
{
    time_t t = (time_t)(unix_ns / NS_PER_S);
    struct tm tm;
    if (localtime_r(&t, &tm) == NULL || strftime(out, TEXT_MAX, "%Y-%m-%d %H:%M:%S", &tm) == 0)
        strcpy(out, "?");
}

void text_when_iso(uint64_t unix_ns, char out[TEXT_MAX])
{
    time_t t = (time_t)(unix_ns / NS_PER_S);
    struct tm tm;
    char date[TEXT_MAX / 2];
    if (gmtime_r(&t, &tm) == NULL || strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm) == 0)
        strcpy(out, "?");
    else
        snprintf(out, TEXT_MAX, "%s.%09uZ", date, (unsigned)(unix_ns % NS_PER_S));
}

void text_status(int wait_status, char out[TEXT_MAX])
{
    if (!WIFSIGNALED(wait_status)) {
        snprintf(out, TEXT_MAX, "%d", WEXITSTATUS(wait_status));
        return;
    }
    int signo = WTERMSIG(wait_status);
    const char *name = sigabbrev_np(signo);
    if (name != NULL)
        snprintf(out, TEXT_MAX, "SIG%s", name);
    else if (signo >= SIGRTMIN && signo <= SIGRTMAX)
        snprintf(out, TEXT_MAX, "SIGRTMIN+%d", signo - SIGRTMIN);
    else
        snprintf(out, TEXT_MAX, "signal %d", signo);
}

/* As utf8_char, 0 also for control characters, those of C1 and line separators included. */
static size_t printable_char(const uint8_t *s, size_t len)
{
    size_t n = utf8_char(s, len);
    if (n == 1 && (s[0] < 0x20 || s[0] == 0x7f))
        return 0;
    if (n == 2 && s[0] == 0xc2 && s[1] < 0xa0)
        return 0;
    /* U+2028..202E and U+2066..2069 break lines or turn their direction */
    if (n == 3 && s[0] == 0xe2 && s[1] == 0x80 && s[2] >= 0xa8 && s[2] <= 0xae)
        return 0;
    if (n == 3 && s[0] == 0xe2 && s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9)
        return 0;
    return n;
}

static int append_text(struct buf *b, const char *text)
{
    return buf_append(b, text, strlen(text));
}

static int append_hex(struct buf *b, uint8_t byte)
{
    char hex[5];
    snprintf(hex, sizeof hex, "\\x%02x", byte);
    return append_text(b, hex);
}

static bool is_plain(uint8_t c)
{
    return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z') || (c != '\0' && strchr("%+,-./:=@_^", c) != NULL);
}

enum quoting { QUOTE_NONE, QUOTE_SINGLE, QUOTE_ESCAPED };

static enum quoting quoting_for(const uint8_t *s, size_t len)
{
    enum quoting q = len == 0 ? QUOTE_SINGLE : QUOTE_NONE;
    for (size_t i = 0, n; i < len; i += n) {
        n = printable_char(s + i, len - i);
        if (n == 0)
            return QUOTE_ESCAPED;
        if (!is_plain(s[i]))
            q = QUOTE_SINGLE;
    }
    return q;
}

static int append_in_single_quotes(struct buf *b, const uint8_t *s, size_t len)
{
    int r = append_text(b, "'");
    for (size_t i = 0; i < len && r == 0; i++)
        r = s[i] == '\'' ? append_text(b, "'\\''") : buf_append(b, s + i, 1);
    return r == 0 ? append_text(b, "'") : r;
}

static int append_escaped_char(struct buf *b, const uint8_t *s, size_t n)
{
    if (n == 0 && s[0] == '\n')
        return append_text(b, "\\n");
    if (n == 0 && s[0] == '\t')
        return append_text(b, "\\t");
    if (n == 0)
        return append_hex(b, s[0]);
    if (s[0] == '\'' || s[0] == '\\') {
        int r = append_text(b, "\\");
        if (r < 0)
            return r;
    }
    return buf_append(b, s, n);
}

static int append_escaped(struct buf *b, const uint8_t *s, size_t len)
{
    int r = append_text(b, "$'");
    for (size_t i = 0; i < len && r == 0;) {
        size_t n = printable_char(s + i, len - i);
        r = append_escaped_char(b, s + i, n);
        i += n == 0 ? 1 : n;
    }
    return r == 0 ? append_text(b, "'") : r;
}

int text_quote(struct buf *b, const void *data, size_t len)
{
    switch (quoting_for(data, len)) {
    case QUOTE_NONE:
        return buf_append(b, data, len);
    case QUOTE_SINGLE:
        return append_in_single_quotes(b, data, len);
    case QUOTE_ESCAPED:
        return append_escaped(b, data, len);
    }
    return -EINVAL;
}

size_t text_cut(const char *text, size_t len, size_t columns)
{
    size_t i = 0;
    for (; i < len && columns > 0; columns--) {
        size_t n = utf8_char((const uint8_t *)text + i, len - i);
        i += n == 0 ? 1 : n;
    }
    return i;
}

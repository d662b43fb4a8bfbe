/* Owns the error message that travels from a library to the command that prints it. */
#include "base/err.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int err_note(struct err *e, int errnum, bool with_text, const char *fmt, va_list ap)
{
    if (e == NULL || e->code != 0)
        return -errnum;
    e->code = errnum;
    int n = vsnprintf(e->msg, sizeof e->msg, fmt, ap);
    if (with_text && n >= 0 && (size_t)n < sizeof e->msg)
        snprintf(e->msg + n, sizeof e->msg - (size_t)n, ": %s", strerror(errnum));
    return -errnum;
}

int err_set(struct err *e, int errnum, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int r = err_note(e, errnum, false, fmt, ap);
    va_end(ap);
    return r;
}

int err_sys(struct err *e, int errnum, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int r = err_note(e, errnum, true, fmt, ap);
    va_end(ap);
    return r;
}

void err_append(struct err *e, const char *fmt, ...)
{
    size_t len = e != NULL ? strlen(e->msg) : 0;
    va_list ap;
    if (e == NULL || e->code == 0)
        return;
    va_start(ap, fmt);
    vsnprintf(e->msg + len, sizeof e->msg - len, fmt, ap);
    va_end(ap);
}

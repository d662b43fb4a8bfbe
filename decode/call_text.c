/* Owns the text of a call: name, arguments, result. */
#include "decode/call_text.h"

#include "decode/text_out.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct call_text_style call_text_style_default(void)
{
    return (struct call_text_style){.string_max = 32, .array_max = 32};
}

const char *call_text_name(const struct walk_call *call, char scratch[CALL_NAME_MAX])
{
    if (call->row != NULL)
        return call->row->name;
    snprintf(scratch, CALL_NAME_MAX, "syscall_%#" PRIx64, (uint64_t)call->nr);
    return scratch;
}

/* -1 to -4095, and what the kernel keeps for itself (include/linux/errno.h). */
bool call_is_error(const struct walk_call *call, int *ret_errno)
{
    if (!call->done || call->result >= 0 || call->result < -4095)
        return false;
    if (ret_errno != NULL)
        *ret_errno = (int)-call->result;
    return true;
}

static const struct {
    int errnum;
    const char *name, *text;
} kernel_errors[] = {
    {512, "ERESTARTSYS", "To be restarted if SA_RESTART is set"},
    {513, "ERESTARTNOINTR", "To be restarted"},
    {514, "ERESTARTNOHAND", "To be restarted if no handler"},
    {516, "ERESTART_RESTARTBLOCK", "Interrupted by signal"},
};

static const char *restart_text(int errnum)
{
    for (size_t i = 0; i < sizeof kernel_errors / sizeof kernel_errors[0]; i++)
        if (kernel_errors[i].errnum == errnum)
            return kernel_errors[i].text;
    return NULL;
}

const char *call_errno_name(int errnum)
{
    for (size_t i = 0; i < sizeof kernel_errors / sizeof kernel_errors[0]; i++)
        if (kernel_errors[i].errnum == errnum)
            return kernel_errors[i].name;
    return strerrorname_np(errnum);
}

int call_text_result(const struct call_decoder *d, const struct walk_call *call, struct buf *out)
{
    (void)d;
    int e;
    if (!call->done)
        return text_str(out, "?");
    if (!call_is_error(call, &e))
        return text_int(out, call->result);
    const char *name = call_errno_name(e), *restart = restart_text(e);
    if (restart != NULL)
        return text_fmt(out, "? %s (%s)", name, restart);
    if (name == NULL)
        return text_fmt(out, "-1 (errno %d)", e);
    return text_fmt(out, "-1 %s (%s)", name, strerrordesc_np(e));
}

static int text_bytes_arg(const struct call_decoder *d, const struct call_bytes *bytes, bool string,
                          struct buf *out)
{
    size_t want = d->style->string_max + 1;
    uint8_t small[256], *data = small;
    if (want > bytes->kept)
        want = (size_t)bytes->kept;
    struct buf big = {0};
    if (want > sizeof small) {
        if (buf_reserve(&big, want) < 0)
            return -ENOMEM;
        data = big.data;
    }
    long n = call_bytes_read(bytes, d->reader, 0, data, want);
    int r = text_quoted(out, data, n > 0 ? (size_t)n : 0, bytes->len, string, d->style);
    buf_done(&big);
    return r;
}

int call_text_arg(const struct call_decoder *d, const struct walk_call *call, size_t i,
                  struct buf *out)
{
    struct call_arg a;
    call_arg_get(call, i, &a);
    switch (a.kind) {
    case ARG_INT:
    case ARG_FD:
    case ARG_PID:
    case ARG_SIGNO:
        return text_int(out, (int)a.value);
    case ARG_DIRFD:
        return (int)a.value == -100 ? text_str(out, "AT_FDCWD") : text_int(out, (int)a.value);
    case ARG_UINT:
        return text_uint(out, a.value);
    case ARG_FLAGS:
    case ARG_HEX:
    case ARG_NONE:
        return text_hex(out, a.value);
    case ARG_PATH:
    case ARG_STRING:
    case ARG_STRINGS:
    case ARG_ADDR:
    case ARG_PTR:
        break;
    }
    if (a.value == 0)
        return text_str(out, "NULL");
    if (a.kind == ARG_PATH || a.kind == ARG_STRING) {
        if (a.in.range != NULL)
            return text_bytes_arg(d, &a.in, true, out);
    } else if (a.out.range != NULL) {
        return text_bytes_arg(d, &a.out, false, out);
    } else if (a.in.range != NULL && a.kind == ARG_PTR) {
        return text_bytes_arg(d, &a.in, false, out);
    }
    return text_hex(out, a.value);
}

int call_text_args(const struct call_decoder *d, const struct walk_call *call, struct buf *out)
{
    int r = 0;
    for (size_t i = 0; i < call->n_args && r == 0; i++) {
        if (i > 0)
            r = text_str(out, ", ");
        if (r == 0)
            r = call_text_arg(d, call, i, out);
    }
    return r;
}

int call_text_line(const struct call_decoder *d, const struct walk_call *call, struct buf *out)
{
    char scratch[CALL_NAME_MAX];
    int r = text_str(out, call_text_name(call, scratch));
    if (r == 0)
        r = text_str(out, "(");
    if (r == 0)
        r = call_text_args(d, call, out);
    if (r == 0)
        r = text_str(out, ") = ");
    return r == 0 ? call_text_result(d, call, out) : r;
}

int call_text_siginfo(const struct call_decoder *d, const void *siginfo, size_t len,
                      struct buf *out)
{
    int signo = 0;
    (void)d;
    if (len >= sizeof signo)
        memcpy(&signo, siginfo, sizeof signo);
    return text_fmt(out, "{si_signo=%d}", signo);
}

/* Owns the form of a call: name, arguments in a row, result. What an argument looks like is told
 * by its type. */
#include "decode/call_text.h"

#include "decode/text.h"
#include "decode/text_out.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

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

/* ---- which arguments there are, and of which type ---- */

struct arg_types {
    size_t n;
    enum arg_type v[SYSCALL_MAX_ARGS];
};

/* A command knows the arguments behind it better than the call's row. */
static void take_command(const struct walk_call *call, struct arg_types *types)
{
    struct syscall_command command;
    if (!syscall_command(call->nr, call->args, &command) || !command.has_types)
        return;
    size_t n = command.arg + 1 + command.n_types;
    types->n = n < call->n_args ? n : call->n_args;
    for (size_t i = command.arg + 1; i < types->n; i++)
        types->v[i] = (enum arg_type)command.types[i - command.arg - 1];
}

static bool opens_without_mode(const struct walk_call *call, uint64_t flags)
{
    bool unnamed = syscall_traits(call->nr)->fds == FDS_OPENS && (flags & O_TMPFILE) == O_TMPFILE;
    return (flags & O_CREAT) == 0 && !unnamed;
}

/* An argument that the call takes only with some flags in the one before it. */
static bool is_taken(const struct walk_call *call, enum arg_type type, size_t i)
{
    uint64_t before = call->args[i - 1];
    if (type == TYPE_CREAT_MODE)
        return !opens_without_mode(call, before);
    if (type == TYPE_KNOD_DEV)
        return S_ISCHR(before) || S_ISBLK(before);
    if (type == TYPE_REMAP_TO)
        return (before & (MREMAP_FIXED | 4u /* MREMAP_DONTUNMAP */)) != 0;
    return type != TYPE_BARRIER_CPU || before != 0;
}

static void get_types(const struct walk_call *call, struct arg_types *ret)
{
    ret->n = call->n_args;
    for (size_t i = 0; i < SYSCALL_MAX_ARGS; i++)
        ret->v[i] = call->row != NULL ? (enum arg_type)call->row->types[i] : TYPE_HEX;
    if (call->row == NULL || !call->entered)
        return;
    take_command(call, ret);
    for (size_t i = 1; i < ret->n; i++)
        if (!is_taken(call, ret->v[i], i))
            ret->n = i;
}

/* ---- whether an argument waits for the exit ---- */

static bool is_written(const struct walk_call *call, const struct arg_types *types, size_t i)
{
    enum arg_kind kind = arg_type_info(types->v[i])->kind;
    uint64_t v = call->args[i];
    if (kind != ARG_PTR || v == 0)
        return false;
    enum arg_type type = types->v[i];
    if (type == TYPE_POLLFDS || type == TYPE_FD_SET || type == TYPE_TIMEOUT_LEFT ||
        type == TYPE_TIMEOUT_LEFT_US)
        return false; /* what comes of them stands behind the result */
    for (size_t k = 0; k < call->n_in; k++)
        if (v >= call->in[k]->addr && v - call->in[k]->addr < call->in[k]->len)
            return type == TYPE_CLONE_ARGS || type == TYPE_MSGHDR || type == TYPE_MMSGHDR;
    return true;
}

size_t call_text_ready(const struct walk_call *call)
{
    struct arg_types types;
    get_types(call, &types);
    if (syscall_traits(call->nr)->task == TASK_CLONE)
        return 0;
    for (size_t i = 0; i < types.n; i++)
        if (is_written(call, &types, i))
            return i;
    return types.n;
}

/* ---- text ---- */

int call_text_arg(const struct call_decoder *d, const struct walk_call *call, size_t i,
                  struct buf *out)
{
    struct text t = text_begin(d, call, out);
    struct arg_types types;
    get_types(call, &types);
    enum arg_type type = i < types.n ? types.v[i] : (enum arg_type)TYPE_HEX;
    put_value(&t, type == TYPE_HIDDEN ? TYPE_HEX : type, i, call->args[i]);
    return t.err;
}

int call_text_args_from(const struct call_decoder *d, const struct walk_call *call, size_t first,
                        size_t end, struct buf *out)
{
    struct text t = text_begin(d, call, out);
    struct arg_types types;
    if (first == 0 && end == SIZE_MAX && put_args_of_call(&t))
        return t.err;
    get_types(call, &types);
    for (size_t i = first; i < types.n && i < end; i++) {
        if (types.v[i] == TYPE_HIDDEN)
            continue;
        if (i > first)
            put(&t, ", ");
        put_value(&t, types.v[i], i, call->args[i]);
    }
    return t.err;
}

int call_text_args(const struct call_decoder *d, const struct walk_call *call, struct buf *out)
{
    return call_text_args_from(d, call, 0, SIZE_MAX, out);
}

size_t call_text_arg_count(const struct walk_call *call)
{
    struct arg_types types;
    get_types(call, &types);
    return types.n;
}

int call_text_result(const struct call_decoder *d, const struct walk_call *call, struct buf *out)
{
    struct text t = text_begin(d, call, out);
    put_result(&t);
    return t.err;
}

int call_text_line(const struct call_decoder *d, const struct walk_call *call, struct buf *out)
{
    char scratch[CALL_NAME_MAX];
    struct text t = text_begin(d, call, out);
    put(&t, call_text_name(call, scratch));
    put(&t, "(");
    if (t.err == 0)
        t.err = call_text_args(d, call, out);
    put(&t, ") = ");
    put_result(&t);
    return t.err;
}

int call_text_siginfo(const struct call_decoder *d, const void *siginfo, size_t len,
                      struct buf *out)
{
    struct text t = text_begin(d, NULL, out);
    put_siginfo(&t, siginfo, len);
    return t.err;
}

int call_text_bytes(const struct call_text_style *style, const void *data, size_t len, bool whole,
                    struct buf *out)
{
    struct call_text_style all = *style;
    if (whole)
        all.string_max = SIZE_MAX;
    return text_quoted(out, data, len, len, false, &all);
}

int call_text_signal(int signo, struct buf *out)
{
    const struct call_text_style style = call_text_style_default();
    const struct call_decoder d = {.style = &style};
    struct text t = text_begin(&d, NULL, out);
    put_signal(&t, (uint32_t)signo);
    return t.err;
}

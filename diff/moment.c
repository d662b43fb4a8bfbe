/* Owns the second walk over a trace, for the few events that are shown. */
#include "diff/moment.h"

#include "decode/call_text.h"
#include "decode/sockaddr_text.h"
#include "decode/trap_text.h"
#include "diff/model.h"

#include "base/scope.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define TEXT_STRING_MAX 256
#define POLL_SHOWN      3

struct reading {
    struct model model;
    struct trace_reader *trace;
    struct code_places *places;
    struct call_text_style style;
};

void moment_done(struct moment *m)
{
    if (m == NULL)
        return;
    for (size_t i = 0; i < m->n_in; i++)
        free(m->in[i].data);
    for (size_t i = 0; i < m->n_out; i++)
        free(m->out[i].data);
    free(m->in);
    free(m->out);
    free(m->text);
    free(m->object);
    free(m->place);
    *m = (struct moment){0};
}

/* Takes the text over as a string. */
static int take_text(struct buf *b, char **ret)
{
    int r = buf_append(b, "", 1);
    if (r < 0)
        return r;
    free(*ret);
    *ret = (char *)b->data;
    *b = (struct buf){0};
    return 0;
}

static int print_text(char **ret, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static int print_text(char **ret, const char *fmt, ...)
{
    va_list ap;
    char *text;
    va_start(ap, fmt);
    int n = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (n < 0)
        return -ENOMEM;
    free(*ret);
    *ret = text;
    return 0;
}

/* ---- bytes ---- */

static int copy_range(struct reading *r, const Reprise__Range *range, struct moment_bytes *ret)
{
    bool whole = range->data.len == 0 && range->hash == 0;
    struct call_bytes bytes = {
        .data = range->data.len > 0 ? range->data.data : NULL,
        .len = range->len,
        .kept = whole ? range->len : range->data.len,
        .range = range,
    };
    size_t len = bytes.kept < MOMENT_BYTES_MAX ? (size_t)bytes.kept : MOMENT_BYTES_MAX;
    *ret = (struct moment_bytes){
        .whole = range->len,
        .is_text = range->kind != REPRISE__RANGE__KIND__STRUCT,
        .data = malloc(len + 1),
    };
    if (ret->data == NULL)
        return -ENOMEM;
    long n = call_bytes_read(&bytes, r->trace, 0, ret->data, len);
    ret->len = n > 0 ? (size_t)n : 0;
    return 0;
}

static int copy_ranges(struct reading *r, Reprise__Range *const *ranges, size_t n,
                       struct moment_bytes **ret, size_t *ret_n)
{
    *ret = calloc(n + 1, sizeof **ret);
    if (*ret == NULL)
        return -ENOMEM;
    int result = 0;
    for (; *ret_n < n && result == 0; ++*ret_n)
        result = copy_range(r, ranges[*ret_n], &(*ret)[*ret_n]);
    return result;
}

/* ---- text ---- */

static struct call_decoder decoder_of(struct reading *r)
{
    return (struct call_decoder){
        .reader = r->trace,
        .fds = r->model.fds,
        .task = r->model.event.task,
        .style = &r->style,
    };
}

/* Of a call without a descriptor: its address or its path. */
static int object_of_arg(struct reading *r, const struct walk_call *c, size_t i, struct buf *b)
{
    struct call_bytes path;
    call_bytes_in(c, c->args[i], UINT64_MAX, &path);
    if (path.data == NULL)
        return 0;
    int dirfd = i > 0 && c->row->args[i - 1] == ARG_DIRFD ? (int)c->args[i - 1] : -100;
    size_t len = strnlen((const char *)path.data, path.kept);
    int n =
        fd_follow_path(r->model.fds, r->model.event.task, dirfd, (const char *)path.data, len, b);
    return n == -ENOENT ? buf_append(b, path.data, len) : n;
}

/* The first descriptors that poll waits for. */
static int object_of_poll(struct reading *r, const struct walk_call *c, struct buf *b)
{
    struct call_bytes fds;
    call_bytes_in(c, c->args[0], UINT64_MAX, &fds);
    int result = 0;
    for (size_t i = 0; fds.data != NULL && i < POLL_SHOWN && (i + 1) * 8 <= fds.kept; i++) {
        int fd;
        memcpy(&fd, fds.data + i * 8, sizeof fd);
        const struct fd_object *o = fd_follow_get(r->model.fds, r->model.event.task, fd);
        if (o == NULL || o->kind == FD_UNKNOWN || result < 0)
            continue;
        result = b->len > 0 ? buf_append(b, ", ", 2) : 0;
        if (result == 0)
            result = fd_object_text(o, b);
    }
    return result;
}

static int object_of_address(const struct walk_call *c, struct buf *b)
{
    struct call_bytes address;
    call_bytes_in(c, c->args[1], UINT64_MAX, &address);
    return address.data != NULL ? address_text_short(address.data, address.kept, b) : 0;
}

static int read_object(struct reading *r, const struct walk_call *c, struct moment *m)
{
    struct buf b = {0};
    struct call_decoder d = decoder_of(r);
    int result = 0;
    enum syscall_fds fds = syscall_traits(c->nr)->fds;
    bool names_peer = fds == FDS_BINDS || fds == FDS_CONNECTS;
    for (size_t i = 0; c->row != NULL && i < c->n_args && i < c->row->nargs && b.len == 0; i++) {
        enum arg_kind kind = c->row->args[i];
        const struct fd_object *o =
            kind == ARG_FD ? fd_follow_get(r->model.fds, d.task, (int)c->args[i]) : NULL;
        if (names_peer && i == 1)
            result = object_of_address(c, &b);
        else if (o != NULL && o->kind != FD_UNKNOWN && !names_peer)
            result = fd_object_text(o, &b);
        else if (kind == ARG_PATH)
            result = object_of_arg(r, c, i, &b);
        else if (c->row->types[i] == TYPE_POLLFDS)
            result = object_of_poll(r, c, &b);
        m->about_path |= kind == ARG_PATH;
        if (result < 0)
            break;
    }
    if (result == 0 && b.len > 0)
        result = take_text(&b, &m->object);
    buf_done(&b);
    return result;
}

static int read_call(struct reading *r, const struct walk_call *c, struct moment *m)
{
    struct buf b = {0};
    struct call_decoder d = decoder_of(r);
    m->nr = c->nr;
    m->done = c->done;
    m->result = c->result;
    call_is_error(c, &m->errnum);
    int result = call_text_line(&d, c, &b);
    if (result == 0)
        result = take_text(&b, &m->text);
    buf_done(&b);
    if (result == 0)
        result = read_object(r, c, m);
    if (result == 0)
        result = copy_ranges(r, c->in, c->n_in, &m->in, &m->n_in);
    if (result == 0)
        result = copy_ranges(r, c->out, c->n_out, &m->out, &m->n_out);
    return result;
}

static const char *signal_name(int signo, char scratch[16])
{
    const char *name = sigabbrev_np(signo);
    if (name != NULL)
        snprintf(scratch, 16, "SIG%s", name);
    else
        snprintf(scratch, 16, "signal %d", signo);
    return scratch;
}

static int read_signal(struct reading *r, const Reprise__Signal *s, struct moment *m)
{
    char name[16];
    struct buf b = {0};
    struct call_decoder d = decoder_of(r);
    m->kind = MOMENT_SIGNAL;
    m->signo = (int)s->signo;
    int result = print_text(&m->object, "%s", signal_name(m->signo, name));
    if (result == 0)
        result = call_text_siginfo(&d, s->siginfo.data, s->siginfo.len, &b);
    if (result == 0)
        result = print_text(&m->text, "--- %s %.*s ---", name, (int)b.len, (const char *)b.data);
    buf_done(&b);
    return result;
}

static int read_exit(const Reprise__Exit *x, struct moment *m)
{
    char name[16];
    m->kind = MOMENT_EXIT;
    m->signo = WIFSIGNALED(x->status) ? WTERMSIG(x->status) : 0;
    if (m->signo == 0)
        return print_text(&m->text, "+++ exited with %d +++", WEXITSTATUS(x->status));
    int r = print_text(&m->object, "%s", signal_name(m->signo, name));
    return r < 0 ? r : print_text(&m->text, "+++ killed by %s +++", name);
}

static int read_trap(const Reprise__Trap *t, struct moment *m)
{
    m->kind = MOMENT_TRAP;
    if (t->kind == REPRISE__TRAP__KIND__CPUID)
        return print_text(&m->text, "cpuid(0x%x, %u)", t->leaf, t->subleaf);
    char result[TRAP_TEXT_MAX];
    trap_result_text(t, result);
    return print_text(&m->text, "%s = %s", trap_name(t->kind), result);
}

static int read_exec(struct reading *r, const Reprise__Exec *exec, struct moment *m)
{
    int result = 0;
    if (r->model.event.call != NULL && r->model.event.call->n_in > 0)
        result = read_call(r, r->model.event.call, m);
    else
        result = print_text(&m->text, "execution of %.*s", (int)exec->path.len,
                            (const char *)exec->path.data);
    m->kind = MOMENT_EXEC;
    if (result == 0 && m->object == NULL)
        result = print_text(&m->object, "%.*s", (int)exec->path.len, (const char *)exec->path.data);
    return result;
}

/* ---- where in the code ---- */

static int read_place(struct reading *r, const struct addr_space *space, uint64_t ip, bool after,
                      struct moment *m)
{
    const struct addr_space_region *region = addr_space_find(space, after ? ip - 1 : ip);
    if (ip == 0 || region == NULL || region->file == 0)
        return 0;
    const struct addr_space_file *file = &r->model.files.v[region->file - 1];
    struct code_module module = {
        .name = file->name,
        .blob = file->has_blob ? file->blob : NULL,
        .blob_offset = file->blob_offset,
    };
    struct code_place place;
    struct buf b = {0};
    int result = code_places_find(r->places, &module, ip - region->base, after, &place);
    if (result < 0)
        return result;
    result = code_place_text(file->name, &place, &b);
    code_place_done(&place);
    if (result == 0)
        result = take_text(&b, &m->place);
    buf_done(&b);
    return result;
}

/* ---- events ---- */

static int read_moment(struct reading *r, struct moment *m)
{
    const struct walk_event *ev = &r->model.event;
    const struct model_task *t = model_task_of(&r->model, ev);
    if (t == NULL)
        return 0;
    m->found = true;
    m->task = t->index;
    m->time = ev->time;
    m->kind = MOMENT_OTHER;
    m->nr = -1;
    switch (ev->kind) {
    case REPRISE__EVENT__BODY_SYSCALL: {
        m->kind = MOMENT_CALL;
        int n = read_call(r, ev->call, m);
        return n < 0 ? n : read_place(r, t->space, ev->call->ip, true, m);
    }
    case REPRISE__EVENT__BODY_EXEC:
        return read_exec(r, ev->event->exec, m);
    case REPRISE__EVENT__BODY_SIGNAL: {
        int n = read_signal(r, ev->event->signal, m);
        return n < 0 ? n : read_place(r, t->space, ev->event->signal->ip, false, m);
    }
    case REPRISE__EVENT__BODY_TRAP: {
        int n = read_trap(ev->event->trap, m);
        return n < 0 ? n : read_place(r, t->space, ev->event->trap->ip, false, m);
    }
    case REPRISE__EVENT__BODY_EXIT:
        if (ev->task->in_call) { /* it ended in the midst of a call, which tells more */
            int n = read_call(r, &ev->task->call, m);
            if (n == 0)
                n = read_place(r, t->space, ev->task->call.ip, true, m);
            if (n < 0)
                return n;
            char *call SCOPE_FREE = TAKE(m->text);
            n = read_exit(ev->event->exit, m);
            char *end SCOPE_FREE = TAKE(m->text);
            return n < 0 ? n : print_text(&m->text, "%s %s", call, end);
        }
        return read_exit(ev->event->exit, m);
    case REPRISE__EVENT__BODY_BIRTH: /* none that is compared */
    case REPRISE__EVENT__BODY_POKE:
    case REPRISE__EVENT__BODY_MERGE:
    case REPRISE__EVENT__BODY_STEP:
    case REPRISE__EVENT__BODY_PREEMPTION:
    case REPRISE__EVENT__BODY_FETCH:
    case REPRISE__EVENT__BODY__NOT_SET:
    case _REPRISE__EVENT__BODY__CASE_IS_INT_SIZE:
        break;
    }
    return 0;
}

/* NULL without memory: the places that are missing show, at least. */
static char *copy_trouble(const struct code_places *places)
{
    const char *trouble = places != NULL ? code_places_trouble(places) : NULL;
    return trouble != NULL ? strdup(trouble) : NULL;
}

int moments_read(struct trace_reader *trace, const struct census *census,
                 const struct field_rules *rules, struct moment *moments, size_t n,
                 char **ret_trouble, struct err *err)
{
    struct reading r = {.trace = trace, .style = call_text_style_default()};
    r.style.string_max = TEXT_STRING_MAX;
    r.style.fd_paths = true;
    int result = model_open(trace, census, rules, &r.model, err);
    if (result < 0)
        return result;
    result = code_places_new(trace, &r.places);
    size_t next = 0;
    while (next < n && result >= 0 && (result = model_next(&r.model, err)) > 0) {
        while (next < n && moments[next].number < r.model.event.number)
            next++;
        for (; next < n && moments[next].number == r.model.event.number && result >= 0; next++)
            result = read_moment(&r, &moments[next]);
        if (result >= 0)
            result = model_apply(&r.model);
    }
    *ret_trouble = copy_trouble(r.places);
    code_places_free(r.places);
    model_done(&r.model);
    return result < 0 ? err_sys(err, -result, "cannot read the trace") : 0;
}

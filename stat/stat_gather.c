/* Owns the walk that fills the tables. */
#include "stat/stat.h"

#include "decode/call_io.h"
#include "decode/sockaddr_text.h"
#include "stat/stat_size.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

struct gather {
    struct trace_stat *stat;
    struct stat_size size;
    struct buf name; /* scratch */
};

static int put(struct gather *g, enum stat_by by, const void *name, size_t len, const void *owner,
               const struct stat_sums *sums)
{
    struct stat_sums *to = stat_table_sums(&g->stat->by[by], name, len, owner);
    if (to == NULL)
        return -ENOMEM;
    stat_sums_add(to, sums);
    return 0;
}

static int put_buf(struct gather *g, enum stat_by by, const struct stat_sums *sums)
{
    return g->name.len > 0 ? put(g, by, g->name.data, g->name.len, NULL, sums) : 0;
}

/* ---- by file, by peer ---- */

static int put_address(struct gather *g, const uint8_t *address, size_t len,
                       const struct stat_sums *sums)
{
    buf_clear(&g->name);
    int r = address_text_short(address, len, &g->name);
    return r == 0 ? put_buf(g, STAT_BY_PEER, sums) : r;
}

/* Datagrams tell their peer one by one; the call as a whole counts with the first. */
static int put_messages(struct gather *g, const struct walk_call *call, const struct call_io *io,
                        const struct stat_sums *sums)
{
    struct stat_sums each = *sums;
    int r = 0;
    for (size_t i = 0; i < io->n_messages && r == 0; i++) {
        struct io_message message;
        if (!call_io_message(call, io, i, &message) || message.address_len == 0)
            continue;
        each.bytes_in = message.out ? 0 : message.len;
        each.bytes_out = message.out ? message.len : 0;
        r = put_address(g, message.address, message.address_len, &each);
        each = (struct stat_sums){0};
    }
    return r;
}

static int put_socket(struct gather *g, const struct fd_object *o, const struct walk_call *call,
                      const struct call_io *io, const struct stat_sums *sums)
{
    if (o->peer_len > 0)
        return put_address(g, o->peer, o->peer_len, sums);
    if (call->row->fds == FDS_CONNECTS) {
        struct call_bytes bytes;
        uint8_t address[FD_ADDRESS_MAX];
        call_bytes_in(call, call->args[1], call->args[2], &bytes);
        long n =
            bytes.range != NULL ? call_bytes_read(&bytes, NULL, 0, address, sizeof address) : 0;
        return n > 0 ? put_address(g, address, (size_t)n, sums) : 0;
    }
    return put_messages(g, call, io, sums);
}

static int put_object(struct gather *g, const struct fd_object *o, const struct walk_call *call,
                      const struct call_io *io, const struct stat_sums *sums)
{
    if (o->kind == FD_SOCKET && call->row != NULL)
        return put_socket(g, o, call, io, sums);
    if (o->kind == FD_UNKNOWN && o->path == NULL)
        return 0;
    buf_clear(&g->name);
    int r = o->path != NULL ? buf_append(&g->name, o->path, strlen(o->path))
                            : fd_object_text(o, &g->name);
    return r == 0 ? put_buf(g, STAT_BY_FILE, sums) : r;
}

/* The other descriptor of a call that moves bytes from one to another. */
static int put_second(struct gather *g, const struct walk_task *task, const struct walk_call *call,
                      const struct call_io *io, const struct fd_object *first)
{
    const struct stat_sums in = {.bytes_in = io->in_bytes}, out = {.bytes_out = io->out_bytes};
    const struct fd_object *from = fd_follow_get(g->stat->view.fds, task, io->in_fd);
    const struct fd_object *to = fd_follow_get(g->stat->view.fds, task, io->out_fd);
    const struct call_io none = {.in_fd = -1, .out_fd = -1};
    if (from != NULL && from != first)
        return put_object(g, from, call, &none, &in);
    return to != NULL && to != first ? put_object(g, to, call, &none, &out) : 0;
}

static int put_subject(struct gather *g, const struct walk_event *event, const struct call_io *io,
                       const struct stat_sums *sums)
{
    const struct walk_call *call = event->call;
    const struct fd_object *object;
    buf_clear(&g->name);
    int r = trace_view_subject(&g->stat->view, event->task, call, &object, &g->name);
    if (r < 0)
        return r;
    if (object == NULL)
        return put_buf(g, STAT_BY_FILE, sums);
    bool two = io->in_fd >= 0 && io->out_fd >= 0;
    struct stat_sums own = *sums;
    if (two && fd_follow_get(g->stat->view.fds, event->task, io->in_fd) != object)
        own.bytes_in = 0;
    else if (two)
        own.bytes_out = 0;
    r = put_object(g, object, call, io, &own);
    return r == 0 && two ? put_second(g, event->task, call, io, object) : r;
}

/* ---- calls ---- */

static int count_call(struct gather *g, const struct walk_event *event)
{
    const struct walk_call *call = event->call;
    struct call_io io = {.in_fd = -1, .out_fd = -1};
    struct stat_sums sums = {.calls = 1};
    int errnum;
    if (call->done) {
        sums.errors = call_is_error(call, &errnum);
        sums.total_ns = sums.max_ns = call->duration;
        if (call_io_get(call, &io)) {
            sums.bytes_in = io.in_bytes;
            sums.bytes_out = io.out_bytes;
        }
    } else {
        sums.unfinished = 1;
    }
    stat_sums_add(&g->stat->total, &sums);
    char scratch[CALL_NAME_MAX];
    const char *name = call_text_name(call, scratch);
    int r = put(g, STAT_BY_SYSCALL, name, strlen(name), NULL, &sums);
    const struct walk_process *process = event->task->process;
    if (r == 0)
        r = put(g, STAT_BY_PROCESS, "", 0, process, &sums);
    return r == 0 ? put_subject(g, event, &io, &sums) : r;
}

/* Calls that have begun and never end: exit, and those that the trace ends in. */
static int count_unfinished(struct gather *g)
{
    const struct trace_walk *walk = g->stat->view.walk;
    int r = 0;
    for (size_t i = 0; i < trace_walk_task_count(walk) && r == 0; i++) {
        struct walk_task *task = trace_walk_task(walk, i);
        struct walk_event event = {.task = task, .call = &task->call};
        if (task->in_call)
            r = count_call(g, &event);
    }
    return r;
}

static int count_event(struct gather *g, const struct walk_event *event)
{
    g->stat->events++;
    int r = stat_size_event(&g->size, event);
    if (r == 0 && event->call != NULL && event->call->done)
        r = count_call(g, event);
    return r;
}

/* Damage ends the walk and is noted. */
static int walk(struct gather *g, struct err *err)
{
    const struct walk_event *event;
    struct err damage = {0};
    int r;
    while ((r = trace_view_next(&g->stat->view, &event, &damage)) > 0) {
        r = count_event(g, event);
        if (r < 0)
            return err_sys(err, -r, "cannot sum up the trace");
    }
    if (r == -ENOMEM)
        return err_set(err, ENOMEM, "%s", damage.msg);
    if (r < 0)
        g->stat->damage = damage;
    r = count_unfinished(g);
    if (r == 0)
        r = stat_size_finish(&g->size);
    return r < 0 ? err_sys(err, -r, "cannot sum up the trace") : 0;
}

int stat_gather(struct trace_reader *reader, struct trace_stat *ret, struct err *err)
{
    *ret = (struct trace_stat){0};
    struct gather g = {.stat = ret};
    g.size = (struct stat_size){.reader = reader, .table = &ret->by[STAT_BY_SIZE]};
    int r = trace_view_open(reader, &ret->view, err);
    if (r == 0)
        r = walk(&g, err);
    stat_size_done(&g.size);
    buf_done(&g.name);
    if (r < 0)
        stat_done(ret);
    return r;
}

void stat_done(struct trace_stat *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < STAT_BY_COUNT; i++)
        stat_table_done(&s->by[i]);
    trace_view_done(&s->view);
}

/* Owns the pairing of sockets. The k-th connection that a listening socket accepts is the k-th that
 * was made to its address, unless addresses that are known say otherwise: that is the order of the
 * kernel's queue. */
#include "export/conversations.h"

#include "decode/call_io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <xxhash.h>

#define WAITING_MAX 1024  /* ends that look for their other end */
#define SENT_MAX    65536 /* datagrams whose sender's address is not known */

struct gather {
    struct conversations *c;
    struct trace_view view;
    struct conversation *waiting[WAITING_MAX];
    size_t n_waiting;
    struct map64 sent; /* hash of a datagram: the conversation of its sender */
};

static bool is_stream(const struct fd_object *o)
{
    return o->type == SOCK_STREAM || (o->type == SOCK_SEQPACKET && o->family == AF_UNIX);
}

static bool is_carried(const struct fd_object *o)
{
    bool family = o->family == AF_INET || o->family == AF_INET6 || o->family == AF_UNIX;
    return o->kind == FD_SOCKET && family && (is_stream(o) || o->type == SOCK_DGRAM);
}

/* ---- addresses ---- */

static int learn(struct gather *g, struct net_address *to, const uint8_t *sockaddr, size_t len)
{
    struct net_address a;
    int r = net_address_parse(&g->c->names, sockaddr, len, &a);
    bool better = a.kind != NET_UNKNOWN &&
                  (to->kind == NET_UNKNOWN || net_address_is_any(to) ||
                   (to->port == 0 && to->kind != NET_UNIX) || (to->kind == NET_UNIX && !to->name));
    if (r == 0 && better)
        *to = a;
    return r;
}

static int learn_from(struct gather *g, const struct fd_object *o, struct conversation *conv,
                      int end)
{
    if (o->family == AF_UNIX)
        conv->end[0].address.kind = conv->end[1].address.kind = NET_UNIX;
    int r = learn(g, &conv->end[end].address, o->local, o->local_len);
    return r == 0 ? learn(g, &conv->end[1 - end].address, o->peer, o->peer_len) : r;
}

/* ---- ends that look for each other ---- */

static int wait_for_other(struct gather *g, struct conversation *conv)
{
    if (g->n_waiting == WAITING_MAX) /* the oldest will not be found any more */
        memmove(g->waiting, g->waiting + 1, --g->n_waiting * sizeof *g->waiting);
    g->waiting[g->n_waiting++] = conv;
    return 0;
}

/* The first conversation that lacks `end` and that fits. Taken off the list. */
static struct conversation *take_waiting(struct gather *g, int end,
                                         const struct net_address *connecting,
                                         const struct net_address *listening)
{
    for (size_t i = 0; i < g->n_waiting; i++) {
        struct conversation *conv = g->waiting[i];
        const struct net_address *other = &conv->end[0].address;
        bool ports_differ =
            connecting->port != 0 && other->port != 0 && !net_address_fits(other, connecting);
        if (conv->end[end].object != 0 || ports_differ ||
            !net_address_fits(&conv->end[1].address, listening))
            continue;
        g->n_waiting--;
        memmove(g->waiting + i, g->waiting + i + 1, (g->n_waiting - i) * sizeof *g->waiting);
        return conv;
    }
    return NULL;
}

/* A connect that was begun and came to nothing: its socket may try again. */
static void drop_attempt(struct gather *g, struct conversation *conv)
{
    conv->failed = true;
    map64_take(&g->c->by_object, conv->end[0].object);
    for (size_t i = 0; i < g->n_waiting; i++) {
        if (g->waiting[i] != conv)
            continue;
        g->n_waiting--;
        memmove(g->waiting + i, g->waiting + i + 1, (g->n_waiting - i) * sizeof *g->waiting);
        return;
    }
}

static bool is_attempt(const struct conversation *conv)
{
    return conv != NULL && conv->is_stream && !conv->confirmed && conv->end[1].object == 0;
}

/* ---- calls ---- */

static const struct fd_object *socket_at(const struct gather *g, const struct walk_event *event,
                                         uint64_t fd)
{
    const struct fd_object *o = fd_follow_get(g->view.fds, event->task, (int)fd);
    return o != NULL && o->kind == FD_SOCKET ? o : NULL;
}

static int on_connect(struct gather *g, const struct walk_event *event, const struct fd_object *o)
{
    struct net_address wanted, own = {0};
    struct call_bytes bytes;
    uint8_t address[FD_ADDRESS_MAX];
    int end;
    struct conversation *conv = conversations_find(g->c, o->id, &end);
    call_bytes_in(event->call, event->call->args[1], event->call->args[2], &bytes);
    long n = bytes.range != NULL ? call_bytes_read(&bytes, NULL, 0, address, sizeof address) : 0;
    int r = net_address_parse(&g->c->names, address, n > 0 ? (size_t)n : 0, &wanted);
    if (r == 0)
        r = net_address_parse(&g->c->names, o->local, o->local_len, &own);
    bool confirmed = event->call->result == 0;
    if (conv != NULL && conv->is_stream)
        conv->confirmed = conv->confirmed || confirmed;
    if (r < 0 || wanted.kind == NET_UNKNOWN || (conv != NULL && conv->is_stream))
        return r;
    if (is_stream(o))
        conv = take_waiting(g, 0, &own, &wanted);
    bool found = conv != NULL;
    if (!found)
        r = conversations_add(g->c, is_stream(o), &conv);
    if (r < 0 || conv == NULL)
        return r;
    if (conv->end[0].address.kind == NET_UNKNOWN)
        conv->end[0].address = own;
    if (!conv->is_stream || conv->end[1].address.kind == NET_UNKNOWN ||
        net_address_is_any(&conv->end[1].address))
        conv->end[1].address = wanted;
    conv->confirmed = conv->confirmed || confirmed;
    if (!found && conv->is_stream)
        r = wait_for_other(g, conv);
    return r == 0 ? conversations_set_object(g->c, conv, 0, o->id) : r;
}

static int on_accept(struct gather *g, const struct fd_object *o)
{
    struct net_address own = {0}, peer = {0};
    struct conversation *conv;
    int r = net_address_parse(&g->c->names, o->local, o->local_len, &own);
    if (r == 0)
        r = net_address_parse(&g->c->names, o->peer, o->peer_len, &peer);
    if (r < 0)
        return r;
    conv = take_waiting(g, 1, &peer, &own);
    bool found = conv != NULL;
    if (!found)
        r = conversations_add(g->c, true, &conv);
    if (r < 0 || conv == NULL)
        return r;
    if (peer.kind != NET_UNKNOWN && (peer.kind != NET_UNIX || peer.name != 0))
        conv->end[0].address = peer;
    conv->confirmed = true;
    if (!found) {
        conv->end[1].address = own;
        r = wait_for_other(g, conv);
    }
    return r == 0 ? conversations_set_object(g->c, conv, 1, o->id) : r;
}

static int on_socketpair(struct gather *g, const struct walk_event *event)
{
    int fds[2];
    struct call_bytes bytes;
    call_bytes_out(event->call, event->call->args[3], sizeof fds, &bytes);
    if (bytes.range == NULL ||
        call_bytes_read(&bytes, NULL, 0, fds, sizeof fds) != (long)sizeof fds)
        return 0;
    const struct fd_object *a = socket_at(g, event, (uint64_t)fds[0]);
    const struct fd_object *b = socket_at(g, event, (uint64_t)fds[1]);
    struct conversation *conv;
    if (a == NULL || b == NULL || a == b)
        return 0;
    int r = conversations_add(g->c, true, &conv); /* in order and nothing lost, whatever its type */
    if (r < 0 || conv == NULL)
        return r;
    conv->end[0].address.kind = conv->end[1].address.kind = NET_UNIX;
    r = conversations_set_object(g->c, conv, 0, a->id);
    return r == 0 ? conversations_set_object(g->c, conv, 1, b->id) : r;
}

/* A socket that moves bytes though nobody saw how it came to be connected, or that never was. */
static int need_conversation(struct gather *g, const struct fd_object *o,
                             struct conversation **ret_conv, int *ret_end)
{
    *ret_conv = conversations_find(g->c, o->id, ret_end);
    int r = 0;
    if (*ret_conv == NULL) {
        r = conversations_add(g->c, is_stream(o), ret_conv);
        *ret_end = 0;
        if (r == 0 && *ret_conv != NULL)
            r = conversations_set_object(g->c, *ret_conv, 0, o->id);
    }
    return r == 0 && *ret_conv != NULL ? learn_from(g, o, *ret_conv, *ret_end) : r;
}

/* A datagram that one recorded socket sends and another receives tells the address of the first. */
static int match_datagram(struct gather *g, struct conversation *conv, const struct io_message *m)
{
    uint8_t head[256];
    long n = io_message_read(m, g->view.reader, 0, head, sizeof head);
    if (n < 0)
        return 0; /* whoever reads the bytes will say what is damaged */
    uint64_t hash = XXH3_64bits_withSeed(head, (size_t)n, m->len);
    if (m->out)
        return g->sent.len < SENT_MAX ? map64_put(&g->sent, hash, conv) : 0;
    struct conversation *sender = map64_get(&g->sent, hash);
    return sender != NULL ? learn(g, &sender->end[0].address, m->address, m->address_len) : 0;
}

static int on_messages(struct gather *g, const struct walk_event *event, const struct call_io *io,
                       struct conversation *conv)
{
    int r = 0;
    for (size_t i = 0; i < io->n_messages && r == 0; i++) {
        struct io_message m;
        if (call_io_message(event->call, io, i, &m))
            r = match_datagram(g, conv, &m);
    }
    return r;
}

static int on_io(struct gather *g, const struct walk_event *event, const struct call_io *io)
{
    const struct fd_object *both[] = {socket_at(g, event, (uint64_t)io->in_fd),
                                      socket_at(g, event, (uint64_t)io->out_fd)};
    int r = 0;
    for (size_t i = 0; i < 2 && r == 0; i++) {
        struct conversation *conv;
        int end;
        if (both[i] == NULL)
            continue;
        if (!is_carried(both[i])) {
            g->c->left_out++;
            continue;
        }
        r = need_conversation(g, both[i], &conv, &end);
        if (r < 0 || conv == NULL)
            return r;
        conv->confirmed = true;
        if (i == 1)
            conv->end[end].closed = 0; /* not the last descriptor of it, then */
        if (!conv->is_stream)
            r = on_messages(g, event, io, conv);
    }
    return r;
}

static int on_close(struct gather *g, const struct walk_event *event)
{
    const struct fd_object *o = socket_at(g, event, event->call->args[0]);
    int end;
    struct conversation *conv = o != NULL ? conversations_find(g->c, o->id, &end) : NULL;
    enum syscall_fds fds = syscall_traits(event->call->nr)->fds;
    if (fds == FDS_CLOSES && is_attempt(conv) && end == 0) {
        drop_attempt(g, conv);
        return 0;
    }
    bool sends_on = fds == FDS_SHUTS_DOWN && (int)event->call->args[1] == SHUT_RD;
    if (conv != NULL && !sends_on)
        conv->end[end].closed = event->number;
    return 0;
}

static void on_failed_connect(struct gather *g, const struct walk_event *event,
                              const struct fd_object *o)
{
    int64_t result = event->call->result;
    int end;
    struct conversation *conv = conversations_find(g->c, o->id, &end);
    bool goes_on = result == -EALREADY || result == -EINTR || result == -EISCONN;
    if (is_attempt(conv) && end == 0 && !goes_on)
        drop_attempt(g, conv);
}

static int on_name(struct gather *g, const struct walk_event *event)
{
    const struct fd_object *o = socket_at(g, event, event->call->args[0]);
    int end;
    struct conversation *conv = o != NULL ? conversations_find(g->c, o->id, &end) : NULL;
    return conv != NULL ? learn_from(g, o, conv, end) : 0;
}

static int take_call(struct gather *g, const struct walk_event *event)
{
    const struct walk_call *call = event->call;
    const struct fd_object *o;
    struct call_io io;
    enum syscall_fds fds = syscall_traits(call->nr)->fds;
    if (fds == FDS_CLOSES || fds == FDS_SHUTS_DOWN) /* before the descriptor is gone */
        return call->result == 0 ? on_close(g, event) : 0;
    int r = trace_view_settle(&g->view);
    if (r < 0)
        return r;
    if (fds == FDS_CONNECTS) {
        o = socket_at(g, event, call->args[0]);
        if (o == NULL || !is_carried(o))
            return 0;
        if (call->result == 0 || call->result == -EINPROGRESS)
            return on_connect(g, event, o);
        on_failed_connect(g, event, o);
        return 0;
    }
    if (fds == FDS_ACCEPTS) {
        o = call->result >= 0 ? socket_at(g, event, (uint64_t)call->result) : NULL;
        return o != NULL && is_carried(o) ? on_accept(g, o) : 0;
    }
    if (fds == FDS_MAKES_PAIR && syscall_traits(call->nr)->on_socket)
        return call->result == 0 ? on_socketpair(g, event) : 0;
    if (fds == FDS_BINDS || fds == FDS_TELLS_LOCAL || fds == FDS_TELLS_PEER)
        return call->result == 0 ? on_name(g, event) : 0;
    return call_io_get(call, &io) ? on_io(g, event, &io) : 0;
}

/* ---- the whole ---- */

static int walk(struct gather *g, struct err *err)
{
    const struct walk_event *event;
    struct err damage = {0};
    int r;
    while ((r = trace_view_next(&g->view, &event, &damage)) > 0) {
        if (event->call == NULL || !event->call->done || !event->call->entered)
            continue;
        r = take_call(g, event);
        if (r < 0)
            return r;
    }
    if (r == -ENOMEM)
        return err_set(err, ENOMEM, "%s", damage.msg);
    return conversations_finish(g->c);
}

int conversations_gather(struct trace_reader *reader, struct conversations *ret, struct err *err)
{
    *ret = (struct conversations){0};
    struct gather *g = calloc(1, sizeof *g);
    if (g == NULL)
        return -ENOMEM;
    g->c = ret;
    int r = trace_view_open(reader, &g->view, err);
    if (r == 0)
        r = walk(g, err);
    trace_view_done(&g->view);
    map64_done(&g->sent);
    free(g);
    if (r < 0)
        conversations_done(ret);
    return r;
}

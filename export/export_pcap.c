/* Owns which bytes of sockets become which packets, each byte once. Where both ends of a connection
 * are recorded, bytes are seen twice: when they are sent, and when they are received. They are
 * shown when the first of the two happens, but bytes that the trace does not hold of the sender
 * (record
 * --data) are left for the receiver to show. */
#include "decode/call_io.h"
#include "export/conversations.h"
#include "export/export.h"
#include "export/packets.h"
#include "export/timeline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pcap {
    const struct export_job *job;
    struct trace_view view;
    struct conversations conversations;
    struct out out;
    uint64_t begin; /* ns since 1970 */
    uint64_t packets;
    const struct walk_event *event; /* at hand */
    bool in_range;
    uint8_t payload[PACKET_PAYLOAD_MAX];
};

/* ---- packets ---- */

static void put_packet(struct pcap *p, struct packet *packet)
{
    char comment[200], scratch[CALL_NAME_MAX];
    const struct walk_event *event = p->event;
    if (!p->in_range)
        return;
    const char *name = call_text_name(event->call, scratch);
    snprintf(comment, sizeof comment, "%s %d: %s, event %" PRIu64, timeline_task_name(event->task),
             (int)event->task->tid, name, event->number);
    for (char *c = comment; *c != '\0'; c++) /* names of programs may hold anything */
        if (*c < 0x20 || *c == 0x7f)
            *c = '?';
    packet->time = p->begin + event->time;
    packet->comment = comment;
    packets_put(&p->out, packet);
    p->packets++;
}

/* Sequence numbers count from 1; the SYN has 0. */
static uint32_t seq_of(uint64_t shown)
{
    return (uint32_t)(shown + 1);
}

static void put_segment(struct pcap *p, const struct conversation *c, int from, uint8_t flags,
                        uint32_t seq, uint32_t ack)
{
    struct packet packet = {.is_tcp = true,
                            .from = &c->end[from].address,
                            .to = &c->end[1 - from].address,
                            .flags = flags,
                            .seq = seq,
                            .ack = ack,
                            .payload = ""};
    put_packet(p, &packet);
}

static void put_handshake(struct pcap *p, struct conversation *c)
{
    if (c->shown || !p->in_range)
        return;
    c->shown = true;
    put_segment(p, c, 0, TCP_SYN, 0, 0);
    put_segment(p, c, 1, TCP_SYN | TCP_ACK, 0, 1);
    put_segment(p, c, 0, TCP_ACK, 1, 1);
}

static uint32_t ack_of(const struct conversation *c, int end)
{
    const struct conv_end *other = &c->end[1 - end];
    return seq_of(other->shown) + other->finished;
}

/* An end that was closed says so when all that it sent was shown. */
static void put_finish(struct pcap *p, struct conversation *c, int from)
{
    struct conv_end *end = &c->end[from];
    bool due = end->closed != 0 && end->closed <= p->event->number && end->shown >= end->sent;
    if (!due || end->finished || !c->shown)
        return;
    put_segment(p, c, from, TCP_FIN | TCP_ACK, seq_of(end->shown), ack_of(c, from));
    end->finished = true;
    put_segment(p, c, 1 - from, TCP_ACK, seq_of(c->end[1 - from].shown) + c->end[1 - from].finished,
                ack_of(c, 1 - from));
}

/* ---- streams ---- */

/* Shows bytes [offset, offset + len) of a message as what `from` sent next. What the trace does not
 * hold is shown as a packet cut short, or, if `only_kept`, not at all. */
static int show_stream(struct pcap *p, struct conversation *c, int from, const struct io_message *m,
                       uint64_t offset, bool only_kept)
{
    struct conv_end *end = &c->end[from];
    while (offset < m->len) {
        uint64_t left = m->len - offset;
        size_t len = left < PACKET_PAYLOAD_MAX ? (size_t)left : PACKET_PAYLOAD_MAX;
        long kept =
            m->call != NULL ? io_message_read(m, p->job->reader, offset, p->payload, len) : 0;
        if (kept < 0)
            return (int)kept;
        if (only_kept)
            len = (size_t)kept;
        if (len == 0)
            break;
        struct packet packet = {.is_tcp = true,
                                .from = &end->address,
                                .to = &c->end[1 - from].address,
                                .flags = TCP_ACK | TCP_PSH,
                                .seq = seq_of(end->shown),
                                .ack = ack_of(c, from),
                                .payload = p->payload,
                                .kept = (size_t)kept,
                                .len = len};
        put_packet(p, &packet);
        end->shown += len;
        offset += len;
        if (only_kept && len < PACKET_PAYLOAD_MAX && len < left)
            break;
    }
    return p->out.error;
}

static int take_stream(struct pcap *p, struct conversation *c, int end, bool out,
                       const struct io_message *m)
{
    int from = out ? end : 1 - end;
    struct conv_end *sender = &c->end[from];
    uint64_t *at = out ? &sender->sent : &sender->received;
    uint64_t begin = *at;
    *at += m->len;
    put_handshake(p, c);
    if (!p->in_range) {
        sender->shown = *at > sender->shown ? *at : sender->shown;
        return 0;
    }
    if (sender->shown < begin && out && c->end[1 - from].object != 0)
        return 0; /* bytes before these are still to be shown by the receiver */
    if (sender->shown < begin)
        sender->shown = begin; /* lost: nobody in the trace has them */
    uint64_t skip = sender->shown - begin;
    int r =
        skip < m->len ? show_stream(p, c, from, m, skip, out && c->end[1 - from].object != 0) : 0;
    put_finish(p, c, from);
    return r;
}

/* ---- datagrams ---- */

static int take_datagram(struct pcap *p, struct conversation *c, bool out,
                         const struct io_message *m)
{
    struct net_address other = c->end[1].address;
    struct net_address told;
    int r = net_address_parse(&p->conversations.names, m->address, m->address_len, &told);
    if (r < 0)
        return r;
    if (told.kind != NET_UNKNOWN) {
        other = told;
        net_address_make_up(&other, &c->end[0].address, c->number * 2 + 1);
    }
    if (!out && conversations_has_sender(&p->conversations, &told))
        return 0; /* it was shown when it was sent */
    size_t len = m->len < PACKET_PAYLOAD_MAX ? (size_t)m->len : PACKET_PAYLOAD_MAX;
    long kept = io_message_read(m, p->job->reader, 0, p->payload, len);
    if (kept < 0)
        return (int)kept;
    struct packet packet = {.from = out ? &c->end[0].address : &other,
                            .to = out ? &other : &c->end[0].address,
                            .payload = p->payload,
                            .kept = (size_t)kept,
                            .len = len};
    put_packet(p, &packet);
    return p->out.error;
}

/* ---- calls ---- */

static struct conversation *conversation_at(const struct pcap *p, int fd, int *ret_end)
{
    const struct fd_object *o = fd_follow_get(p->view.fds, p->event->task, fd);
    if (o == NULL || o->kind != FD_SOCKET)
        return NULL;
    return conversations_find(&p->conversations, o->id, ret_end);
}

static int take_messages(struct pcap *p, const struct call_io *io, struct conversation *c, int end,
                         bool out)
{
    /* Bytes that went from descriptor to descriptor were never in memory: only their number. */
    struct io_message unseen = {.len = out ? io->out_bytes : io->in_bytes};
    if (io->n_messages == 0)
        return c->is_stream ? take_stream(p, c, end, out, &unseen) : 0;
    int r = 0;
    for (size_t i = 0; i < io->n_messages && r == 0; i++) {
        struct io_message m;
        if (!call_io_message(p->event->call, io, i, &m))
            continue;
        r = c->is_stream ? take_stream(p, c, end, out, &m) : take_datagram(p, c, out, &m);
    }
    return r;
}

static int take_io(struct pcap *p, const struct call_io *io)
{
    int end, r = 0;
    struct conversation *from = conversation_at(p, io->in_fd, &end);
    if (from != NULL && !io->kept_queued)
        r = take_messages(p, io, from, end, false);
    struct conversation *to = conversation_at(p, io->out_fd, &end);
    return r == 0 && to != NULL ? take_messages(p, io, to, end, true) : r;
}

static void take_end(struct pcap *p)
{
    int end;
    struct conversation *c = conversation_at(p, (int)p->event->call->args[0], &end);
    if (c != NULL && c->is_stream && c->end[end].closed == p->event->number)
        put_finish(p, c, end);
}

static int take_call(struct pcap *p)
{
    const struct walk_call *call = p->event->call;
    struct call_io io;
    enum syscall_fds fds = syscall_traits(call->nr)->fds;
    if (fds == FDS_CLOSES || fds == FDS_SHUTS_DOWN) {
        take_end(p);
        return p->out.error;
    }
    if (call_io_get(call, &io))
        return take_io(p, &io);
    if (fds == FDS_CONNECTS && (call->result == 0 || call->result == -EINPROGRESS)) {
        int end;
        struct conversation *c = conversation_at(p, (int)call->args[0], &end);
        if (c != NULL && c->is_stream && !c->failed)
            put_handshake(p, c);
    }
    return p->out.error;
}

static int walk(struct pcap *p, struct export_result *result, struct err *err)
{
    struct err damage = {0};
    int r;
    while ((r = trace_view_next(&p->view, &p->event, &damage)) > 0) {
        if (p->event->number > p->job->last)
            return 0;
        p->in_range = p->event->number >= p->job->first;
        if (p->event->call == NULL || !p->event->call->done || !p->event->call->entered)
            continue;
        r = take_call(p);
        if ((r == -EIO || r == -EBADMSG) && p->out.error == 0)
            return err_set(err, EBADMSG,
                           "the trace is damaged: content of event %" PRIu64 " cannot be read",
                           p->event->number);
        if (r < 0)
            return r;
    }
    if (r == -ENOMEM)
        return err_set(err, ENOMEM, "%s", damage.msg);
    if (r < 0)
        result->damage = damage;
    return 0;
}

static void note(const struct pcap *p, struct export_result *result)
{
    const struct conversations *c = &p->conversations;
    if (c->cut)
        snprintf(result->note, sizeof result->note,
                 "there are more than %zu connections; the others were left out",
                 CONVERSATIONS_MAX);
    else if (c->left_out > 0)
        snprintf(result->note, sizeof result->note,
                 "%" PRIu64 " messages of sockets that are neither TCP, UDP nor of the machine "
                 "itself (netlink ...) were left out",
                 c->left_out);
    else if (p->packets == 0)
        snprintf(result->note, sizeof result->note, "no bytes went through sockets");
}

int export_pcap(const struct export_job *job, struct export_result *ret, struct err *err)
{
    const Reprise__Header *h = trace_reader_header(job->reader);
    struct pcap *p = calloc(1, sizeof *p);
    *ret = (struct export_result){0};
    if (p == NULL)
        return -ENOMEM;
    p->job = job;
    p->out.fd = job->fd;
    p->begin = h->start_unix_ns;
    int r = conversations_gather(job->reader, &p->conversations, err);
    if (r == 0)
        r = trace_view_open(job->reader, &p->view, err);
    if (r == 0) {
        packets_begin(&p->out, &p->conversations.names, h->version);
        r = walk(p, ret, err);
    }
    if (r == 0)
        r = out_flush(&p->out);
    note(p, ret);
    conversations_done(&p->conversations);
    trace_view_done(&p->view);
    out_done(&p->out);
    free(p);
    return r;
}

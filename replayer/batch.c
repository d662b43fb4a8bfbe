/* Owns the queue of the fast stub: which calls may go there, how they look, and what is done when
 * the task stops all the same. */
#include "replayer/batch.h"

#include "replayer/apply.h"
#include "replayer/call_sites.h"
#include "replayer/fast_stub.h"
#include "replayer/task_run.h"
#include "replayer/trap_point.h"
#include "replayer/tsc_reads.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define EVENTS_MAX 1024
#define CALLS_MAX  2560

struct batch {
    struct fast_queue *queue;
    struct trace_event events[EVENTS_MAX];
    size_t n_events;
    struct batch_call {
        uint32_t event;
        uint32_t read; /* number of the time stamp in the event, if that is what it tells of ... */
        uint64_t tsc;  /* ... and the time stamp */
    } calls[CALLS_MAX];
    uint32_t offsets[CALLS_MAX + 1]; /* in the queue; the last one is the end */
    size_t n;                        /* calls */
    size_t n_reads;                  /* those of them that are reads of time stamps */
};

int batch_open(struct replayer *r)
{
    struct batch *b = calloc(1, sizeof *b);
    if (b == NULL)
        return -ENOMEM;
    b->queue = mmap((void *)FAST_QUEUE, FAST_QUEUE_SIZE, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (b->queue == MAP_FAILED) {
        int err = -errno;
        free(b);
        return err;
    }
    b->offsets[0] = FAST_FIRST_CALL;
    r->batch = b;
    return 0;
}

void batch_close(struct replayer *r)
{
    if (r->batch == NULL)
        return;
    munmap(r->batch->queue, FAST_QUEUE_SIZE);
    free(r->batch);
    r->batch = NULL;
}

/* ---- filling ---- */

static bool is_told_in_full(const Reprise__Range *range)
{
    return range->blob.len == 0 && range->hash == 0 &&
           (range->data.len == range->len || range->data.len == 0);
}

/* Bytes that the ranges take in the queue; UINT64_MAX: they cannot go there. */
static uint64_t size_of_ranges(Reprise__Range *const *v, size_t n, bool zeros_untold)
{
    uint64_t size = 0;
    for (size_t i = 0; i < n; i++) {
        if (!is_told_in_full(v[i]) || (!zeros_untold && v[i]->data.len != v[i]->len) ||
            v[i]->len > FAST_QUEUE_SIZE || is_ours(v[i]->addr, v[i]->len))
            return UINT64_MAX;
        size += sizeof(struct fast_range) + FAST_PADDED(v[i]->len);
        if (size > FAST_QUEUE_SIZE)
            return UINT64_MAX;
    }
    return size;
}

/* What goes beyond memory and result is for the replayer to do. Output is shown from the program's
 * memory; -ERESTART* concerns the kernel. */
static bool is_simple(const Reprise__Syscall *s)
{
    return s->phase == REPRISE__SYSCALL__PHASE__WHOLE && s->n_map == 0 && s->n_regs == 0 &&
           s->output == 0 && s->child == 0 && s->xstate.len == 0 && s->n_args <= 6 &&
           (s->result < -516 || s->result > -512) && s->nr == (int32_t)s->nr;
}

static uint8_t *put_ranges(uint8_t *p, Reprise__Range *const *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct fast_range *range = (void *)p;
        *range = (struct fast_range){.addr = v[i]->addr, .len = v[i]->len};
        if (v[i]->data.len > 0)
            memcpy(range->data, v[i]->data.data, v[i]->len);
        else
            memset(range->data, 0, v[i]->len);
        p = range->data + FAST_PADDED(v[i]->len);
    }
    return p;
}

static bool put_call(struct batch *b, const Reprise__Syscall *s)
{
    uint64_t in = size_of_ranges(s->in, s->n_in, false);
    uint64_t out = size_of_ranges(s->out, s->n_out, true);
    uint32_t at = b->offsets[b->n];
    if (in == UINT64_MAX || out == UINT64_MAX)
        return false;
    uint64_t size = sizeof(struct fast_call) + in + out;
    if (size > FAST_QUEUE_SIZE - at)
        return false;
    struct fast_call *c = (void *)((uint8_t *)b->queue + at);
    *c = (struct fast_call){.size = (uint32_t)size,
                            .nr = (int32_t)s->nr,
                            .ip = s->ip,
                            .n_args = (uint32_t)s->n_args,
                            .n_in = (uint32_t)s->n_in,
                            .n_out = (uint32_t)s->n_out,
                            .result = s->result};
    if (s->n_args > 0)
        memcpy(c->args, s->args, s->n_args * sizeof *s->args);
    uint8_t *p = put_ranges((uint8_t *)(c + 1), s->in, s->n_in);
    put_ranges(p, s->out, s->n_out);
    b->offsets[b->n + 1] = at + (uint32_t)size;
    return true;
}

static bool add_call(struct batch *b, const Reprise__Syscall *s, size_t read, uint64_t tsc)
{
    if (b->n == CALLS_MAX || !put_call(b, s))
        return false;
    b->calls[b->n++] =
        (struct batch_call){.event = (uint32_t)b->n_events, .read = (uint32_t)read, .tsc = tsc};
    return true;
}

static bool add_reads(struct batch *b, const Reprise__Trap *trap)
{
    uint64_t args[1], tsc = trap->tsc;
    size_t before = b->n;
    for (size_t i = 0; i <= trap->n_more; i++) {
        Reprise__Syscall s;
        tsc += i > 0 ? trap->more[i - 1] : 0;
        tsc_reads_as_call(trap, i, tsc, args, &s);
        if (!add_call(b, &s, i, tsc)) {
            b->n = before; /* all, or none */
            return false;
        }
    }
    b->n_reads += b->n - before;
    return true;
}

static bool add(struct batch *b, const Reprise__Event *e)
{
    if (tsc_reads_count(e) > 0)
        return add_reads(b, e->trap);
    return e->body_case == REPRISE__EVENT__BODY_SYSCALL && is_simple(e->syscall) &&
           add_call(b, e->syscall, 0, 0);
}

bool batch_take(struct replayer *r, const struct trace_event *event)
{
    struct batch *b = r->batch;
    const Reprise__Event *e = event->event;
    if (b->n_events == EVENTS_MAX || (b->n > 0 && b->events[0].event->task != e->task))
        return false;
    const struct rtask *t = b->n > 0 ? NULL : rtask_find(r, e->task);
    if (b->n == 0 && (t == NULL || t->pid == 0 || t->in_call))
        return false; /* apply_event() tells why not */
    if (!add(b, e))
        return false;
    b->events[b->n_events++] = *event;
    return true;
}

/* ---- running ---- */

/* Whether the task runs on to the event by itself. Else it has to stand where its last call ended:
 * that one is made by a stop. */
static bool runs_on_to(struct replayer *r, const struct rtask *t, const struct trace_event *next)
{
    if (next == NULL || next->event->task != t->serial)
        return false;
    const Reprise__Event *e = next->event;
    if (e->body_case == REPRISE__EVENT__BODY_SYSCALL)
        return e->syscall->phase != REPRISE__SYSCALL__PHASE__EXIT;
    if (e->body_case == REPRISE__EVENT__BODY_SIGNAL)
        return e->signal->at == REPRISE__SIGNAL__AT__FAULT ||
               e->signal->at == REPRISE__SIGNAL__AT__ENTRY;
    if (e->body_case == REPRISE__EVENT__BODY_TRAP)
        return trap_point_is_ready(r, t, e->trap);
    return e->body_case == REPRISE__EVENT__BODY_FETCH;
}

/* The call that the task did not answer by itself. */
static int answer_by_hand(struct replayer *r, struct rtask *t, size_t i)
{
    struct batch *b = r->batch;
    const struct batch_call *c = &b->calls[i];
    r->at = b->events[c->event];
    const Reprise__Event *e = r->at.event;
    bool is_read = tsc_reads_count(e) > 0;
    uint64_t args[1];
    Reprise__Syscall read;
    if (is_read)
        tsc_reads_as_call(e->trap, c->read, c->tsc, args, &read);
    const Reprise__Syscall *call = is_read ? &read : e->syscall;
    int err = is_read ? apply_tsc_read(r, t, e->trap, c->read, c->tsc) : apply_event(r);
    b->queue->next = b->offsets[i + 1];
    return err < 0 ? err : call_sites_hit(r, t, call->ip, call->nr);
}

/* Reads of time stamps are no calls of the program's. */
static void count_calls(struct replayer *r, size_t first, size_t n)
{
    const struct batch *b = r->batch;
    size_t calls = n;
    for (size_t i = first; b->n_reads > 0 && i < first + n; i++)
        calls -= tsc_reads_count(b->events[b->calls[i].event].event) > 0;
    r->result.syscalls += calls;
    r->result.unstopped += calls;
}

static int run(struct replayer *r, struct rtask *t, const struct trace_event *next)
{
    struct batch *b = r->batch;
    struct fast_queue *q = b->queue;
    size_t by_itself = runs_on_to(r, t, next) ? b->n : b->n - 1;
    q->next = b->offsets[0];
    q->end = b->offsets[by_itself];
    q->done = 0;
    for (size_t i = 0; i < b->n;) {
        r->at =
            next != NULL && next->event->task == t->serial ? *next : b->events[b->calls[i].event];
        int err = rtask_arrive(r, t);
        if (err < 0)
            return err;
        uint64_t done = q->done;
        q->done = 0;
        if (done > by_itself - (i < by_itself ? i : by_itself))
            return err_set(r->err, EILSEQ, "replayed task %u wrote where replay keeps its own",
                           t->serial);
        count_calls(r, i, (size_t)done);
        i += (size_t)done;
        if (i < b->n && (err = answer_by_hand(r, t, i++)) < 0)
            return err;
    }
    return 0;
}

uint64_t batch_slow_ip(const struct replayer *r)
{
    return r->batch->queue->slow_ip;
}

int batch_run(struct replayer *r, const struct trace_event *next)
{
    struct batch *b = r->batch;
    if (b->n == 0)
        return 0;
    struct rtask *t = rtask_find(r, b->events[0].event->task);
    int err = run(r, t, next);
    b->n = b->n_reads = b->n_events = 0;
    b->queue->next = b->queue->end = 0;
    return err;
}

/* positions TRACE [N]: replays a trace in steps of all lengths, and tells whether the tasks are in
 * the same state whenever a position is the same.
 *
 * One replay goes from one of N places to the next, another to some of them at once, others event
 * by event from a few on, and one by the time of the recording. Prints each position at which a
 * task differs; status 1. Needs /proc. */
#include "base/buf.h"
#include "format/trace_reader.h"
#include "replayer/inspect.h"
#include "replayer/reserved.h"
#include "task/machine.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#define PLACES_MAX 4096
#define TASKS_MAX  64
#define RED_ZONE   128

struct digest {
    uint32_t serial;
    bool has_process, in_call;
    uint64_t memory;
    struct user_regs_struct regs;
};

struct place {
    uint64_t events;
    size_t n;
    struct digest v[TASKS_MAX];
};

static struct trace_reader *trace;
static struct machine machine;
static const struct replayer_options options_of_all = {
    .machine = &machine, .stdout_fd = -1, .stderr_fd = -1};
static struct replayer_options options;
static unsigned differences, compared;

static void need(bool good, const struct err *err, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "positions: %s: %s\n", what, err->msg);
    exit(2);
}

/* Bytes below the red zone of a stack are dead: the dynamic linker leaves there what depends on the
 * CPU's mood. */
static uint64_t skip_dead(uint64_t start, uint64_t end, const struct user_regs_struct *regs)
{
    return regs->rsp > start && regs->rsp <= end && regs->rsp - RED_ZONE > start
               ? regs->rsp - RED_ZONE
               : start;
}

static void hash_range(struct replayer *r, uint32_t serial, uint64_t start, uint64_t end,
                       XXH3_state_t *state)
{
    static uint8_t bytes[1 << 16];
    XXH3_64bits_update(state, &start, sizeof start);
    while (start < end) {
        struct err err = {0};
        size_t len = end - start < sizeof bytes ? (size_t)(end - start) : sizeof bytes;
        long n = replay_read(r, serial, start, bytes, len, &err);
        if (n <= 0)
            return; /* behind the end of a file */
        XXH3_64bits_update(state, bytes, (size_t)n);
        start += (uint64_t)n;
    }
}

static uint64_t hash_memory(struct replayer *r, const struct replay_task *t,
                            const struct user_regs_struct *regs)
{
    char path[64], line[4200], prot[8];
    uint64_t start, end;
    XXH3_state_t *state = XXH3_createState();
    snprintf(path, sizeof path, "/proc/%d/maps", t->process);
    FILE *maps = fopen(path, "re");
    if (maps == NULL || state == NULL || XXH3_64bits_reset(state) == XXH_ERROR) {
        perror(path);
        exit(2);
    }
    while (fgets(line, sizeof line, maps) != NULL)
        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s", &start, &end, prot) == 3 &&
            prot[0] == 'r' && !is_ours(start, end - start) && start < TASK_TOP)
            hash_range(r, t->serial, skip_dead(start, end, regs), end, state);
    fclose(maps);
    uint64_t hash = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    return hash;
}

static int by_serial(const void *a, const void *b)
{
    const struct digest *x = a, *y = b;
    return (x->serial > y->serial) - (x->serial < y->serial);
}

static void look(struct replayer *r, struct place *p)
{
    struct replay_task t;
    size_t pos = 0;
    memset(p, 0, sizeof *p);
    p->events = replay_result(r)->events;
    while (p->n < TASKS_MAX && replay_next_task(r, &pos, &t)) {
        struct digest *d = &p->v[p->n++];
        struct err err = {0};
        d->serial = t.serial;
        d->in_call = t.in_call;
        d->has_process = t.process != 0;
        if (!d->has_process)
            continue;
        need(replay_get_regs(r, t.serial, &d->regs, &err) == 0, &err, "registers");
        d->regs.orig_rax = 0; /* the kernel's own, which no program sees */
        d->memory = hash_memory(r, &t, &d->regs);
    }
    qsort(p->v, p->n, sizeof *p->v, by_serial);
}

static void compare(const struct place *wanted, const struct place *is, const char *how)
{
    compared++;
    for (size_t i = 0; i < wanted->n || i < is->n; i++) {
        const struct digest *a = &wanted->v[i], *b = &is->v[i];
        if (i < wanted->n && i < is->n && memcmp(a, b, sizeof *a) == 0)
            continue;
        differences++;
        printf("after %" PRIu64 " events, reached %s: task %u differs (%s%s), at %#llx and %#llx\n",
               wanted->events, how, a->serial,
               memcmp(&a->regs, &b->regs, sizeof a->regs) != 0 ? "registers " : "",
               a->memory != b->memory ? "memory" : "", a->regs.rip, b->regs.rip);
    }
}

static struct replayer *open_session(void)
{
    struct replayer *r = NULL;
    struct err err = {0};
    need(replay_open(&options, &r, &err) == 0, &err, "cannot open");
    return r;
}

static enum replay_why go(struct replayer *r, uint64_t events, uint64_t time_ns)
{
    struct replay_until until = {events, time_ns};
    enum replay_why why = REPLAY_AT_END;
    struct err err = {0};
    need(replay_step(r, &until, &why, &err) == 0, &err, "replay");
    return why;
}

static uint64_t count_events(void)
{
    struct replayer *r = open_session();
    go(r, UINT64_MAX, UINT64_MAX);
    uint64_t n = replay_result(r)->events;
    replay_close(r);
    return n;
}

/* To each place after the other; the time of each, too. */
static void first_walk(struct place *places, uint64_t *times, size_t n, uint64_t events)
{
    struct replayer *r = open_session();
    for (size_t i = 0; i < n; i++) {
        uint64_t goal = events * (i + 1) / (n + 1);
        if (go(r, goal, UINT64_MAX) != REPLAY_AT_EVENTS || replay_result(r)->events != goal)
            printf("place %zu of %zu was missed\n", i, n), differences++;
        look(r, &places[i]);
        times[i] = replay_result(r)->time_ns;
    }
    if (go(r, UINT64_MAX, UINT64_MAX) != REPLAY_AT_END || replay_result(r)->events != events)
        printf("the end was missed\n"), differences++;
    replay_close(r);
}

static void at_once(const struct place *places, size_t i)
{
    static struct place here;
    struct replayer *r = open_session();
    go(r, places[i].events, UINT64_MAX);
    look(r, &here);
    compare(&places[i], &here, "at once");
    replay_close(r);
}

static void event_by_event(const struct place *places, size_t i)
{
    static struct place here;
    struct replayer *r = open_session();
    go(r, places[i].events, UINT64_MAX);
    for (uint64_t at = places[i].events; at < places[i + 1].events; at++)
        go(r, at + 1, UINT64_MAX);
    look(r, &here);
    compare(&places[i + 1], &here, "event by event");
    replay_close(r);
}

/* Times are not distinct: what was reached is at least as far as the place, and no later. */
static void by_time(const struct place *places, const uint64_t *times, size_t n)
{
    static struct place here;
    struct replayer *r = open_session();
    for (size_t i = 0; i < n; i++) {
        enum replay_why why = go(r, UINT64_MAX, times[i]);
        const struct replayer_result *so_far = replay_result(r);
        if (why == REPLAY_AT_EVENTS || so_far->events < places[i].events ||
            so_far->time_ns != times[i])
            printf("time %" PRIu64 " was missed\n", times[i]), differences++;
        if (so_far->events != places[i].events)
            continue;
        look(r, &here);
        compare(&places[i], &here, "by time");
    }
    replay_close(r);
}

int main(int argc, char **argv)
{
    struct err err = {0};
    size_t n = argc > 2 ? strtoul(argv[2], NULL, 10) : 20;
    if (argc < 2 || n < 2 || n > PLACES_MAX)
        return 2;
    need(machine_measure(&machine, getenv("REPRISE_MACHINE"), &err) == 0, &err, "machine");
    need(trace_reader_open(argv[1], &trace, &err) == 0, &err, argv[1]);
    options = options_of_all;
    options.trace = trace;
    uint64_t events = count_events();
    struct place *places = calloc(n, sizeof *places);
    uint64_t *times = calloc(n, sizeof *times);
    if (places == NULL || times == NULL)
        return 2;
    first_walk(places, times, n, events);
    for (size_t i = 0; i < n; i += 3)
        at_once(places, i);
    for (size_t i = 0; i + 1 < n; i += 5)
        event_by_event(places, i);
    by_time(places, times, n);
    printf("%" PRIu64 " events, %u positions compared, %u differences\n", events, compared,
           differences);
    trace_reader_free(trace);
    free(places);
    free(times);
    return differences > 0 || compared < n / 3 ? 1 : 0;
}

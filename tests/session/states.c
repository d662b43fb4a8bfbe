/* Owns the comparison of states: registers, and all memory that is the program's. */
#include "session/states.h"

#include "base/buf.h"
#include "format/trace_reader.h"
#include "replayer/reserved.h"
#include "task/machine.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#define RED_ZONE 128

static struct trace_reader *trace;
static struct machine machine;
static struct replayer_options options;
unsigned differences, compared;

void need(bool good, const struct err *err, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "session: %s: %s\n", what, err->msg);
    exit(2);
}

void open_trace(const char *path)
{
    struct err err = {0};
    need(machine_measure(&machine, getenv("REPRISE_MACHINE"), &err) == 0, &err, "machine");
    need(trace_reader_open(path, &trace, &err) == 0, &err, path);
    options = (struct replayer_options){
        .trace = trace, .machine = &machine, .stdout_fd = -1, .stderr_fd = -1};
}

void close_trace(void)
{
    trace_reader_free(trace);
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

void look(struct replayer *r, struct place *p)
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

void compare(const struct place *wanted, const struct place *is, const char *how)
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

struct replayer *open_session(void)
{
    struct replayer *r = NULL;
    struct err err = {0};
    need(replay_open(&options, &r, &err) == 0, &err, "cannot open");
    return r;
}

struct replay_halt go(struct replayer *r, struct replay_until until)
{
    struct replay_halt halt = {.why = REPLAY_AT_END};
    struct err err = {0};
    need(replay_step(r, &until, &halt, &err) == 0, &err, "replay");
    return halt;
}

/* arrivals TRACE ADDRESS COUNT: replays a trace with a stop at an address, at which the program
 * arrives COUNT times. Then other replays go to some of these arrivals: to the event before, and
 * from there on to the same number of arrivals; and from there to the task's next one, instruction
 * by instruction. All tasks must be in the same state there. Prints what differs; status 1. Needs
 * /proc. */
#include "session/states.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define KEPT_MAX  16
#define STEPS_MAX 1000000

struct arrival {
    struct place place;
    uint32_t task;
    uint64_t since; /* how many there were since the last event, this one included */
};

static struct replay_stop stop;

static struct replay_until until(uint64_t events, bool stops)
{
    return (struct replay_until){
        .events = events, .time_ns = UINT64_MAX, .stops = &stop, .n_stops = stops ? 1 : 0};
}

/* Counts, and keeps every so many. */
static uint64_t walk(struct arrival *kept, size_t *ret_kept, uint64_t every)
{
    struct replayer *r = open_session();
    struct replay_halt halt;
    uint64_t n = 0, events = 0, since = 0;
    *ret_kept = 0;
    while ((halt = go(r, until(UINT64_MAX, true))).why == REPLAY_AT_STOP) {
        uint64_t now = replay_result(r)->events;
        since = now == events ? since + 1 : 1;
        events = now;
        if (n++ % every != 0 || *ret_kept == KEPT_MAX)
            continue;
        struct arrival *a = &kept[(*ret_kept)++];
        look(r, &a->place);
        a->task = halt.task;
        a->since = since;
    }
    if (halt.why != REPLAY_AT_END)
        printf("the end was missed\n"), differences++;
    replay_close(r);
    return n;
}

static struct replayer *at(const struct arrival *a)
{
    static struct place here;
    struct replayer *r = open_session();
    struct replay_halt halt = go(r, until(a->place.events, false));
    for (uint64_t i = 0; i < a->since; i++)
        halt = go(r, until(UINT64_MAX, true));
    if (halt.why != REPLAY_AT_STOP || halt.task != a->task)
        printf("another task arrived\n"), differences++;
    look(r, &here);
    compare(&a->place, &here, "by arrivals");
    return r;
}

/* To the task's next arrival, as far as there is one, at once; and by single steps. */
static void step_on(const struct arrival *a)
{
    static struct place by_stop, by_steps;
    struct replay_until next = until(UINT64_MAX, true), step = until(UINT64_MAX, false);
    struct user_regs_struct regs = {0};
    struct err err = {0};
    uint64_t steps = 0;
    struct replayer *r = at(a);
    stop.task = a->task;
    int why = go(r, next).why;
    look(r, &by_stop);
    replay_close(r);
    stop.task = 0;
    if (why != REPLAY_AT_STOP)
        return;
    r = at(a);
    step.step = a->task;
    do {
        if (go(r, step).why != REPLAY_AT_STEP)
            break;
        need(replay_get_regs(r, a->task, &regs, &err) == 0, &err, "registers");
    } while (regs.rip != stop.addr && ++steps < STEPS_MAX);
    look(r, &by_steps);
    compare(&by_stop, &by_steps, "step by step");
    printf("%" PRIu64 " steps of task %u\n", steps, a->task);
    replay_close(r);
}

int main(int argc, char **argv)
{
    static struct arrival kept[KEPT_MAX];
    size_t n;
    if (argc != 4)
        return 2;
    open_trace(argv[1]);
    stop.addr = strtoull(argv[2], NULL, 16);
    uint64_t wanted = strtoull(argv[3], NULL, 10);
    uint64_t came = walk(kept, &n, wanted / KEPT_MAX + 1);
    if (came != wanted)
        printf("%" PRIu64 " arrivals, not %" PRIu64 "\n", came, wanted), differences++;
    for (size_t i = 0; i < n; i++)
        replay_close(at(&kept[i]));
    for (size_t i = 0; i < n; i += 3)
        step_on(&kept[i]);
    printf("%" PRIu64 " arrivals, %u compared, %u differences\n", came, compared, differences);
    close_trace();
    return differences > 0 || compared < 3 ? 1 : 0;
}

/* arrivals TRACE ADDRESS COUNT: replays a trace with a stop at an address, at which the program
 * arrives COUNT times. Then other replays go to some of these arrivals: to the event before, and
 * from there on to the same number of arrivals. All tasks must be in the same state there. Prints
 * what differs; status 1. Needs /proc. */
#include "session/states.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define KEPT_MAX 16

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

static void go_to(const struct arrival *a)
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
        go_to(&kept[i]);
    printf("%" PRIu64 " arrivals, %u compared, %u differences\n", came, compared, differences);
    close_trace();
    return differences > 0 || compared < 3 ? 1 : 0;
}

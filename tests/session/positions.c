/* positions TRACE [N]: replays a trace in steps of all lengths, and tells whether the tasks are in
 * the same state whenever a position is the same.
 *
 * One replay goes from one of N places to the next, another to some of them at once, others event
 * by event from a few on, and one by the time of the recording. Prints each position at which a
 * task differs; status 1. Needs /proc. */
#include "session/states.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define PLACES_MAX 4096

static uint64_t count_events(void)
{
    struct replayer *r = open_session();
    go(r, REPLAY_TO_THE_END);
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
        if (go(r, (struct replay_until){.events = goal, .time_ns = UINT64_MAX}).why !=
                REPLAY_AT_EVENTS ||
            replay_result(r)->events != goal)
            printf("place %zu of %zu was missed\n", i, n), differences++;
        look(r, &places[i]);
        times[i] = replay_result(r)->time_ns;
    }
    if (go(r, REPLAY_TO_THE_END).why != REPLAY_AT_END || replay_result(r)->events != events)
        printf("the end was missed\n"), differences++;
    replay_close(r);
}

static void at_once(const struct place *places, size_t i)
{
    static struct place here;
    struct replayer *r = open_session();
    go(r, (struct replay_until){.events = places[i].events, .time_ns = UINT64_MAX});
    look(r, &here);
    compare(&places[i], &here, "at once");
    replay_close(r);
}

static void event_by_event(const struct place *places, size_t i)
{
    static struct place here;
    struct replayer *r = open_session();
    go(r, (struct replay_until){.events = places[i].events, .time_ns = UINT64_MAX});
    for (uint64_t at = places[i].events; at < places[i + 1].events; at++)
        go(r, (struct replay_until){.events = at + 1, .time_ns = UINT64_MAX});
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
        int why = go(r, (struct replay_until){.events = UINT64_MAX, .time_ns = times[i]}).why;
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
    size_t n = argc > 2 ? strtoul(argv[2], NULL, 10) : 20;
    if (argc < 2 || n < 2 || n > PLACES_MAX)
        return 2;
    open_trace(argv[1]);
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
    close_trace();
    free(places);
    free(times);
    return differences > 0 || compared < n / 3 ? 1 : 0;
}

/* Owns the judgement over a trace that was replayed as far as possible. Refuses to call a replay
 * good of which nobody can tell that it was all. */
#include "replayer/verdict.h"

#include <errno.h>
#include <inttypes.h>

#define NS_PER_MS 1000000u

static void tell_what_is_lost(struct trace_reader *trace, const struct replayer_result *result,
                              struct err *err)
{
    const Reprise__Summary *summary = trace_reader_summary(trace);
    uint64_t ms = result->time_ns / NS_PER_MS;
    err_append(err, "\n%" PRIu64 " events were replayed, up to %" PRIu64 ".%03u s of the recording",
               result->events, ms / 1000, (unsigned)(ms % 1000));
    if (summary != NULL && summary->events > result->events)
        err_append(err, "; %" PRIu64 " events are lost", summary->events - result->events);
}

int verdict_on_trace(struct trace_reader *trace, const struct replayer_result *result, int end,
                     struct err *err)
{
    struct err damage = {0};
    if (end == 0 || end == -EILSEQ) {
        int r =
            end == 0 ? trace_reader_check_rest(trace, &damage) : trace_reader_fault(trace, &damage);
        if (r < 0) {
            if (err != NULL)
                *err = damage;
            end = r;
        }
    }
    if (end == -EBADMSG)
        tell_what_is_lost(trace, result, err);
    return end;
}

/* Owns the words for a replay that left the recording, and for a recording that is none. */
#include "replayer/diverge.h"

#include "replayer/modules.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

int diverge(struct replayer *r, const struct rtask *t, const char *fmt, ...)
{
    char what[320], place[96];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    uint64_t ip = t->arrival == ARRIVED_CALL ? t->entry.ip : regs_ip(&t->regs);
    modules_name(t->modules, ip, place, sizeof place);
    return err_set(
        r->err, EILSEQ,
        "replay diverged at event %llu of stream %u, %.6f s, task %u (process %d, %s), at "
        "%s: %s",
        (unsigned long long)r->at.number, r->at.stream, (double)r->at.event->time / 1e9, t->serial,
        t->recorded_pid, t->name, place, what);
}

int is_damaged(struct replayer *r, const char *fmt, ...)
{
    char what[320];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    return err_set(r->err, EBADMSG, "damaged trace: event %llu of stream %u: %s",
                   (unsigned long long)r->at.number, r->at.stream, what);
}

/* Owns where stops come from: the kernel, and those that were met where another one was waited for.
 */
#include "recorder/stops.h"

#include <errno.h>
#include <sys/wait.h>

void stops_met(struct recorder *r, pid_t tid, int status)
{
    const struct told told = {.tid = tid, .status = status};
    if (buf_append(&r->stops.met, &told, sizeof told) < 0)
        recorder_give_up(r, ENOMEM, "out of memory");
}

bool stops_are_left(const struct recorder *r)
{
    return r->stops.n_taken * sizeof(struct told) < r->stops.met.len;
}

static bool take_met(struct recorder *r, struct told *ret)
{
    struct stops *s = &r->stops;
    if (!stops_are_left(r))
        return false;
    const struct told *met = (const struct told *)s->met.data + s->n_taken++;
    *ret = *met;
    if (s->n_taken * sizeof *met == s->met.len) {
        buf_clear(&s->met);
        s->n_taken = 0;
    }
    return true;
}

struct told stops_next(struct recorder *r)
{
    struct told told;
    if (take_met(r, &told))
        return told;
    told.tid = waitpid(-1, &told.status, __WALL);
    if (told.tid < 0)
        told.tid = errno == EINTR ? 0 : -1;
    r->n_stops += told.tid > 0;
    return told;
}

/* A task that is killed as it waits leaves the stop that we know of, and is found stopped all the
 * same: at its exit, of which nobody was told yet. Resumed there it would never tell, and a leader
 * be a zombie that is hidden as long as it has other threads (ptrace(2), "Death under ptrace"). */
bool stops_look_for_death(struct recorder *r, struct task *t)
{
    int status;
    if (waitpid(t->tid, &status, __WALL | WNOHANG) != t->tid)
        return false;
    stops_met(r, t->tid, status);
    return true;
}

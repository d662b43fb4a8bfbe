/* Owns the search for leaders that ended without telling. A task that is killed in the moment
 * before it is resumed is at its exit stop already, and the resumption lets it pass that stop. A
 * thread is reaped then, and all is well; but a leader is a zombie of which wait tells nothing as
 * long as it has other threads (kernel/exit.c, wait_consider_task: delay_group_leader). They are
 * dying, too, and wait for the token that it had. */
#include "recorder/unseen_end.h"

#include "recorder/ending.h"
#include "task/proc.h"

/* A thread of the holder's process that waits to die. */
static const struct task *dying_thread(const struct task *holder)
{
    const struct task *t = holder->group->ready_head;
    while (t != NULL && (t->pid != holder->pid || t->due != DUE_DEATH))
        t = t->next_ready;
    return t;
}

static struct task *find(const struct recorder *r, int *ret_status)
{
    size_t pos = 0;
    for (struct task *t; (t = map64_next(&r->tasks, &pos)) != NULL;) {
        bool leads = t->group->holder == t && t->tid == t->pid && t->state != TASK_DYING;
        const struct task *other = leads ? dying_thread(t) : NULL;
        unsigned long status;
        if (other == NULL || proc_state(t->tid) != 'Z' ||
            tracee_event_message(other->tid, &status) < 0)
            continue;
        *ret_status = (int)status; /* who is killed from outside dies as the whole process does */
        return t;
    }
    return NULL;
}

void unseen_end_look(struct recorder *r)
{
    int status;
    for (struct task *t; (t = find(r, &status)) != NULL;)
        ending_unseen(r, t, status);
}

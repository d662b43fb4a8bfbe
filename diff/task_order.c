/* Owns the search for threads that changed places. The events of a run are walked in its order; an
 * event that the reference had before one that was met already has been overtaken. */
#include "diff/task_order.h"

struct scan {
    const struct partners *furthest; /* of what was met, the latest in the reference */
};

/* The event that was overtaken, with `p` being the overtaker's victim; NULL: none. */
static const struct partners *overtaker(struct scan *s, const struct partners *p)
{
    const struct partners *f = s->furthest;
    if (f != NULL && p->ref_number < f->ref_number)
        return f->task != p->task ? f : NULL;
    s->furthest = p;
    return NULL;
}

static bool same_two(const struct task_switch *s, uint32_t t, uint32_t u)
{
    return (s->earlier.task == t && s->later.task == u) ||
           (s->earlier.task == u && s->later.task == t);
}

static size_t process_of(const struct comparison *c, const struct partners *p)
{
    return c->census->tasks[p->task].leader;
}

bool task_order_find(const struct comparison *c, size_t process, uint32_t limit,
                     struct task_switch *ret)
{
    struct task_switch last = {0};
    struct scan scan = {0};
    bool found = false;
    for (size_t i = 0; i < c->n_partners && c->partners[i].run_number < limit; i++) {
        const struct partners *p = &c->partners[i];
        const struct partners *o = process_of(c, p) == process ? overtaker(&scan, p) : NULL;
        if (o == NULL)
            continue;
        last = (struct task_switch){.earlier = *o, .later = *p};
        found = true;
    }
    if (!found)
        return false;
    scan = (struct scan){0};
    for (size_t i = 0; i < c->n_partners; i++) {
        const struct partners *p = &c->partners[i];
        const struct partners *o = process_of(c, p) == process ? overtaker(&scan, p) : NULL;
        if (o == NULL || !same_two(&last, o->task, p->task))
            continue;
        *ret = (struct task_switch){.earlier = *o, .later = *p};
        return true;
    }
    return false;
}

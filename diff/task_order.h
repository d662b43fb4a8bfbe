/* Threads that share memory took turns in another order. */
#ifndef REPRISE_DIFF_TASK_ORDER_H
#define REPRISE_DIFF_TASK_ORDER_H

#include "diff/compare.h"

/* Two events of two threads: in the reference `later` came first. */
struct task_switch {
    struct partners earlier, later;
};

/* The two threads of the process (its first task) that last changed places before event number
 * `limit` of the run, and where they did so first. 0: none. */
bool task_order_find(const struct comparison *c, size_t process, uint32_t limit,
                     struct task_switch *ret);

#endif

/* The trying itself. Private to task/machine.c. */
#ifndef REPRISE_TASK_MACHINE_TRIAL_H
#define REPRISE_TASK_MACHINE_TRIAL_H

#include "task/machine.h"

/* Sets has[i] for what works here; all are false before. 0, or -errno if no child could be made.
 * Where the child may not be traced, all that needs it is missing. */
int machine_try_all(bool has[MACHINE_ABILITIES]);

#endif

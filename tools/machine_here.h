/* The machine that a command runs on, less what the environment takes away. */
#ifndef REPRISE_TOOLS_MACHINE_HERE_H
#define REPRISE_TOOLS_MACHINE_HERE_H

#include "task/machine.h"

/* As machine_measure(), with the list that REPRISE_MACHINE holds. */
int machine_here(struct machine *ret, struct err *err);
/* Prints each ability, whether it is there, and what is done without it. */
void machine_print(const struct machine *m);

#endif

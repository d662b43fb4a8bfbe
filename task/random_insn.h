/* The instructions whose answers differ each time, executed by ourselves. Intel SDM vol. 2. */
#ifndef REPRISE_TASK_RANDOM_INSN_H
#define REPRISE_TASK_RANDOM_INSN_H

#include "code/machine_code.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether this CPU has rdrand, rdseed or rdpid. */
bool random_insn_works(enum machine_insn_kind kind);
/* Executes it. False: the CPU had no number to give, which the program has to learn. */
bool random_insn_execute(enum machine_insn_kind kind, uint64_t *ret_value);

#endif

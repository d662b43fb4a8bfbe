/* What memory a repeated string instruction touches before it is over. */
#ifndef REPRISE_TASK_REP_SPAN_H
#define REPRISE_TASK_REP_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/user.h>

/* Whether the instruction that the bytes start with, executed with these registers, may read or
 * write the byte at addr. True when it cannot be told. */
bool rep_may_touch(const uint8_t *code, size_t len, const struct user_regs_struct *regs,
                   uint64_t addr);

#endif

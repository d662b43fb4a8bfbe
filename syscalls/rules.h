/* What runs the rules of a row shares with what only asks about them. Private to syscalls/. */
#ifndef REPRISE_SYSCALLS_RULES_H
#define REPRISE_SYSCALLS_RULES_H

#include "ranges.h"
#include "syscalls.h"
#include "walk.h"

#include <stdint.h>

/* The walker of a rule of kind RANGE_WALK. */
const struct walker *rules_walker(const struct range_rule *rule);

/* Lengths that the arguments alone tell. */
uint64_t rules_offered(const struct syscall_call *c, const struct range_rule *rule);

/* The commands that a rule of kind RANGE_COMMAND chooses from. */
const struct command_set *rules_command_set(const struct range_rule *rule);

/* The rules that stand for a rule of kind RANGE_COMMAND, or NULL: none. */
const struct range_rule *rules_of_command(const struct syscall_call *c,
                                          const struct range_rule *rule,
                                          struct range_rule ret_fallback[2]);

#endif

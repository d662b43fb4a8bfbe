/* A place in the code of a tracee at which it stops before the instruction: by a breakpoint
 * register of the CPU, or, where those do not hit, by an int3 in the place of the instruction's
 * first byte.
 *
 * An int3 is seen by whoever reads the code, so whoever sets one answers for that, and for its
 * being taken away whatever stop came. Both raise SIGTRAP: one that is blocked or ignored loses its
 * handler by that (kernel/signal.c, force_sig_info_to_task). */
#ifndef REPRISE_TASK_CODE_STOP_H
#define REPRISE_TASK_CODE_STOP_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

enum code_stop_kind { CODE_STOP_NONE, CODE_STOP_REGISTER, CODE_STOP_INT3 };

struct code_stop {
    enum code_stop_kind kind;
    uint64_t addr;
    uint8_t original; /* the byte that the int3 stands for */
};

/* 0; -errno, and nothing has changed. An int3 of the program's own at addr serves, too. */
int code_stop_set(pid_t tid, enum code_stop_kind kind, uint64_t addr, struct code_stop *ret);
/* Takes it away. What the program has written over the int3 since stays. 0 or -errno. */
int code_stop_clear(pid_t tid, struct code_stop *stop);

/* Whether the SIGTRAP with this siginfo, at which the task is with *regs, is the stop's. Then
 * *regs, and no more, is put back to the place: with an int3, rip is behind it. */
bool code_stop_is_hit(const struct code_stop *stop, const siginfo_t *info,
                      struct user_regs_struct *regs);

#endif

/* What this machine can do, found out by doing it: a return value proves nothing. (A hypervisor is
 * known on which prctl(PR_SET_TSC) succeeds and rdtsc does not fault, and on which breakpoint
 * registers can be written and never hit.) */
#ifndef REPRISE_TASK_MACHINE_H
#define REPRISE_TASK_MACHINE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum machine_ability {
    MACHINE_SINGLE_STEP,   /* PTRACE_SINGLESTEP */
    MACHINE_SYSEMU,        /* PTRACE_SYSEMU */
    MACHINE_MEMORY_IO,     /* process_vm_readv(2) and process_vm_writev(2) */
    MACHINE_SYSCALL_INFO,  /* PTRACE_GET_SYSCALL_INFO */
    MACHINE_TSC_TRAP,      /* rdtsc and rdtscp fault: prctl(2), PR_SET_TSC */
    MACHINE_CPUID_TRAP,    /* cpuid faults: arch_prctl(2), ARCH_SET_CPUID */
    MACHINE_BREAKPOINTS,   /* breakpoint registers stop before an instruction */
    MACHINE_WATCHPOINTS,   /* and behind a write */
    MACHINE_SECCOMP_STOPS, /* SECCOMP_RET_TRACE */
    MACHINE_USERFAULTFD,   /* userfaultfd(2), write protection that nobody waits for */
    MACHINE_PAGEMAP_SCAN,  /* ioctl_pagemap_scan(2) */
    MACHINE_PIDFD_GETFD,   /* pidfd_getfd(2) */
    MACHINE_LANDLOCK,      /* landlock(7) */
    MACHINE_ABILITIES,
};

struct machine {
    bool has[MACHINE_ABILITIES];
    bool taken[MACHINE_ABILITIES]; /* there, but REPRISE_MACHINE takes them away */
};

/* What is known of an ability, for people. */
struct machine_row {
    const char *name;    /* as REPRISE_MACHINE and `check --machine` call it */
    const char *instead; /* what is done without it; NULL: nothing runs without it */
};
const struct machine_row *machine_row(enum machine_ability a);

/* Whether it only holds traces back: no program runs differently for it. */
static inline bool machine_is_guard(enum machine_ability a)
{
    return a == MACHINE_LANDLOCK;
}

/* Tries each ability in a child of its own, which takes about a millisecond, and takes away those
 * that `less` names: a list like "-tsc-trap,-breakpoints"; "-all" for all that may be missing; NULL
 * or empty for none. 0; -EINVAL if the list is wrong; or -errno if nothing could be tried. */
int machine_measure(struct machine *ret, const char *less, struct err *err);

/* The names of those that are missing, guards apart, as "-tsc-trap,-cpuid-trap", into buf; "" if
 * none is. */
#define MACHINE_NAMES_MAX 256
const char *machine_missing(const struct machine *m, char buf[MACHINE_NAMES_MAX]);
/* The next name of such a list, without its dash, and its length; NULL behind the last. *list moves
 * on. The list may be of anybody's making. */
const char *machine_next_name(const char **list, size_t *ret_len);

#endif

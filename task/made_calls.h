/* Numbers of the calls that reprise makes: in tasks, or itself where the C library has no function.
 * What a program's call is and does is never told by comparing with these, but by its row
 * (syscalls/syscalls.h). */
#ifndef REPRISE_TASK_MADE_CALLS_H
#define REPRISE_TASK_MADE_CALLS_H

#include <sys/syscall.h>

enum made_call {
    /* in tasks: memory */
    NR_MADVISE = SYS_madvise,
    NR_MMAP = SYS_mmap,
    NR_MPROTECT = SYS_mprotect,
    NR_MREMAP = SYS_mremap,
    NR_MUNMAP = SYS_munmap,
    NR_PKEY_ALLOC = SYS_pkey_alloc,
    NR_PKEY_FREE = SYS_pkey_free,
    NR_PKEY_MPROTECT = SYS_pkey_mprotect,
    NR_USERFAULTFD = SYS_userfaultfd,
    /* in tasks: descriptors, processes, traps, signals */
    NR_ARCH_PRCTL = SYS_arch_prctl,
    NR_CLONE = SYS_clone,
    NR_CLOSE = SYS_close,
    NR_PAUSE = SYS_pause,
    NR_PRCTL = SYS_prctl,
    NR_RECVMSG = SYS_recvmsg,
    NR_RESTART_SYSCALL = SYS_restart_syscall,
    NR_RT_SIGACTION = SYS_rt_sigaction,
    NR_SECCOMP = SYS_seccomp,
    /* by the code in recorded programs */
    NR_CLOCK_GETTIME = SYS_clock_gettime,
    NR_FSTAT = SYS_fstat,
    NR_POLL = SYS_poll,
    /* by reprise itself */
    NR_CAPGET = SYS_capget,
    NR_CLOSE_RANGE = 436, /* since Linux 5.9; not in the headers of all C libraries */
    NR_GET_ROBUST_LIST = SYS_get_robust_list,
    NR_GETTIMEOFDAY = SYS_gettimeofday,
    NR_KCMP = SYS_kcmp,
    NR_PTRACE = SYS_ptrace,
    NR_RSEQ = 334, /* since Linux 4.18 */
    NR_TGKILL = SYS_tgkill,
};

#endif

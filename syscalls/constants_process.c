/* Constants of calls on processes, signals, time and limits. */
#include "constants.h"

#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>

/* clang-format off */
static const struct constant clone_bits_v[] = {
    C(CLONE_VM), C(CLONE_FS), C(CLONE_FILES), C(CLONE_SIGHAND), N(0x1000, "CLONE_PIDFD"), C(CLONE_PTRACE),
    C(CLONE_VFORK), C(CLONE_PARENT), C(CLONE_THREAD), C(CLONE_NEWNS), C(CLONE_SYSVSEM), C(CLONE_SETTLS),
    C(CLONE_PARENT_SETTID), C(CLONE_CHILD_CLEARTID), N(0x400000, "CLONE_DETACHED"), C(CLONE_UNTRACED),
    C(CLONE_CHILD_SETTID), C(CLONE_NEWCGROUP), C(CLONE_NEWUTS), C(CLONE_NEWIPC), C(CLONE_NEWUSER),
    C(CLONE_NEWPID), C(CLONE_NEWNET), {0x80000000, 0x80000000, "CLONE_IO"},
    N(0x100000000, "CLONE_CLEAR_SIGHAND"), N(0x200000000, "CLONE_INTO_CGROUP"),
    N(0x80, "CLONE_NEWTIME"),
};
FLAG_SET(clone_bits, "CLONE")

static const struct constant wait_options_v[] = {
    C(WNOHANG), C(WUNTRACED), C(WEXITED), C(WCONTINUED), C(WNOWAIT), N(0x20000000, "__WNOTHREAD"),
    N(0x40000000, "__WALL"), N(0x80000000, "__WCLONE"),
};
FLAG_SET(wait_options, "W")

static const struct constant wait_id_v[] = {
    C_IS(P_ALL), C_IS(P_PID), C_IS(P_PGID), N_IS(3, "P_PIDFD"),
};
ENUM_SET(wait_id, "P")

static const struct constant rlimit_kind_v[] = {
    N_IS(0, "RLIMIT_CPU"), N_IS(1, "RLIMIT_FSIZE"), N_IS(2, "RLIMIT_DATA"), N_IS(3, "RLIMIT_STACK"),
    N_IS(4, "RLIMIT_CORE"), N_IS(5, "RLIMIT_RSS"), N_IS(6, "RLIMIT_NPROC"), N_IS(7, "RLIMIT_NOFILE"),
    N_IS(8, "RLIMIT_MEMLOCK"), N_IS(9, "RLIMIT_AS"), N_IS(10, "RLIMIT_LOCKS"),
    N_IS(11, "RLIMIT_SIGPENDING"), N_IS(12, "RLIMIT_MSGQUEUE"), N_IS(13, "RLIMIT_NICE"),
    N_IS(14, "RLIMIT_RTPRIO"), N_IS(15, "RLIMIT_RTTIME"),
};
ENUM_SET(rlimit_kind, "RLIMIT")

static const struct constant rusage_who_v[] = {
    N_IS(0, "RUSAGE_SELF"), {0xffffffff, 0xffffffff, "RUSAGE_CHILDREN"}, N_IS(1, "RUSAGE_THREAD"),
};
ENUM_SET(rusage_who, "RUSAGE")

static const struct constant priority_which_v[] = {
    N_IS(0, "PRIO_PROCESS"), N_IS(1, "PRIO_PGRP"), N_IS(2, "PRIO_USER"),
};
ENUM_SET(priority_which, "PRIO")

static const struct constant ioprio_which_v[] = {
    N_IS(1, "IOPRIO_WHO_PROCESS"), N_IS(2, "IOPRIO_WHO_PGRP"), N_IS(3, "IOPRIO_WHO_USER"),
};
ENUM_SET(ioprio_which, "IOPRIO_WHO")

static const struct constant sched_policy_v[] = {
    N_IS(0, "SCHED_OTHER"), N_IS(1, "SCHED_FIFO"), N_IS(2, "SCHED_RR"), N_IS(3, "SCHED_BATCH"),
    N_IS(4, "SCHED_ISO"), N_IS(5, "SCHED_IDLE"), N_IS(6, "SCHED_DEADLINE"), N_IS(7, "SCHED_EXT"),
};
ENUM_SET(sched_policy, "SCHED")

static const struct constant sched_flags_v[] = {
    N(1, "SCHED_FLAG_RESET_ON_FORK"), N(2, "SCHED_FLAG_RECLAIM"), N(4, "SCHED_FLAG_DL_OVERRUN"),
    N(8, "SCHED_FLAG_KEEP_POLICY"), N(16, "SCHED_FLAG_KEEP_PARAMS"), N(32, "SCHED_FLAG_UTIL_CLAMP_MIN"),
    N(64, "SCHED_FLAG_UTIL_CLAMP_MAX"),
};
FLAG_SET(sched_flags, "SCHED_FLAG")

static const struct constant kcmp_type_v[] = {
    N_IS(0, "KCMP_FILE"), N_IS(1, "KCMP_VM"), N_IS(2, "KCMP_FILES"), N_IS(3, "KCMP_FS"),
    N_IS(4, "KCMP_SIGHAND"), N_IS(5, "KCMP_IO"), N_IS(6, "KCMP_SYSVSEM"), N_IS(7, "KCMP_EPOLL_TFD"),
};
ENUM_SET(kcmp_type, "KCMP")

static const struct constant clock_v[] = {
    N_IS(0, "CLOCK_REALTIME"), N_IS(1, "CLOCK_MONOTONIC"), N_IS(2, "CLOCK_PROCESS_CPUTIME_ID"),
    N_IS(3, "CLOCK_THREAD_CPUTIME_ID"), N_IS(4, "CLOCK_MONOTONIC_RAW"), N_IS(5, "CLOCK_REALTIME_COARSE"),
    N_IS(6, "CLOCK_MONOTONIC_COARSE"), N_IS(7, "CLOCK_BOOTTIME"), N_IS(8, "CLOCK_REALTIME_ALARM"),
    N_IS(9, "CLOCK_BOOTTIME_ALARM"), N_IS(10, "CLOCK_SGI_CYCLE"), N_IS(11, "CLOCK_TAI"),
};
ENUM_SET(clock, "CLOCK")

static const struct constant itimer_v[] = {
    N_IS(0, "ITIMER_REAL"), N_IS(1, "ITIMER_VIRTUAL"), N_IS(2, "ITIMER_PROF"),
};
ENUM_SET(itimer, "ITIMER")

static const struct constant timer_flags_v[] = {N(1, "TIMER_ABSTIME")};
FLAG_SET(timer_flags, "TIMER")

static const struct constant adjtime_modes_v[] = {
    N_IS(0x8001, "ADJ_OFFSET_SINGLESHOT"), N_IS(0xa001, "ADJ_OFFSET_SS_READ"),
    C(ADJ_OFFSET), C(ADJ_FREQUENCY), C(ADJ_MAXERROR), C(ADJ_ESTERROR), C(ADJ_STATUS), C(ADJ_TIMECONST),
    C(ADJ_TAI), C(ADJ_SETOFFSET), C(ADJ_MICRO), C(ADJ_NANO), C(ADJ_TICK),
};
FLAG_SET(adjtime_modes, "ADJ")

static const struct constant time_status_v[] = {
    C(STA_PLL), C(STA_PPSFREQ), C(STA_PPSTIME), C(STA_FLL), C(STA_INS), C(STA_DEL), C(STA_UNSYNC),
    C(STA_FREQHOLD), C(STA_PPSSIGNAL), C(STA_PPSJITTER), C(STA_PPSWANDER), C(STA_PPSERROR),
    C(STA_CLOCKERR), C(STA_NANO), C(STA_MODE), C(STA_CLK),
};
FLAG_SET(time_status, "STA")

static const struct constant time_state_v[] = {
    C_IS(TIME_OK), C_IS(TIME_INS), C_IS(TIME_DEL), C_IS(TIME_OOP), C_IS(TIME_WAIT), C_IS(TIME_ERROR),
};
ENUM_SET(time_state, "TIME")

static const struct constant sig_how_v[] = {C_IS(SIG_BLOCK), C_IS(SIG_UNBLOCK), C_IS(SIG_SETMASK)};
ENUM_SET(sig_how, "SIG")

static const struct constant sa_flags_v[] = {
    N(0x04000000, "SA_RESTORER"), C(SA_ONSTACK), C(SA_RESTART), N(0x20000000, "SA_INTERRUPT"),
    C(SA_NODEFER), {0x80000000, 0x80000000, "SA_RESETHAND"}, C(SA_SIGINFO), C(SA_NOCLDSTOP),
    C(SA_NOCLDWAIT), N(0x400, "SA_UNSUPPORTED"), N(0x800, "SA_EXPOSE_TAGBITS"),
};
FLAG_SET(sa_flags, "SA")

static const struct constant stack_flags_v[] = {
    C(SS_ONSTACK), C(SS_DISABLE), {0x80000000, 0x80000000, "SS_AUTODISARM"},
};
FLAG_SET(stack_flags, "SS")

static const struct constant sigev_notify_v[] = {
    N_IS(0, "SIGEV_SIGNAL"), N_IS(1, "SIGEV_NONE"), N_IS(2, "SIGEV_THREAD"),
    N_IS(4, "SIGEV_THREAD_ID"),
};
ENUM_SET(sigev_notify, "SIGEV")

static const struct constant cap_version_v[] = {
    C_IS(_LINUX_CAPABILITY_VERSION_1), C_IS(_LINUX_CAPABILITY_VERSION_2),
    C_IS(_LINUX_CAPABILITY_VERSION_3),
};
ENUM_SET(cap_version, "_LINUX_CAPABILITY_VERSION")

static const struct constant capabilities_v[] = {
    C_IS(CAP_CHOWN), C_IS(CAP_DAC_OVERRIDE), C_IS(CAP_DAC_READ_SEARCH), C_IS(CAP_FOWNER),
    C_IS(CAP_FSETID), C_IS(CAP_KILL), C_IS(CAP_SETGID), C_IS(CAP_SETUID), C_IS(CAP_SETPCAP),
    C_IS(CAP_LINUX_IMMUTABLE), C_IS(CAP_NET_BIND_SERVICE), C_IS(CAP_NET_BROADCAST), C_IS(CAP_NET_ADMIN),
    C_IS(CAP_NET_RAW), C_IS(CAP_IPC_LOCK), C_IS(CAP_IPC_OWNER), C_IS(CAP_SYS_MODULE),
    C_IS(CAP_SYS_RAWIO), C_IS(CAP_SYS_CHROOT), C_IS(CAP_SYS_PTRACE), C_IS(CAP_SYS_PACCT),
    C_IS(CAP_SYS_ADMIN), C_IS(CAP_SYS_BOOT), C_IS(CAP_SYS_NICE), C_IS(CAP_SYS_RESOURCE),
    C_IS(CAP_SYS_TIME), C_IS(CAP_SYS_TTY_CONFIG), C_IS(CAP_MKNOD), C_IS(CAP_LEASE),
    C_IS(CAP_AUDIT_WRITE), C_IS(CAP_AUDIT_CONTROL), C_IS(CAP_SETFCAP), C_IS(CAP_MAC_OVERRIDE),
    C_IS(CAP_MAC_ADMIN), C_IS(CAP_SYSLOG), C_IS(CAP_WAKE_ALARM), C_IS(CAP_BLOCK_SUSPEND),
    C_IS(CAP_AUDIT_READ), N_IS(38, "CAP_PERFMON"), N_IS(39, "CAP_BPF"),
    N_IS(40, "CAP_CHECKPOINT_RESTORE"),
};
ENUM_SET(capabilities, "CAP")

static const struct constant pidfd_flags_v[] = {N(04000, "PIDFD_NONBLOCK"), N(0200, "PIDFD_THREAD")};
FLAG_SET(pidfd_flags, "PIDFD")

static const struct constant dumpable_v[] = {
    N_IS(0, "SUID_DUMP_DISABLE"), N_IS(1, "SUID_DUMP_USER"), N_IS(2, "SUID_DUMP_ROOT"),
};
ENUM_SET(dumpable, "SUID_DUMP")

static const struct constant seccomp_flags_v[] = {
    N(1, "SECCOMP_FILTER_FLAG_TSYNC"), N(2, "SECCOMP_FILTER_FLAG_LOG"),
    N(4, "SECCOMP_FILTER_FLAG_SPEC_ALLOW"), N(8, "SECCOMP_FILTER_FLAG_NEW_LISTENER"),
    N(16, "SECCOMP_FILTER_FLAG_TSYNC_ESRCH"), N(32, "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"),
};
FLAG_SET(seccomp_flags, "SECCOMP_FILTER_FLAG")

static const struct constant seccomp_mode_v[] = {
    N_IS(0, "SECCOMP_MODE_DISABLED"), N_IS(1, "SECCOMP_MODE_STRICT"), N_IS(2, "SECCOMP_MODE_FILTER"),
};
ENUM_SET(seccomp_mode, "SECCOMP_MODE")

static const struct constant cap_ambient_v[] = {
    N_IS(1, "PR_CAP_AMBIENT_IS_SET"), N_IS(2, "PR_CAP_AMBIENT_RAISE"), N_IS(3, "PR_CAP_AMBIENT_LOWER"),
    N_IS(4, "PR_CAP_AMBIENT_CLEAR_ALL"),
};
ENUM_SET(cap_ambient, "PR_CAP_AMBIENT")

static const struct constant securebits_v[] = {
    N(1, "SECBIT_NOROOT"), N(2, "SECBIT_NOROOT_LOCKED"), N(4, "SECBIT_NO_SETUID_FIXUP"),
    N(8, "SECBIT_NO_SETUID_FIXUP_LOCKED"), N(16, "SECBIT_KEEP_CAPS"), N(32, "SECBIT_KEEP_CAPS_LOCKED"),
    N(64, "SECBIT_NO_CAP_AMBIENT_RAISE"), N(128, "SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED"),
};
FLAG_SET(securebits, "SECBIT")

static const struct constant tsc_mode_v[] = {N_IS(1, "PR_TSC_ENABLE"), N_IS(2, "PR_TSC_SIGSEGV")};
ENUM_SET(tsc_mode, "PR_TSC")
/* clang-format on */

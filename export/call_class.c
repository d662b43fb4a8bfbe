/* Owns the families of calls. What a row of the table tells by itself is not listed here. */
#include "export/call_class.h"

#include <sys/syscall.h>

static const char *const names[] = {
    [CLASS_OTHER] = "other",     [CLASS_FILE] = "file",     [CLASS_DESC] = "desc",
    [CLASS_NETWORK] = "network", [CLASS_MEMORY] = "memory", [CLASS_PROCESS] = "process",
    [CLASS_SIGNAL] = "signal",   [CLASS_WAIT] = "wait",
};

static const struct {
    int16_t nr;
    enum call_class is;
} listed[] = {
    {SYS_poll, CLASS_WAIT},
    {SYS_ppoll, CLASS_WAIT},
    {SYS_select, CLASS_WAIT},
    {SYS_pselect6, CLASS_WAIT},
    {SYS_epoll_wait, CLASS_WAIT},
    {SYS_epoll_pwait, CLASS_WAIT},
    {SYS_epoll_pwait2, CLASS_WAIT},
    {SYS_futex, CLASS_WAIT},
    {SYS_nanosleep, CLASS_WAIT},
    {SYS_clock_nanosleep, CLASS_WAIT},
    {SYS_pause, CLASS_WAIT},
    {SYS_wait4, CLASS_WAIT},
    {SYS_waitid, CLASS_WAIT},
    {SYS_rt_sigsuspend, CLASS_WAIT},
    {SYS_rt_sigtimedwait, CLASS_WAIT},
    {SYS_restart_syscall, CLASS_WAIT},
    {SYS_rt_sigaction, CLASS_SIGNAL},
    {SYS_rt_sigprocmask, CLASS_SIGNAL},
    {SYS_rt_sigpending, CLASS_SIGNAL},
    {SYS_rt_sigreturn, CLASS_SIGNAL},
    {SYS_rt_sigqueueinfo, CLASS_SIGNAL},
    {SYS_rt_tgsigqueueinfo, CLASS_SIGNAL},
    {SYS_sigaltstack, CLASS_SIGNAL},
    {SYS_kill, CLASS_SIGNAL},
    {SYS_tkill, CLASS_SIGNAL},
    {SYS_tgkill, CLASS_SIGNAL},
    {SYS_socket, CLASS_NETWORK},
    {SYS_socketpair, CLASS_NETWORK},
    {SYS_connect, CLASS_NETWORK},
    {SYS_accept, CLASS_NETWORK},
    {SYS_accept4, CLASS_NETWORK},
    {SYS_bind, CLASS_NETWORK},
    {SYS_listen, CLASS_NETWORK},
    {SYS_shutdown, CLASS_NETWORK},
    {SYS_sendto, CLASS_NETWORK},
    {SYS_sendmsg, CLASS_NETWORK},
    {SYS_sendmmsg, CLASS_NETWORK},
    {SYS_recvfrom, CLASS_NETWORK},
    {SYS_recvmsg, CLASS_NETWORK},
    {SYS_recvmmsg, CLASS_NETWORK},
    {SYS_getsockname, CLASS_NETWORK},
    {SYS_getpeername, CLASS_NETWORK},
    {SYS_getsockopt, CLASS_NETWORK},
    {SYS_setsockopt, CLASS_NETWORK},
    {SYS_mmap, CLASS_MEMORY}, /* although it takes a descriptor */
    {SYS_ptrace, CLASS_PROCESS},
    {SYS_prctl, CLASS_PROCESS},
};

static enum call_class by_arguments(const struct syscall_row *row)
{
    enum call_class is = CLASS_OTHER;
    for (size_t i = 0; i < row->nargs; i++) {
        if (row->args[i] == ARG_PATH)
            return CLASS_FILE;
        if (row->args[i] == ARG_FD || row->args[i] == ARG_DIRFD)
            is = CLASS_DESC;
    }
    return is;
}

enum call_class call_class_of(const struct walk_call *call)
{
    for (size_t i = 0; i < sizeof listed / sizeof listed[0]; i++)
        if (listed[i].nr == call->nr)
            return listed[i].is;
    if (call->row == NULL)
        return CLASS_OTHER;
    if (call->row->task != TASK_NONE && call->row->task != TASK_SIGRETURN)
        return CLASS_PROCESS;
    enum call_class is = by_arguments(call->row);
    return is == CLASS_OTHER && call->row->mem != MEM_NONE ? CLASS_MEMORY : is;
}

const char *call_class_name(enum call_class c)
{
    return names[c];
}

/* Which calls belong to which class: the ones of strace by name, and the few that pictures tell
 * apart. What the rows tell (a path, a descriptor) is taken from them; the rest are lists. */
#include "syscall_class.h"

#include "syscalls.h"

#include <string.h>

struct class
{
    const char *name;
    bool (*test)(const struct syscall_row *row);
    const char *calls; /* between spaces */
};

static bool takes(const struct syscall_row *row, enum arg_kind a, enum arg_kind b)
{
    for (unsigned i = 0; i < row->nargs; i++) {
        if (row->args[i] == a || row->args[i] == b)
            return true;
    }
    return false;
}

static bool is_file(const struct syscall_row *row)
{
    return takes(row, ARG_PATH, ARG_PATH);
}

static bool is_desc(const struct syscall_row *row)
{
    return takes(row, ARG_FD, ARG_DIRFD) || row->returns == TYPE_FD;
}

static bool is_any(const struct syscall_row *row)
{
    return row != NULL;
}

static const struct class classes[] = {
    {"all", is_any, ""},
    {"file", is_file, " getcwd "},
    {"desc", is_desc, " pipe pipe2 poll ppoll select pselect6 mmap "},
    {"process", NULL,
     " clone clone3 fork vfork execve execveat exit exit_group wait4 waitid kill tkill tgkill "
     "pidfd_open pidfd_send_signal rt_sigqueueinfo rt_tgsigqueueinfo unshare arch_prctl "
     "process_mrelease "},
    {"network", NULL,
     " socket socketpair bind listen connect accept accept4 getsockname getpeername shutdown "
     "sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg setsockopt getsockopt sendfile getpmsg "
     "putpmsg "},
    {"signal", NULL,
     " rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigqueueinfo "
     "rt_tgsigqueueinfo rt_sigsuspend sigaltstack pause kill tkill tgkill signalfd signalfd4 "
     "pidfd_send_signal "},
    {"ipc", NULL,
     " shmget shmat shmdt shmctl semget semop semtimedop semctl msgget msgsnd msgrcv msgctl "},
    {"memory", NULL,
     " mmap munmap mremap brk mprotect pkey_mprotect madvise process_madvise remap_file_pages "
     "msync mincore mlock mlock2 munlock mlockall munlockall mbind set_mempolicy get_mempolicy "
     "set_mempolicy_home_node migrate_pages move_pages shmat shmdt mseal map_shadow_stack "
     "io_setup io_destroy "},
    {"creds", NULL,
     " getuid geteuid getgid getegid setuid setgid setreuid setregid setresuid setresgid "
     "getresuid getresgid setfsuid setfsgid getgroups setgroups capget capset prctl "},
    {"clock", NULL,
     " time gettimeofday settimeofday adjtimex clock_adjtime clock_gettime clock_settime "
     "clock_getres "},
    {"stat", NULL, " stat "},
    {"lstat", NULL, " lstat "},
    {"fstat", NULL, " fstat newfstatat statx "},
    {"%stat", NULL, " stat lstat fstat newfstatat statx "},
    {"statfs", NULL, " statfs "},
    {"fstatfs", NULL, " fstatfs "},
    {"%statfs", NULL, " statfs fstatfs ustat "},
    {"pure", NULL,
     " getpid gettid getppid getpgrp getpgid getsid getuid geteuid getgid getegid umask "
     "getpriority sched_get_priority_max sched_get_priority_min "},
};

static enum syscall_about about_by_arguments(const struct syscall_row *row)
{
    if (syscall_arg_of_kind(row, ARG_PATH) >= 0)
        return ABOUT_FILE;
    bool desc = syscall_arg_of_kind(row, ARG_FD) >= 0 || syscall_arg_of_kind(row, ARG_DIRFD) >= 0;
    return desc ? ABOUT_DESC : ABOUT_OTHER;
}

enum syscall_about syscall_about(const struct syscall_row *row)
{
    bool controls = row->answer == ANSWER_PTRACE || row->answer == ANSWER_PRCTL;

    if (row->waits_for != WAITS_FOR_NOTHING)
        return ABOUT_WAIT;
    if (row->signal != SIGNAL_NONE)
        return ABOUT_SIGNAL;
    if (row->on_socket)
        return ABOUT_NETWORK;
    if (row->task != TASK_NONE || controls)
        return ABOUT_PROCESS;
    if (row->mem == MEM_MMAP) /* although it takes a descriptor */
        return ABOUT_MEMORY;
    enum syscall_about about = about_by_arguments(row);
    return about == ABOUT_OTHER && row->mem != MEM_NONE ? ABOUT_MEMORY : about;
}

static const struct class *find(const char *name)
{
    if (strcmp(name, "net") == 0)
        name = "network";
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (strcmp(classes[i].name, name) == 0)
            return &classes[i];
    }
    return NULL;
}

static bool lists(const char *calls, const char *name)
{
    size_t len = strlen(name);

    for (const char *p = calls; (p = strstr(p, name)) != NULL; p++) {
        if (p > calls && p[-1] == ' ' && p[len] == ' ')
            return true;
    }
    return false;
}

bool syscall_class_exists(const char *name)
{
    return find(name) != NULL;
}

bool syscall_is_of_class(int64_t nr, const char *name)
{
    const struct class *c = find(name);
    const struct syscall_row *row = syscall_row(nr);

    if (!c || !row)
        return c && c->test == is_any;
    return (c->test && c->test(row)) || lists(c->calls, row->name);
}

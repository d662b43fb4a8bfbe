/* Owns the table of what the kernel's structs hold that differs from run to run. Layouts: the man
 * page of each call, and include/uapi. */
#include "diff/field_rules.h"

#include "diff/ignored.h"
#include "syscalls/syscalls.h"

#include <errno.h>
#include <stdlib.h>

#define IGNORE(offset_, size_, as)                                                                 \
    {                                                                                              \
        .offset = (offset_), .size = (size_), .ignored = IGNORED_##as                              \
    }
#define OF_KIND(offset_, size_, kind_)                                                             \
    {                                                                                              \
        .offset = (offset_), .size = (size_), .kind = FIELD_##kind_                                \
    }
#define FIELDS(...)                                                                                \
    .fields = (const struct field[]){__VA_ARGS__},                                                 \
    .n_fields = sizeof((const struct field[]){__VA_ARGS__}) / sizeof(struct field)

/* struct stat: dev, ino; rdev; blocks; three struct timespec */
#define STAT_FIELDS                                                                                \
    FIELDS(IGNORE(0, 16, INODE), IGNORE(40, 8, INODE), IGNORE(64, 8, USAGE), IGNORE(72, 48, TIME))
#define WHOLE(size, as) FIELDS(IGNORE(0, size, as))
#define OUT(arg_)       .arg = (arg_)
#define IN(arg_)        .arg = (arg_), .in = true
#define TIMEOUT(arg_)   IN(arg_), FIELDS(OF_KIND(0, 16, TIMEOUT))

static const struct field_rule rules[] = {
    {"stat", OUT(1), .shape = SHAPE_STAT, STAT_FIELDS},
    {"fstat", OUT(1), .shape = SHAPE_STAT, STAT_FIELDS},
    {"lstat", OUT(1), .shape = SHAPE_STAT, STAT_FIELDS},
    {"newfstatat", OUT(2), .shape = SHAPE_STAT, STAT_FIELDS},
    {"statx", OUT(4),
     FIELDS(IGNORE(32, 8, INODE), IGNORE(48, 8, USAGE), IGNORE(64, 64, TIME),
            IGNORE(128, 24, INODE))},
    {"statfs", OUT(1), FIELDS(IGNORE(24, 32, USAGE), IGNORE(56, 8, INODE))},
    {"fstatfs", OUT(1), FIELDS(IGNORE(24, 32, USAGE), IGNORE(56, 8, INODE))},
    {"getdents64", OUT(1), .shape = SHAPE_DIRENTS},

    {"clock_gettime", OUT(1), .shape = SHAPE_CLOCK},
    {"gettimeofday", OUT(0), .shape = SHAPE_CLOCK},
    {"time", OUT(0), .shape = SHAPE_CLOCK},
    {"adjtimex", OUT(0), WHOLE(208, TIME)},
    {"clock_adjtime", OUT(1), WHOLE(208, TIME)},
    {"getitimer", OUT(1), WHOLE(32, TIME)},
    {"setitimer", OUT(2), WHOLE(32, TIME)},
    {"timer_gettime", OUT(1), WHOLE(32, TIME)},
    {"timer_settime", OUT(3), WHOLE(32, TIME)},
    {"timerfd_gettime", OUT(1), WHOLE(32, TIME)},
    {"timerfd_settime", OUT(3), WHOLE(32, TIME)},
    {"nanosleep", OUT(1), WHOLE(16, TIME)},
    {"clock_nanosleep", OUT(3), WHOLE(16, TIME)},
    {"select", OUT(4), WHOLE(16, TIME)},
    {"pselect6", OUT(4), WHOLE(16, TIME)},
    {"ppoll", OUT(2), WHOLE(16, TIME)},
    {"nanosleep", TIMEOUT(0)},
    {"clock_nanosleep", TIMEOUT(2)},
    {"select", TIMEOUT(4)},
    {"pselect6", TIMEOUT(4)},
    {"ppoll", TIMEOUT(2)},
    {"epoll_pwait2", TIMEOUT(3)},
    {"futex", TIMEOUT(3)},
    {"futex_wait", TIMEOUT(4)},
    {"futex_waitv", TIMEOUT(3)},
    {"recvmmsg", TIMEOUT(4)},
    {"semtimedop", TIMEOUT(3)},
    {"rt_sigtimedwait", TIMEOUT(2)},
    {"mq_timedsend", TIMEOUT(4)},
    {"mq_timedreceive", TIMEOUT(4)},
    {"setitimer", IN(1), FIELDS(OF_KIND(0, 16, TIMEOUT), OF_KIND(16, 16, TIMEOUT))},
    {"timer_settime", IN(2), FIELDS(OF_KIND(0, 16, TIMEOUT), OF_KIND(16, 16, TIMEOUT))},
    {"timerfd_settime", IN(2), FIELDS(OF_KIND(0, 16, TIMEOUT), OF_KIND(16, 16, TIMEOUT))},
    {"utime", IN(1), WHOLE(16, TIME)},
    {"utimes", IN(1), WHOLE(32, TIME)},
    {"futimesat", IN(2), WHOLE(32, TIME)},
    {"utimensat", IN(2), WHOLE(32, TIME)},

    {"times", OUT(0), WHOLE(32, USAGE)},
    {"getrusage", OUT(1), WHOLE(144, USAGE)},
    {"wait4", OUT(3), WHOLE(144, USAGE)},
    {"waitid", OUT(4), WHOLE(144, USAGE)},
    {"sysinfo", OUT(0), WHOLE(112, USAGE)},
    {"getcpu", OUT(0), WHOLE(4, USAGE)},
    {"getcpu", OUT(1), WHOLE(4, USAGE)},
    {"mincore", OUT(2), WHOLE(UINT16_MAX, USAGE)},
    {"getrandom", OUT(0), WHOLE(UINT16_MAX, RANDOM)},

    {"waitid", OUT(2), .shape = SHAPE_SIGINFO},
    {"rt_sigtimedwait", OUT(1), .shape = SHAPE_SIGINFO},
    {"clone", OUT(2), FIELDS(OF_KIND(0, 4, TASK))},
    {"clone", OUT(3), FIELDS(OF_KIND(0, 4, TASK))},
    {"capget", IN(0), FIELDS(OF_KIND(4, 4, TASK))},

    {"pipe", OUT(0), FIELDS(OF_KIND(0, 4, FD), OF_KIND(4, 4, FD))},
    {"pipe2", OUT(0), FIELDS(OF_KIND(0, 4, FD), OF_KIND(4, 4, FD))},
    {"socketpair", OUT(3), FIELDS(OF_KIND(0, 4, FD), OF_KIND(4, 4, FD))},
    {"poll", IN(0), .every = 8, FIELDS(OF_KIND(0, 4, FD))},
    {"poll", OUT(0), .every = 8, FIELDS(OF_KIND(0, 4, FD))},
    {"ppoll", IN(0), .every = 8, FIELDS(OF_KIND(0, 4, FD))},
    {"ppoll", OUT(0), .every = 8, FIELDS(OF_KIND(0, 4, FD))},

    {"connect", IN(1), .shape = SHAPE_SOCKADDR},
    {"bind", IN(1), .shape = SHAPE_SOCKADDR},
    {"sendto", IN(4), .shape = SHAPE_SOCKADDR},
    {"recvfrom", OUT(4), .shape = SHAPE_SOCKADDR},
    {"accept", OUT(1), .shape = SHAPE_SOCKADDR},
    {"accept4", OUT(1), .shape = SHAPE_SOCKADDR},
    {"getsockname", OUT(1), .shape = SHAPE_SOCKADDR},
    {"getpeername", OUT(1), .shape = SHAPE_SOCKADDR},
};

static const struct {
    const char *call;
    enum result_kind kind;
} results[] = {
    {"getpid", RESULT_TASK},
    {"gettid", RESULT_TASK},
    {"getppid", RESULT_TASK},
    {"fork", RESULT_TASK},
    {"vfork", RESULT_TASK},
    {"clone", RESULT_TASK},
    {"clone3", RESULT_TASK},
    {"wait4", RESULT_TASK},
    {"getpgid", RESULT_TASK},
    {"getpgrp", RESULT_TASK},
    {"getsid", RESULT_TASK},
    {"setsid", RESULT_TASK},
    {"set_tid_address", RESULT_TASK},
    {"open", RESULT_FD},
    {"openat", RESULT_FD},
    {"openat2", RESULT_FD},
    {"creat", RESULT_FD},
    {"dup", RESULT_FD},
    {"dup2", RESULT_FD},
    {"dup3", RESULT_FD},
    {"socket", RESULT_FD},
    {"accept", RESULT_FD},
    {"accept4", RESULT_FD},
    {"epoll_create", RESULT_FD},
    {"epoll_create1", RESULT_FD},
    {"eventfd", RESULT_FD},
    {"eventfd2", RESULT_FD},
    {"signalfd", RESULT_FD},
    {"signalfd4", RESULT_FD},
    {"timerfd_create", RESULT_FD},
    {"inotify_init", RESULT_FD},
    {"inotify_init1", RESULT_FD},
    {"fanotify_init", RESULT_FD},
    {"memfd_create", RESULT_FD},
    {"memfd_secret", RESULT_FD},
    {"pidfd_open", RESULT_FD},
    {"pidfd_getfd", RESULT_FD},
    {"mq_open", RESULT_FD},
    {"open_by_handle_at", RESULT_FD},
    {"mmap", RESULT_ADDRESS},
    {"mremap", RESULT_ADDRESS},
    {"brk", RESULT_ADDRESS},
    {"shmat", RESULT_ADDRESS},
    {"time", RESULT_TIME},
    {"alarm", RESULT_TIME},
    {"times", RESULT_USAGE},
};

/* What a handler does shows; that it ended depends on when its signal came. */
static const char *const synchronising[] = {
    "futex",           "futex_wait",      "futex_wake", "futex_waitv",  "sched_yield",
    "restart_syscall", "set_robust_list", "rseq",       "rt_sigreturn",
};

struct by_call {
    const struct field_rule *first; /* of the call; chained through `next` by place in rules */
    uint8_t result;
    bool synchronises;
};

struct field_rules {
    const struct field_rule *next[sizeof rules / sizeof rules[0]];
    size_t n;
    struct by_call calls[];
};

static struct by_call *find_call(struct field_rules *r, const char *name)
{
    int64_t nr = syscall_number(name);
    return nr >= 0 && (size_t)nr < r->n ? &r->calls[nr] : NULL;
}

int field_rules_new(struct field_rules **ret)
{
    size_t n = syscall_count();
    struct field_rules *r = calloc(1, sizeof *r + n * sizeof r->calls[0]);
    if (r == NULL)
        return -ENOMEM;
    r->n = n;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        struct by_call *call = find_call(r, rules[i].call);
        if (call == NULL)
            continue;
        r->next[i] = call->first;
        call->first = &rules[i];
    }
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
        struct by_call *call = find_call(r, results[i].call);
        if (call != NULL)
            call->result = (uint8_t)results[i].kind;
    }
    for (size_t i = 0; i < sizeof synchronising / sizeof synchronising[0]; i++) {
        struct by_call *call = find_call(r, synchronising[i]);
        if (call != NULL)
            call->synchronises = true;
    }
    *ret = r;
    return 0;
}

void field_rules_free(struct field_rules *r)
{
    free(r);
}

static const struct by_call *get_call(const struct field_rules *r, int64_t nr)
{
    return nr >= 0 && (size_t)nr < r->n ? &r->calls[nr] : NULL;
}

const struct field_rule *field_rules_find(const struct field_rules *r, int64_t nr, unsigned arg,
                                          bool in)
{
    const struct by_call *call = get_call(r, nr);
    const struct field_rule *rule = call != NULL ? call->first : NULL;
    while (rule != NULL && (rule->arg != arg || rule->in != in))
        rule = r->next[rule - rules];
    return rule;
}

enum result_kind field_rules_result(const struct field_rules *r, int64_t nr)
{
    const struct by_call *call = get_call(r, nr);
    return call != NULL ? (enum result_kind)call->result : RESULT_PLAIN;
}

bool field_rules_synchronises(const struct field_rules *r, int64_t nr)
{
    const struct by_call *call = get_call(r, nr);
    return call != NULL && call->synchronises;
}

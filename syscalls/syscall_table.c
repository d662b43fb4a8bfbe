/* The table: one row a syscall, by number, put together from the rows_*.inc files, one a family.
 * Looks rows up; knows nothing of how their rules are followed. */
#include "ranges.h"
#include "syscalls.h"

#include <asm/unistd_64.h>
#include <fcntl.h>
#include <string.h>

/* What the recorder needs to know of each type. */
enum {
#define TYPE(name, kind, form, what) KIND_##name = ARG_##kind,
#include "arg_types.inc"
#undef TYPE
};

/* ARGS(TYPE, name, TYPE, name, ...): number, types and names of the arguments. RETURNS(TYPE): of
 * the result. */
#define RETURNS(type) .returns = TYPE_##type
#define ARGS0()       .nargs = 0
#define ARGS2(k0, n0)                                                                              \
    .nargs = 1, .args = {(enum arg_kind)KIND_##k0}, .types = {TYPE_##k0}, .arg_names = {#n0}
#define ARGS4(k0, n0, k1, n1)                                                                      \
    .nargs = 2, .args = {(enum arg_kind)KIND_##k0, (enum arg_kind)KIND_##k1},                      \
    .types = {TYPE_##k0, TYPE_##k1}, .arg_names = {#n0, #n1}
#define ARGS6(k0, n0, k1, n1, k2, n2)                                                              \
    .nargs = 3,                                                                                    \
    .args = {(enum arg_kind)KIND_##k0, (enum arg_kind)KIND_##k1, (enum arg_kind)KIND_##k2},        \
    .types = {TYPE_##k0, TYPE_##k1, TYPE_##k2}, .arg_names = {#n0, #n1, #n2}
#define ARGS8(k0, n0, k1, n1, k2, n2, k3, n3)                                                      \
    .nargs = 4,                                                                                    \
    .args = {(enum arg_kind)KIND_##k0, (enum arg_kind)KIND_##k1, (enum arg_kind)KIND_##k2,         \
             (enum arg_kind)KIND_##k3},                                                            \
    .types = {TYPE_##k0, TYPE_##k1, TYPE_##k2, TYPE_##k3}, .arg_names = {#n0, #n1, #n2, #n3}
#define ARGS10(k0, n0, k1, n1, k2, n2, k3, n3, k4, n4)                                             \
    .nargs = 5,                                                                                    \
    .args = {(enum arg_kind)KIND_##k0, (enum arg_kind)KIND_##k1, (enum arg_kind)KIND_##k2,         \
             (enum arg_kind)KIND_##k3, (enum arg_kind)KIND_##k4},                                  \
    .types = {TYPE_##k0, TYPE_##k1, TYPE_##k2, TYPE_##k3, TYPE_##k4},                              \
    .arg_names = {#n0, #n1, #n2, #n3, #n4}
#define ARGS12(k0, n0, k1, n1, k2, n2, k3, n3, k4, n4, k5, n5)                                     \
    .nargs = 6,                                                                                    \
    .args = {(enum arg_kind)KIND_##k0, (enum arg_kind)KIND_##k1, (enum arg_kind)KIND_##k2,         \
             (enum arg_kind)KIND_##k3, (enum arg_kind)KIND_##k4, (enum arg_kind)KIND_##k5},        \
    .types = {TYPE_##k0, TYPE_##k1, TYPE_##k2, TYPE_##k3, TYPE_##k4, TYPE_##k5},                   \
    .arg_names = {#n0, #n1, #n2, #n3, #n4, #n5}
#define ARGS_PICK(a, b, c, d, e, f, g, h, i, j, k, l, name, ...) name
#define ARGS(...)                                                                                  \
    ARGS_PICK(__VA_ARGS__, ARGS12, , ARGS10, , ARGS8, , ARGS6, , ARGS4, , ARGS2, , )(__VA_ARGS__)

#define CHANGES_FDS SYSCALL_CHANGES_FDS
#define MAY_RAISE   SYSCALL_MAY_RAISE
#define PLAIN       .plain = true
#define VARIES      .varies = true
#define STRICT      .strict = true
#define ON_SOCKET   .on_socket = true

/* What it waits for, and what it does to descriptors. */
#define WAITS_FOR(what)       .waits_for = WAITS_FOR_##what
#define FDS(act)              .fds = FDS_##act
#define OPENS                 FDS(OPENS), .new_fd.made = MADE_FILE
#define MAKES(kind)           FDS(MAKES), .new_fd.made = MADE_##kind
#define MAKES_PAIR(kind)      FDS(MAKES_PAIR), .new_fd.made = MADE_##kind
#define CLOEXEC_IF(arg, bits) .new_fd.cloexec_arg = (arg), .new_fd.cloexec_bit = (bits)
#define CLOEXEC_ALWAYS        .new_fd.cloexec_always = true

/* Bytes go from a descriptor into memory; from memory to a descriptor, that of WRITES_FD; from a
 * descriptor to that of WRITES_FD. */
#define IN_BYTES(fd, how, where)                                                                   \
    .io.moves = MOVES_##how, .io.in = true, .io.in_fd = (fd), .io.place = PLACE_##where
#define OUT_BYTES(how, where) .io.moves = MOVES_##how, .io.out = true, .io.place = PLACE_##where
#define FD_BYTES(fd, where)                                                                        \
    .io.moves = MOVES_BETWEEN, .io.in = true, .io.in_fd = (fd), .io.out = true,                    \
    .io.place = PLACE_##where

/* Sends bytes to the descriptor in args[fd]; from memory, or from another descriptor. */
#define WRITES_FD(fd)         .flags = SYSCALL_WRITES_FD, .out_fd = (fd)
#define WRITES_FD_FROM_FD(fd) .flags = SYSCALL_WRITES_FD | SYSCALL_FD_TO_FD, .out_fd = (fd)

/* Does not wait when one of the bits is set in the argument; or when it is 0. */
#define UNLESS_SET(arg, bits) .nowait = NOWAIT_IF_SET, .nowait_arg = (arg), .nowait_bits = (bits)
#define UNLESS_ZERO(arg)      .nowait = NOWAIT_IF_ZERO, .nowait_arg = (arg)
#define WAITS_ON(arg)         .block = BLOCK_MAY, .waits_on = 1 << (arg)
#define WAITS_ON2(arg, other) .block = BLOCK_MAY, .waits_on = 1 << (arg) | 1 << (other)
enum {
    F_MSG_DONTWAIT = 0x40,
    F_WNOHANG = 1,
    F_IPC_NOWAIT = 04000,
    F_GRND_NONBLOCK = 1,
    F_LOCK_NB_OR_UN = 4 | 8,
    F_RWF_NOWAIT = 8,
    F_SPLICE_NONBLOCK = 2,
    F_CLOEXEC_1 = 1, /* MFD_CLOEXEC, FAN_CLOEXEC */
};

/* Sizes of the kernel's own structs on x86-64 where they differ from what libc shows. */
enum {
    K_SIGSET = 8,
    K_SIGACTION = 32,
    K_SIGINFO = 128,
    K_SIGEVENT = 64,
    K_STACK = 24,
    K_TIMESPEC = 16,
    K_TIMEVAL = 16,
    K_TIMEZONE = 8,
    K_ITIMERSPEC = 32,
    K_ITIMERVAL = 32,
    K_RLIMIT = 16,
    K_RUSAGE = 144,
    K_STAT = 144,
    K_STATX = 256,
    K_STATFS = 120,
    K_TIMEX = 208,
    K_POLLFD = 8,
    K_EPOLL_EVENT = 12, /* packed */
    K_SEMBUF = 6,
    K_UTSNAME = 6 * 65,
    K_SYSINFO = 112,
};

static const struct syscall_row table[] = {
#include "rows_file.inc"
#include "rows_ipc.inc"
#include "rows_memory.inc"
#include "rows_network.inc"
#include "rows_poll.inc"
#include "rows_process.inc"
#include "rows_signal.inc"
#include "rows_system.inc"
#include "rows_time.inc"
};

#define TABLE_COUNT (sizeof(table) / sizeof(table[0]))

const struct syscall_row *syscall_row(int64_t nr)
{
    if (nr < 0 || (uint64_t)nr >= TABLE_COUNT || !table[nr].name)
        return NULL;
    return &table[nr];
}

const struct syscall_row *syscall_traits(int64_t nr)
{
    static const struct syscall_row unknown = {0};
    const struct syscall_row *row = syscall_row(nr);

    return row ? row : &unknown;
}

int64_t syscall_number(const char *name)
{
    size_t i;

    for (i = 0; i < TABLE_COUNT; i++) {
        if (table[i].name && !strcmp(table[i].name, name))
            return (int64_t)i;
    }
    return -1;
}

size_t syscall_count(void)
{
    return TABLE_COUNT;
}

/* The one table that knows what a syscall is. Depends on nobody: recorder, dump and docs read it.
 */
#ifndef REPRISE_SYSCALLS_SYSCALLS_H
#define REPRISE_SYSCALLS_SYSCALLS_H

#include "traits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYSCALL_MAX_ARGS 6

/* What an argument is. Enough to print it, to find what it points to, and to follow fds. */
enum arg_kind {
    ARG_NONE = 0,
    ARG_INT,  /* signed number */
    ARG_UINT, /* unsigned number, size, mask printed in decimal */
    ARG_HEX,
    ARG_FLAGS,
    ARG_FD,
    ARG_DIRFD,
    ARG_PID,
    ARG_SIGNO,
    ARG_PATH,    /* -> string that the kernel reads */
    ARG_STRING,  /* -> other string that the kernel reads */
    ARG_STRINGS, /* -> NULL-terminated array of strings (argv, envp) */
    ARG_ADDR,    /* an address that the call does not dereference by itself */
    ARG_PTR,     /* -> memory that the kernel reads or writes, as told by the row's ranges */
};

/* What an argument, a result or a field of a struct means, more closely; see arg_types.h. */
enum arg_type {
#define TYPE(name, kind, form, what) TYPE_##name,
#include "arg_types.inc"
#undef TYPE
    TYPE_COUNT,
};

/* Whether a call may block the task for long (then it gives up the token). */
enum syscall_block {
    BLOCK_NEVER = 0,
    BLOCK_MAY,
};

/* Which argument keeps a call of BLOCK_MAY from waiting after all. */
enum syscall_nowait {
    NOWAIT_NONE = 0,
    NOWAIT_IF_SET,  /* one of nowait_bits is set in it: MSG_DONTWAIT, WNOHANG ... */
    NOWAIT_IF_ZERO, /* it is 0, as an int: a timeout */
};

/* What the call does to the address space. The recorder turns it into MapOps. */
enum syscall_mem {
    MEM_NONE = 0,
    MEM_MMAP,
    MEM_MUNMAP,
    MEM_MREMAP,
    MEM_BRK,
    MEM_MPROTECT, /* mprotect; with an argument of TYPE_PKEY: pkey_mprotect */
    MEM_MADVISE,
    MEM_SHMAT,
    MEM_SHMDT,
    MEM_PKEY_ALLOC,
    MEM_PKEY_FREE,
    MEM_REMAP_FILE_PAGES,
    MEM_FILE_SIZE,  /* may change the size of a mapped file: truncate, ftruncate, fallocate */
    MEM_FILE_WRITE, /* may change the content of a mapped file: write, pwrite, copy_file_range */
    MEM_OTHER_TASK, /* writes into another task: process_vm_writev, process_madvise */
};

/* What the call does to tasks. */
enum syscall_task {
    TASK_NONE = 0,
    TASK_CLONE,
    TASK_CLONE3,
    TASK_FORK,
    TASK_VFORK,
    TASK_EXEC,
    TASK_EXIT,
    TASK_EXIT_GROUP,
    TASK_SIGRETURN,
};

/* Who answers. Everything but KERNEL is a row for which the recorder has a handler. */
enum syscall_answer {
    ANSWER_KERNEL = 0,
    ANSWER_ENOSYS,         /* refused: io_uring_*, io_setup..., userfaultfd, perf_event_open */
    ANSWER_ENOSYS_QUIETLY, /* the same, and no word of it: every C library tries rseq */
    ANSWER_GET_AFFINITY,   /* the recorder's pin is hidden */
    ANSWER_SET_AFFINITY,
    ANSWER_PTRACE,     /* emulated: a task has one tracer, and we are it */
    ANSWER_PRCTL,      /* by option: PR_SET_TSC, PR_GET_TSC ... */
    ANSWER_ARCH_PRCTL, /* by code: ARCH_CPUID_* , ARCH_SHSTK_* */
    ANSWER_WAIT4,      /* may have to report stops of emulated tracees */
    ANSWER_WAITID,
};

enum syscall_flag {
    SYSCALL_CHANGES_FDS = 1 << 0, /* opens, closes, duplicates or receives descriptors */
    SYSCALL_MAY_RAISE = 1 << 1,   /* may make a signal pending for the caller itself, or unblock
                                     one: kill, tgkill, rt_sigprocmask ... Not write and its kin,
                                     whose result tells: -EPIPE, -EFBIG, -EINTR ... */
    SYSCALL_WRITES_FD = 1 << 2,   /* sends bytes to the fd in args[out_fd]; `result` bytes went
                                     (messages with sendmmsg) */
    SYSCALL_FD_TO_FD = 1 << 3,    /* those bytes come from another fd, not from memory:
                                     sendfile, splice, tee, copy_file_range */
    SYSCALL_NEVER_RETURNS = 1 << 4,
    SYSCALL_UNIMPLEMENTED = 1 << 5, /* fails with ENOSYS in every kernel */
    SYSCALL_COMPARED = 1 << 6, /* commands that are not listed are so on purpose: what they write
                                  cannot be told from arguments (semctl GETALL) */
};

struct syscall_row {
    const char *name;
    uint8_t nargs;
    uint8_t flags;  /* enum syscall_flag */
    uint8_t out_fd; /* index of the argument, with SYSCALL_WRITES_FD or io.out */
    enum arg_kind args[SYSCALL_MAX_ARGS];
    uint16_t types[SYSCALL_MAX_ARGS]; /* enum arg_type, each of the kind in args */
    uint16_t returns;                 /* enum arg_type of the result; TYPE_NONE: a number */
    const char *arg_names[SYSCALL_MAX_ARGS];
    enum syscall_block block; /* whatever its arguments; see syscall_may_wait() */
    uint8_t nowait;           /* enum syscall_nowait, for the argument nowait_arg */
    uint8_t nowait_arg;
    uint16_t nowait_bits;
    uint8_t waits_on; /* a bit for each fd argument: the call waits only if one of these can keep it
                         waiting, which regular files cannot; 0: whatever its descriptors are */
    bool plain;       /* may be recorded by code in the program itself: see plain_calls.h */
    enum syscall_mem mem;
    enum syscall_task task;
    enum syscall_answer answer;
    struct syscall_io io;
    enum syscall_fds fds;
    struct syscall_new_fd new_fd;
    enum syscall_waits_for waits_for;
    enum syscall_signal signal;
    enum syscall_clock clock;
    bool on_socket : 1; /* takes or makes sockets and nothing else */
    bool varies : 1;    /* tells what is another in each run and what few programs go by: inodes and
                           times    of files, use of the machine, numbers of children */
    bool random : 1;    /* fills memory with random bytes */
    bool strict : 1;    /* allowed in the strict mode of seccomp(2) */
    bool unfiltered : 1;     /* no seccomp filter sees it: a probe's */
    bool makes_dir : 1;      /* a directory, by its name */
    bool sets_clear_tid : 1; /* args[0] is the word that is cleared when the thread ends */
    /* Which memory the kernel reads and writes. syscalls/ owns the type (ranges.h, private). */
    const struct range_rule *rules;
};

/* The row, or NULL: unknown (negative, too large, or newer than the table). */
const struct syscall_row *syscall_row(int64_t nr);

/* The same, but an unknown call has a row without name, arguments or properties. */
const struct syscall_row *syscall_traits(int64_t nr);

/* The first argument of that kind, or of that type; -1: the call has none. */
int syscall_arg_of_kind(const struct syscall_row *row, enum arg_kind kind);
int syscall_arg_of_type(const struct syscall_row *row, enum arg_type type);

/* Whether the call makes a thread or a process. */
bool syscall_makes_task(const struct syscall_row *row);

/* Whether the call reads bytes of a file, or of whatever read(2) takes, into memory. */
bool syscall_reads_file(const struct syscall_row *row);

/* Which class of calls people would put it into. */
enum syscall_about syscall_about(const struct syscall_row *row);

/* The number of a name, or -1. */
int64_t syscall_number(const char *name);

/* Rows have numbers in [0, syscall_count()); some in between are NULL. */
size_t syscall_count(void);

/* ---- What memory a call touches ---- */

/* What the walkers may ask about the task. */
struct syscall_memory {
    /* Reads memory: the bytes read (short at the first unreadable page), or -errno. */
    long (*read)(void *ctx, uint64_t addr, void *dst, size_t len);
    void *ctx;
    /* The open flags of a descriptor of the task, or -errno. Only asked when O_DIRECT would matter:
     * a read that came back short, with buffer and length in whole sectors; and for vmsplice, which
     * reads or writes memory as the pipe's end is. May be NULL: then such a read is taken to have
     * filled the whole buffer, and vmsplice to have written. */
    int (*fd_flags)(void *ctx, int fd);
};

enum syscall_range_kind {
    RANGE_DATA = 0,
    RANGE_STRING,
    RANGE_STRUCT,
};

struct syscall_range {
    uint64_t addr;
    uint64_t len;
    enum syscall_range_kind kind;
};

/* Grows as needed; keep one per task and clear it between calls (n = 0). */
struct syscall_ranges {
    struct syscall_range *v;
    size_t n, cap;
};
void syscall_ranges_done(struct syscall_ranges *r);

/* A call in progress. Zero it, set nr and args at the entry stop; the walkers keep in `saved`
 * what they need from entry to exit (lengths the kernel overwrites). Free with _done. */
struct syscall_call {
    int64_t nr;
    uint64_t args[SYSCALL_MAX_ARGS];
    int64_t result; /* set by the caller at the exit stop */
    uint8_t *saved;
    size_t saved_len, saved_cap;
};
void syscall_call_done(struct syscall_call *c);

/* The commands that the call has; COMMANDS_NONE: it is one call. */
enum command_set_id syscall_commands(int64_t nr);

/* Whether it is the call with that command: COMMANDS_PRCTL, PR_SET_NAME. */
bool syscall_is_command(int64_t nr, const uint64_t args[SYSCALL_MAX_ARGS], enum command_set_id set,
                        uint32_t command);

/* Whether the task has descriptors of its own after the call. */
bool syscall_unshares_fds(int64_t nr, const uint64_t args[SYSCALL_MAX_ARGS]);

/* Whether a call may wait for long, given its arguments: BLOCK_MAY, less what MSG_DONTWAIT,
 * WNOHANG, a timeout of 0 or the command (futex, fcntl) rule out. True for calls unknown to the
 * table. */
bool syscall_may_wait(const struct syscall_call *c);

/* Whether syscall_written() will be able to tell what this call wrote; nr and args are enough.
 * False: a call, or a command of ioctl, fcntl ..., that the table lacks. Compare memory then. */
bool syscall_is_listed(const struct syscall_call *c);

/* At the entry stop: appends what the kernel will read (paths, structs, buffers to write), in a
 * fixed order, and saves what syscall_written() needs. For writes the range is the whole buffer
 * offered; it may end in memory that cannot be read. Pointers that cannot be followed give no
 * range, nor do NULL and empty ones. A call unknown to the table gives none. 0 or -ENOMEM. */
int syscall_handed(struct syscall_call *c, const struct syscall_memory *m,
                   struct syscall_ranges *ret);

/* At the exit stop, after syscall_handed() at entry: appends what the kernel wrote. May give more
 * than it wrote (a whole buffer where the kernel may write past the returned count), never less;
 * ranges may overlap. 0, -ENOMEM, or -ENOSYS: not listed.
 * For restart_syscall set nr to the number of the call that goes on: its arguments are still in the
 * registers. With nr of restart_syscall itself it is not listed.
 * Memory that a call writes for the child it makes (CLONE_CHILD_SETTID) is told when `result` is
 * 0, which is the child's return. */
int syscall_written(const struct syscall_call *c, const struct syscall_memory *m,
                    struct syscall_ranges *ret);

/* ---- Other buffers in the place of the program's ---- */

/* A stretch of memory that the kernel may write in a call, or that holds a pointer to one. */
struct syscall_buffer {
    uint64_t addr;
    uint64_t len; /* the most that it may be */
    /* Where the call has the address from: the number of an argument, or, in_memory, the address of
     * the pointer, which lies in a buffer before this one. */
    uint64_t pointer;
    bool in_memory;
    bool filled; /* only written, and when all goes well just where syscall_written() tells; else
                    what it held before must be there, too */
};

struct syscall_buffers {
    struct syscall_buffer *v;
    size_t n, cap;
};
void syscall_buffers_done(struct syscall_buffers *b);

/* At the entry stop, after syscall_handed(): appends all such stretches, so that the call can be
 * made with others in their place and what was written be copied afterwards. Stretches may overlap.
 * Not for calls that write early. 0, -ENOMEM, or -ENOSYS: they cannot be told. */
int syscall_buffers(const struct syscall_call *c, const struct syscall_memory *m,
                    struct syscall_buffers *ret);

/* Whether the kernel writes something before it lets the call wait, so that other tasks see it
 * while this one is blocked: the waiter's mark of FUTEX_LOCK_PI, the ids that clone gives out
 * before a CLONE_VFORK child runs. What was written by then is what syscall_written() tells: for
 * clone with the child's id as `result`, for others with any result. Also true for calls that wait
 * for a word which tasks and kernel share, and which stays where it is (FUTEX_WAIT_REQUEUE_PI). */
bool syscall_writes_early(const struct syscall_call *c, const struct syscall_memory *m);

#endif

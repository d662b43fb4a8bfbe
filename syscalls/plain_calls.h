/* Plain calls: those for which a recorder needs result and memory, and nothing else, and whose
 * memory is told by rules that code without a table can follow. Made from the rows that say so
 * (struct syscall_row, plain). Depends on nobody: the code that runs in recorded programs reads it,
 * too. */
#ifndef REPRISE_SYSCALLS_PLAIN_CALLS_H
#define REPRISE_SYSCALLS_PLAIN_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How long the memory at args[arg] is. `n` is args[count], as an int if `count_is_int` (then a
 * negative one counts as 0). */
enum plain_len {
    PLAIN_FIXED,        /* size */
    PLAIN_COUNT,        /* n * size */
    PLAIN_STRING,       /* to the NUL, `size` bytes at most */
    PLAIN_RESULT,       /* out: result * size, of n * size that are offered ... */
    PLAIN_DIRENTS,      /* ... the same, in entries of getdents */
    PLAIN_READ,         /* out: result, of n; received from a socket, too */
    PLAIN_VALUE_RESULT, /* out: the u32 at args[count], which is handed over and written, too */
};

/* With which results the kernel has written. -EFAULT always counts. */
enum plain_when {
    PLAIN_WHEN_DONE,     /* result >= 0 */
    PLAIN_WHEN_POSITIVE, /* result > 0 */
    PLAIN_WHEN_TRIED,    /* all but -ENOTTY, -EBADF, -ENOSYS */
    PLAIN_WHEN_ALWAYS,
};

struct plain_copy {
    bool in, out;
    bool count_is_int;
    uint8_t arg, len, when, count; /* enum plain_len, enum plain_when */
    uint16_t size;
};

#define PLAIN_COPIES 4

struct plain_call {
    uint8_t n_args;
    uint8_t reads_fd;   /* a bit for each argument: it waits unless the descriptor never does */
    uint8_t writes_fd;  /* a bit for each argument: bytes go to this descriptor */
    uint8_t closes_fd;  /* a bit for each argument: this descriptor may lead elsewhere now */
    bool returns_fd;    /* the result is a new descriptor ... */
    bool opens;         /* ... of a file that was opened by its name */
    uint8_t barred_arg; /* not plain if one of these bits is set in the argument */
    uint64_t barred;
    bool tries; /* waits by the timeout in args[3], an int, unless that is 0 */
    uint8_t n;
    struct plain_copy copies[PLAIN_COPIES];
};

/* Whether a call is plain. Not for calls that are so by command. */
bool syscall_is_plain(int64_t nr, struct plain_call *ret);

/* The commands by which a call is plain. */
struct plain_command {
    uint8_t arg;     /* holds the command ... */
    uint32_t ignore; /* ... but for these bits */
    uint32_t value;
    struct plain_call call;
};
/* The i-th of them; false: there are no more. */
bool syscall_plain_command(int64_t nr, size_t i, struct plain_command *ret);

#endif

/* What walkers stand on: one walk over a call's memory, at its entry or at its exit. Private. */
#ifndef REPRISE_SYSCALLS_WALK_H
#define REPRISE_SYSCALLS_WALK_H

#include "ranges.h"
#include "syscalls.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Kernel errors that user space never sees, but a stop at exit does (include/linux/errno.h). */
#define ERESTARTSYS           512
#define ERESTARTNOINTR        513
#define ERESTARTNOHAND        514
#define ERESTART_RESTARTBLOCK 516

/* The kernel moves no more in one call (MAX_RW_COUNT), takes no more iovecs (UIO_MAXIOV). */
#define MOST_BYTES  0x7ffff000u
#define MOST_IOVECS 1024u

struct walk {
    const struct syscall_call *call;
    const struct syscall_memory *m;
    struct syscall_ranges *ranges;
    struct syscall_buffers *buffers; /* when these are asked for */
    struct syscall_call *save;       /* at entry: where to keep things; NULL at exit */
    size_t cursor;                   /* at exit: how much of what was kept has been taken */
    int err;
};

/* A walker: what it does at entry and at exit. Either may be NULL. What `handed` keeps, `written`
 * takes in the same order. `listed` tells from the arguments alone whether `written` can answer;
 * NULL: always. */
struct walker {
    void (*handed)(struct walk *w, const struct range_rule *rule);
    void (*written)(struct walk *w, const struct range_rule *rule);
    bool (*listed)(const struct syscall_call *c);
    /* At entry: the buffers, by walk_buffer_*(). NULL with a `written`: they cannot be told. */
    void (*buffers)(struct walk *w, const struct range_rule *rule);
    /* At entry: whether it writes before the call waits. NULL: never. */
    bool (*early)(const struct syscall_call *c, const struct syscall_memory *m);
};

#define WALKER(upper, lower) extern const struct walker walker_##lower;
#include "walkers.inc"
#undef WALKER

/* ---- Results ---- */

bool result_is_error(int64_t result);
bool result_is_interrupted(int64_t result);
/* Somebody took the call, even if it failed in the end. */
bool result_was_tried(int64_t result);
/* A failure after which buffers may hold a part of the data. Those that happen every day and
 * leave them alone do not count. */
bool result_may_be_partial(int64_t result);

/* ---- Adding ranges. NULL and empty memory are left out. ---- */

void walk_add(struct walk *w, uint64_t addr, uint64_t len, enum syscall_range_kind kind);

/* As much of it as can be read: for failed calls, whose pointers may be bad. */
void walk_add_readable(struct walk *w, uint64_t addr, uint64_t len);

/* walk_add when the call went well, walk_add_readable when it failed. */
void walk_add_out(struct walk *w, uint64_t addr, uint64_t len);

/* The string at addr with its NUL; `most` bytes when there is none. */
void walk_add_string(struct walk *w, uint64_t addr, size_t most);

/* A NULL-terminated array of strings, and the strings. */
void walk_add_strings(struct walk *w, uint64_t addr);

/* ---- Adding buffers. NULL and empty ones are left out. ---- */

void walk_buffer_of_arg(struct walk *w, unsigned arg, uint64_t len, bool filled);
/* The pointer at `pointer`, which holds addr. */
void walk_buffer_at(struct walk *w, uint64_t pointer, uint64_t addr, uint64_t len, bool filled);
/* The buffers of the iovecs at addr. The array itself is one, too; the pointer to it is an argument
 * or, with in_memory, at the address `pointer`. */
void walk_buffer_iovecs(struct walk *w, uint64_t pointer, bool in_memory, uint64_t addr,
                        uint64_t count);

/* ---- Reading ---- */

/* All of it, or false. */
bool walk_read(struct walk *w, uint64_t addr, void *dst, size_t len);
bool walk_read_u32(struct walk *w, uint64_t addr, uint32_t *ret);
bool walk_read_u64(struct walk *w, uint64_t addr, uint64_t *ret);

/* At entry: keeps len bytes of the task's memory for exit. The bytes kept, valid until the next
 * keep, or NULL: they cannot be read (then nothing is there at exit either). */
const void *walk_keep(struct walk *w, uint64_t addr, size_t len);

/* At exit: what was kept, in the same order. NULL: it could not be read at entry. */
const void *walk_kept(struct walk *w, size_t *ret_len);
/* The same where exactly len bytes were kept. */
bool walk_kept_copy(struct walk *w, void *dst, size_t len);

/* ---- Shared pieces ---- */

/* What read(2) and its kin fill, given the result: `offered` bytes at addr of which `filled`
 * came back. fd < 0: no file can be behind it that is read past the count. */
void walk_add_filled(struct walk *w, int64_t fd, uint64_t addr, uint64_t offered);

struct abi_iovec {
    uint64_t base, len;
};
/* The array itself and all buffers it names. */
void walk_add_iovecs(struct walk *w, uint64_t addr, uint64_t count);
/* At entry: the array itself, kept for exit. */
void walk_keep_iovecs(struct walk *w, uint64_t addr, uint64_t count);
/* At exit: what a result of `filled` bytes filled in the kept array; the whole buffers after a
 * failure that may be partial, or when `whole`. */
void walk_add_kept_iovecs(struct walk *w, uint64_t filled, bool whole);

/* The instructions of the struct sock_fprog at addr. */
void walk_add_sock_fprog(struct walk *w, uint64_t addr);

#endif

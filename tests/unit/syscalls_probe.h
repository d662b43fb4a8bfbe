/* Makes real syscalls on buffers in an arena, and proves for each that every byte of the arena that
 * changed is told by syscall_written(). Each case runs with several fill patterns, so that a byte
 * written with the value it had shows up in one of them. */
#ifndef REPRISE_TESTS_SYSCALLS_PROBE_H
#define REPRISE_TESTS_SYSCALLS_PROBE_H

#include "syscalls/syscalls.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct probe;
typedef void (*probe_case)(struct probe *p);

/* Runs the case once for each pattern. Fails the running cmocka test with the name of the call and
 * the byte. */
void probe_run(probe_case run);

/* Calls checked so far in this process, counted once a pattern. */
unsigned probe_calls(void);

/* A buffer in the arena, filled with the pattern, apart from all others. */
void *place(struct probe *p, size_t len);
/* The same, holding a copy of what is at src. */
void *place_copy(struct probe *p, const void *src, size_t len);
void *place_string(struct probe *p, const char *s);
#define PLACE(p, value) ((__typeof__(value) *)place_copy((p), &(value), sizeof(value)))

/* An address at which nothing is mapped, right behind the last `before` bytes of a page that is. */
void *place_at_the_end(struct probe *p, size_t before);

/* The call, checked: the raw result. Missing arguments are 0. */
#define call(p, ...) CALL_TAKE(p, __VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)
#define CALL_TAKE(p, nr, a, b, c, d, e, f, ...)                                                    \
    probe_call((p), (nr),                                                                          \
               (const uint64_t[6]){(uint64_t)(a), (uint64_t)(b), (uint64_t)(c), (uint64_t)(d),     \
                                   (uint64_t)(e), (uint64_t)(f)})
int64_t probe_call(struct probe *p, int64_t nr, const uint64_t args[6]);

/* The same, and the call must succeed; and every byte told must have changed in one of the runs,
 * or the table tells too much. `slack` bytes of padding, or of values that never change, are let
 * through. */
#define call_exactly(p, slack, ...) (probe_exact((p), (slack)), call((p), __VA_ARGS__))
void probe_exact(struct probe *p, size_t slack);

/* The same, for a call that the table says it cannot tell about. */
int64_t probe_unlisted(struct probe *p, int64_t nr, const uint64_t args[6]);

/* A call that is not checked. */
int64_t raw_syscall(int64_t nr, const uint64_t args[6]);

/* Reads this process, short at what is not mapped. */
extern const struct syscall_memory probe_memory;

#endif

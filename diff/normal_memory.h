/* The bytes of a call as numbers that are the same in every run that does the same. */
#ifndef REPRISE_DIFF_NORMAL_MEMORY_H
#define REPRISE_DIFF_NORMAL_MEMORY_H

#include "decode/call_text.h"
#include "diff/model.h"

/* A range that the program handed over (`in`) or the kernel wrote. */
void normal_memory_range(struct model *m, struct mixer *mixer, const struct model_task *t,
                         const struct walk_call *c, const Reprise__Range *range, bool in);

/* What execve and execveat hand over: path, arguments, and variables in any order. */
void normal_memory_exec(struct model *m, struct mixer *mixer, const struct walk_call *c);

/* One variable of the environment; their order does not count. */
void normal_memory_variable(struct model *m, struct mixer *mixer, const void *text, size_t len);

/* Those that differ between any two shells. */
bool normal_memory_is_odd_variable(const void *text, size_t len);

void normal_memory_siginfo(struct model *m, struct mixer *mixer, const struct model_task *t,
                           const uint8_t *info, size_t len);

/* A clock's answer counts only if it is far from what the trace's own clock says. `seconds` with
 * `nanoseconds`; clock as in clock_gettime(2). */
void normal_memory_clock(struct model *m, struct mixer *mixer, int clock, int64_t seconds,
                         int64_t nanoseconds);

/* Whether the call reads a file of /proc or /sys. */
bool normal_memory_is_proc(struct model *m, const struct walk_call *c);

/* Text in which words of the run are known. */
struct normal_words {
    struct model *m;
    const struct addr_space *space; /* may be NULL */
};
void normal_memory_text(struct normal_words *w, struct mixer *mixer, const void *data, size_t len);

#endif

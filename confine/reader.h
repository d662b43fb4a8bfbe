/* A process of its own for reading what somebody else wrote, by code that may have faults. It can
 * compute, take memory, and answer; each other call of it fails or kills it (reader_filter.h). Its
 * memory and its time are bounded. Whatever becomes of it, who asks goes on, without an answer.
 *
 *     who asks                        the reader, a clone
 *     --------                        -------------------
 *     question, descriptor  -------->  maps what the descriptor is of, calls serve()
 *     answer                <--------  bytes, of any value: they are to be checked like the trace
 *
 * It is cloned, not executed: reprise runs in empty roots. So it knows what reprise knew when it
 * was started, and can tell nobody. */
#ifndef REPRISE_CONFINE_READER_H
#define REPRISE_CONFINE_READER_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define READER_QUESTION_MAX 256
#define READER_ANSWER_MAX   8192

struct reader;

struct reader_question {
    const void *bytes;
    size_t len;
    uint8_t *content; /* NULL: none came with it. It may be written: nobody sees it */
    uint64_t size;
    bool keep; /* set by who serves: the content stays mapped */
};

/* Called in the reader. Writes an answer of at most READER_ANSWER_MAX bytes, and returns its
 * length. What it keeps hangs off `state`. */
typedef size_t reader_serve_fn(void *state, struct reader_question *question, void *answer);

struct reader_limits {
    unsigned cpu_s;    /* of processor time, all in all */
    unsigned answer_s; /* for one answer */
    uint64_t memory;   /* bytes that it may take, contents among them */
};
struct reader_limits reader_limits_default(void);

/* `state` is for the reader: what becomes of it is not seen here. 0, or -errno with err. */
int reader_start(reader_serve_fn *serve, void *state, const struct reader_limits *limits,
                 struct reader **ret, struct err *err);
void reader_end(struct reader *r);

/* Asks, and waits. fd: of a file of `size` bytes to be looked into, which stays the caller's; -1:
 * none. The length of the answer, at most answer_size; or -errno with err ("what reads it was
 * killed by signal 11"): then the reader is gone, and all there is left to do is to end it.
 * -ENOTSUP: no reader is possible here. */
ssize_t reader_ask(struct reader *r, const void *question, size_t len, int fd, uint64_t size,
                   void *answer, size_t answer_size, struct err *err);

/* Its pid, for tests. */
pid_t reader_pid(const struct reader *r);

#endif

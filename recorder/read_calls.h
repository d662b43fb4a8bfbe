/* Calls that read from a descriptor: where they put what they have read. */
#ifndef REPRISE_RECORDER_READ_CALLS_H
#define REPRISE_RECORDER_READ_CALLS_H

#include "recorder/record_state.h"

#include <limits.h>
#include <sys/uio.h>

struct read_vectors {
    struct iovec v[IOV_MAX];
    size_t n;
};

/* Whether it is one of them. */
bool read_calls_are(int64_t nr);
/* The vector of `n` that lies at the address. False: it cannot be read. */
bool read_calls_take_vectors(struct task *t, uint64_t addr, uint64_t n, struct read_vectors *ret);
/* At the exit of such a call of the task: where the bytes are now, and from where in the file they
 * came. False: nobody knows. */
bool read_calls_take(struct task *t, struct read_vectors *ret_to, uint64_t *ret_from);
/* Puts other bytes there, as many as were read. */
void read_calls_put(struct task *t, const struct read_vectors *to, const uint8_t *bytes,
                    size_t len);

#endif

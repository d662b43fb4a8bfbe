/* What the tests of format share: traces in memory, events to put in, events as text. */
#ifndef REPRISE_TESTS_FORMAT_FIXTURE_H
#define REPRISE_TESTS_FORMAT_FIXTURE_H

#include "base/buf.h"
#include "format/chunk.h"
#include "format/trace_reader.h"
#include "format/trace_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A file in memory that goes away when closed. */
int fixture_file(void);
int fixture_file_of(const void *data, size_t len);

/* All bytes of a file, malloc'ed. */
uint8_t *fixture_bytes(int fd, size_t *ret_len);

/* A writer on fd that has got its header. Fails the test when it cannot. */
struct trace_writer *fixture_writer(int fd, size_t queue_bytes);

/* One call as an event: `nr` with a range of `len` bytes that follow from nr. */
int fixture_call(struct trace_writer *w, uint32_t stream, uint64_t time, int64_t nr, size_t len);

/* A closed trace of a few KiB: three streams in several chunks each, blobs, a summary. */
int fixture_small_trace(void);

/* Opens; fails the test when that fails. */
struct trace_reader *fixture_open(int fd);

/* The events of a trace as a cursor gives them. */
struct fixture_event {
    uint32_t stream;
    uint64_t number;
    uint64_t time;
    char *text;
};
struct fixture_events {
    struct fixture_event *items;
    size_t len, cap;
    int end; /* what the cursor returned last */
};
struct fixture_events fixture_events(struct trace_reader *r, uint32_t stream);
void fixture_events_done(struct fixture_events *events);

/* Builds a file chunk by chunk, with right checksums around whatever is said. */
struct fixture_raw {
    struct buf file;
    uint64_t last; /* offset of the chunk added last */
};
/* Starts with the file header and an empty HEADER chunk. */
struct fixture_raw fixture_raw(void);
/* head.raw_len 0: as long as the payload. The payload is compressed here. */
void fixture_raw_chunk(struct fixture_raw *raw, struct chunk_head head, const void *payload,
                       size_t len);
/* An EVENTS chunk of one event. */
void fixture_raw_event(struct fixture_raw *raw, struct chunk_head head,
                       const Reprise__Event *event);
/* Opens what was built; also frees it. The fd in *ret_fd is the caller's. */
int fixture_raw_open(struct fixture_raw *raw, int *ret_fd, struct trace_reader **ret,
                     struct err *err);

/* A generator that gives the same numbers every time; `seed` is not 0. */
uint64_t fixture_random(uint64_t *seed);
void fixture_fill(void *data, size_t len, uint64_t seed);

#endif

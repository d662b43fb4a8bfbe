/* The frame around everything in a trace: the header of the file and the header and checksum of
 * each chunk. doc/FORMAT.md is the specification. */
#ifndef REPRISE_FORMAT_CHUNK_H
#define REPRISE_FORMAT_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILE_HEAD_SIZE  32
#define CHUNK_HEAD_SIZE 56
#define CHUNK_SUM_SIZE  8
#define CHUNK_OVERHEAD  (CHUNK_HEAD_SIZE + CHUNK_SUM_SIZE)

/* Caps that hold for every trace: a reader refuses more, so a writer may not write it. */
#define CHUNK_RAW_MAX    (64u << 20)
#define CHUNK_STORED_MAX (CHUNK_RAW_MAX + (CHUNK_RAW_MAX >> 8) + 64) /* ZSTD_COMPRESSBOUND */

/* The largest event, so that a chunk that it ends fits CHUNK_RAW_MAX. */
#define EVENT_MAX (CHUNK_RAW_MAX - (256u << 10))

enum chunk_kind {
    CHUNK_HEADER = 1,
    CHUNK_EVENTS = 2,
    CHUNK_BLOB = 3,
    CHUNK_BLOBNAME = 4,
    CHUNK_SUMMARY = 5,
    CHUNK_INDEX = 6,
    CHUNK_END = 7, /* empty; `stream` is the offset of the last INDEX */
};

struct chunk_head {
    uint32_t kind;
    uint64_t stream;   /* EVENTS: stream; BLOB, BLOBNAME: serial of the blob; INDEX: offset of the
                          INDEX before, 0: none; END: offset of the last INDEX; otherwise 0 */
    uint64_t time;     /* EVENTS: base time, ns since the recording began; otherwise 0 */
    uint64_t complete; /* EVENTS: what happened before this time, in any stream, is in the file up
                          to the end of this chunk; otherwise 0 */
    uint32_t seq;      /* place among the chunks of its kind and stream, from 0 */
    uint32_t count;    /* messages in the payload; BLOB and END: 0 */
    uint32_t raw_len;
    uint32_t stored_len;
};

/* Bytes of a whole chunk in the file. */
static inline uint64_t chunk_size(uint32_t stored_len)
{
    return (uint64_t)CHUNK_OVERHEAD + stored_len;
}

/* "EVENTS" and the like; "?" for a kind that does not exist. */
const char *chunk_kind_name(uint32_t kind);

void file_head_encode(uint8_t out[FILE_HEAD_SIZE], uint32_t version);
/* 0 with the version; -EBADMSG: not a trace or damaged, with the reason in *ret_why. */
int file_head_decode(const uint8_t in[FILE_HEAD_SIZE], uint32_t *ret_version, const char **ret_why);

/* Fills in the header before and the checksum behind a payload that stands at
 * chunk + CHUNK_HEAD_SIZE already and has head->stored_len bytes. */
void chunk_seal(uint8_t *chunk, const struct chunk_head *head);

/* Decodes a header and checks it: 0, or -EBADMSG. */
int chunk_head_decode(const uint8_t in[CHUNK_HEAD_SIZE], struct chunk_head *ret);

/* Whether the checksum behind the payload of a whole chunk is right. */
bool chunk_sum_ok(const uint8_t *chunk, uint32_t stored_len);

#endif

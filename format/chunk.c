/* Owns the bytes of the file header and of chunk headers, for reader and writer alike. Knows
 * nothing of files and of what is in a payload. */
#include "format/chunk.h"

#include "format/bytes.h"

#include <errno.h>
#include <xxhash.h>

static const uint8_t file_magic[8] = {0x89, 'r', 'e', 'p', 'r', 'i', 's', 'e'};
#define BYTE_ORDER_MARK 0x01020304u

#define CHUNK_MAGIC 0x4b435052u /* "RPCK" */

const char *chunk_kind_name(uint32_t kind)
{
    static const char *const names[] = {
        [CHUNK_HEADER] = "HEADER",     [CHUNK_EVENTS] = "EVENTS",   [CHUNK_BLOB] = "BLOB",
        [CHUNK_BLOBNAME] = "BLOBNAME", [CHUNK_SUMMARY] = "SUMMARY", [CHUNK_INDEX] = "INDEX",
        [CHUNK_END] = "END",
    };
    return kind >= CHUNK_HEADER && kind <= CHUNK_END ? names[kind] : "?";
}

void file_head_encode(uint8_t out[FILE_HEAD_SIZE], uint32_t version)
{
    memset(out, 0, FILE_HEAD_SIZE);
    memcpy(out, file_magic, sizeof file_magic);
    put_le32(out + 8, version);
    put_le32(out + 12, BYTE_ORDER_MARK);
    put_le64(out + 24, XXH3_64bits(out, 24));
}

int file_head_decode(const uint8_t in[FILE_HEAD_SIZE], uint32_t *ret_version, const char **ret_why)
{
    if (memcmp(in, file_magic, sizeof file_magic) != 0) {
        *ret_why = "it does not begin like one";
        return -EBADMSG;
    }
    if (get_le64(in + 24) != XXH3_64bits(in, 24)) {
        *ret_why = "its first 32 bytes are damaged";
        return -EBADMSG;
    }
    if (get_le32(in + 12) != BYTE_ORDER_MARK) {
        *ret_why = "it was written in another byte order";
        return -EBADMSG;
    }
    *ret_version = get_le32(in + 8);
    return 0;
}

void chunk_seal(uint8_t *chunk, const struct chunk_head *head)
{
    put_le32(chunk, CHUNK_MAGIC);
    put_le32(chunk + 4, head->kind);
    put_le64(chunk + 8, head->stream);
    put_le64(chunk + 16, head->time);
    put_le64(chunk + 24, head->complete);
    put_le32(chunk + 32, head->seq);
    put_le32(chunk + 36, head->count);
    put_le32(chunk + 40, head->raw_len);
    put_le32(chunk + 44, head->stored_len);
    put_le64(chunk + 48, XXH3_64bits(chunk, 48));
    size_t len = (size_t)CHUNK_HEAD_SIZE + head->stored_len;
    put_le64(chunk + len, XXH3_64bits(chunk, len));
}

int chunk_head_decode(const uint8_t in[CHUNK_HEAD_SIZE], struct chunk_head *ret)
{
    if (get_le32(in) != CHUNK_MAGIC || get_le64(in + 48) != XXH3_64bits(in, 48))
        return -EBADMSG;
    struct chunk_head h = {
        .kind = get_le32(in + 4),
        .stream = get_le64(in + 8),
        .time = get_le64(in + 16),
        .complete = get_le64(in + 24),
        .seq = get_le32(in + 32),
        .count = get_le32(in + 36),
        .raw_len = get_le32(in + 40),
        .stored_len = get_le32(in + 44),
    };
    if (h.kind < CHUNK_HEADER || h.kind > CHUNK_END || h.raw_len > CHUNK_RAW_MAX ||
        h.stored_len > CHUNK_STORED_MAX)
        return -EBADMSG;
    *ret = h;
    return 0;
}

bool chunk_sum_ok(const uint8_t *chunk, uint32_t stored_len)
{
    size_t len = (size_t)CHUNK_HEAD_SIZE + stored_len;
    return get_le64(chunk + len) == XXH3_64bits(chunk, len);
}

/* What the fuzzers of traces share: a mutator that knows chunks. It changes payloads behind
 * compression and checksums and repairs those, so that the fuzzer gets to the code behind them. */
#include "base/buf.h"
#include "format/bytes.h"
#include "format/chunk.h"
#include "format/delimited.h"
#include "format/trace_reader.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

#define MAX_CHUNKS 64
#define MAX_RAW    (64u << 10)

struct piece {
    struct chunk_head head;
    uint8_t *raw; /* decompressed payload */
    size_t len;
};

struct pieces {
    struct piece items[MAX_CHUNKS];
    size_t len;
};

static void free_pieces(struct pieces *p)
{
    for (size_t i = 0; i < p->len; i++)
        free(p->items[i].raw);
}

/* Takes apart what looks like chunks, right checksums or not. */
static void parse(const uint8_t *data, size_t size, struct pieces *p)
{
    p->len = 0;
    for (size_t at = FILE_HEAD_SIZE; size >= at + CHUNK_OVERHEAD && p->len < MAX_CHUNKS;) {
        const uint8_t *h = data + at;
        struct piece *piece = &p->items[p->len];
        piece->head = (struct chunk_head){
            .kind = get_le32(h + 4),
            .stream = get_le64(h + 8),
            .time = get_le64(h + 16),
            .complete = get_le64(h + 24),
            .seq = get_le32(h + 32),
            .count = get_le32(h + 36),
            .raw_len = get_le32(h + 40),
            .stored_len = get_le32(h + 44),
        };
        if (piece->head.stored_len > size - at - CHUNK_OVERHEAD)
            return;
        piece->raw = malloc(MAX_RAW);
        if (piece->raw == NULL)
            abort();
        size_t n =
            ZSTD_decompress(piece->raw, MAX_RAW, h + CHUNK_HEAD_SIZE, piece->head.stored_len);
        piece->len = piece->head.stored_len == 0 || ZSTD_isError(n) ? 0 : n;
        p->len++;
        at += (size_t)chunk_size(piece->head.stored_len);
    }
}

/* Puts a chunk behind what is there, unless it would be too long. */
static void append(struct buf *file, size_t max, struct chunk_head head, const void *raw,
                   size_t len)
{
    size_t bound = ZSTD_compressBound(len);
    if (buf_reserve(file, CHUNK_OVERHEAD + bound) < 0)
        abort();
    uint8_t *chunk = file->data + file->len;
    size_t n = len > 0 ? ZSTD_compress(chunk + CHUNK_HEAD_SIZE, bound, raw, len, 1) : 0;
    if (ZSTD_isError(n) || file->len + chunk_size((uint32_t)n) > max)
        return;
    head.stored_len = (uint32_t)n;
    chunk_seal(chunk, &head);
    file->len += (size_t)chunk_size(head.stored_len);
}

/* An INDEX of what stands in the file so far, and the END. */
static void append_index(struct buf *file, size_t max, const struct pieces *p)
{
    Reprise__IndexEntry entries[MAX_CHUNKS], *list[MAX_CHUNKS];
    Reprise__BlobName *names[MAX_CHUNKS];
    Reprise__Index index = REPRISE__INDEX__INIT;
    index.chunks = list;
    index.blobs = names;
    uint64_t offset = 0, time = 0;
    for (size_t at = FILE_HEAD_SIZE; at < file->len; index.n_chunks++) {
        struct chunk_head h;
        if (index.n_chunks == MAX_CHUNKS || chunk_head_decode(file->data + at, &h) < 0)
            break;
        Reprise__IndexEntry *e = list[index.n_chunks] = &entries[index.n_chunks];
        reprise__index_entry__init(e);
        e->kind = h.kind;
        e->offset = at - offset;
        e->stream = h.stream;
        e->seq = h.seq;
        e->time = h.kind == CHUNK_EVENTS ? h.time - time : 0;
        e->stored_len = h.stored_len;
        e->raw_len = h.raw_len;
        time = h.kind == CHUNK_EVENTS ? h.time : time;
        offset = at;
        at += (size_t)chunk_size(h.stored_len);
    }
    for (size_t i = 0; i < p->len; i++) {
        size_t pos = 0, len;
        const uint8_t *message;
        Reprise__BlobName *name = NULL;
        if (p->items[i].head.kind == CHUNK_BLOBNAME &&
            delimited_next(p->items[i].raw, p->items[i].len, &pos, &message, &len) == 1)
            name = reprise__blob_name__unpack(NULL, len, message);
        if (name != NULL)
            names[index.n_blobs++] = name;
    }
    struct buf raw = {0};
    uint64_t here = file->len;
    if (delimited_append(&raw, &index.base) == 0) {
        append(file, max,
               (struct chunk_head){.kind = CHUNK_INDEX, .count = 1, .raw_len = (uint32_t)raw.len},
               raw.data, raw.len);
        append(file, max, (struct chunk_head){.kind = CHUNK_END, .stream = here}, NULL, 0);
    }
    buf_done(&raw);
    for (size_t i = 0; i < index.n_blobs; i++)
        reprise__blob_name__free_unpacked(names[i], NULL);
}

static void mutate_piece(struct piece *piece, unsigned choice)
{
    struct chunk_head *h = &piece->head;
    switch (choice % 16) {
    case 0:
        h->kind = choice / 16 % 9;
        return;
    case 1:
        h->seq = choice / 16 % 3;
        return;
    case 2:
        h->stream = choice / 16 % 3;
        return;
    case 3:
        h->count = choice / 16 % 8;
        return;
    case 4:
        LLVMFuzzerMutate((uint8_t *)&h->time, sizeof h->time, sizeof h->time);
        return;
    case 5:
        LLVMFuzzerMutate((uint8_t *)&h->complete, sizeof h->complete, sizeof h->complete);
        return;
    case 6:
        LLVMFuzzerMutate((uint8_t *)&h->raw_len, sizeof h->raw_len, sizeof h->raw_len);
        return;
    default:
        piece->len = LLVMFuzzerMutate(piece->raw, piece->len, MAX_RAW);
        h->raw_len = (uint32_t)piece->len;
        return;
    }
}

/* Bytes anywhere, then perhaps right checksums where chunks still are. */
static size_t mutate_bytes(uint8_t *data, size_t size, size_t max_size, bool repair)
{
    size = LLVMFuzzerMutate(data, size, max_size);
    if (!repair)
        return size;
    if (size >= FILE_HEAD_SIZE)
        file_head_encode(data, TRACE_FORMAT_VERSION);
    struct pieces p;
    parse(data, size, &p);
    size_t at = FILE_HEAD_SIZE;
    for (size_t i = 0; i < p.len; i++) {
        chunk_seal(data + at, &p.items[i].head);
        at += (size_t)chunk_size(p.items[i].head.stored_len);
    }
    free_pieces(&p);
    return size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    struct pieces p;
    if (seed % 8 == 0)
        return mutate_bytes(data, size, max_size, seed % 16 == 0);
    parse(data, size, &p);
    unsigned choice = seed / 8;
    bool with_index = choice % 8 != 0;
    choice /= 8;
    if (p.len == 0)
        return mutate_bytes(data, size, max_size, true);
    size_t target = choice % p.len;
    choice /= MAX_CHUNKS;
    mutate_piece(&p.items[target], choice);

    struct buf file = {0};
    if (buf_reserve(&file, FILE_HEAD_SIZE) < 0)
        abort();
    file_head_encode(file.data, TRACE_FORMAT_VERSION);
    file.len = FILE_HEAD_SIZE;
    for (size_t i = 0; i < p.len; i++) {
        uint32_t kind = p.items[i].head.kind;
        if (with_index && i != target && (kind == CHUNK_INDEX || kind == CHUNK_END))
            continue;
        append(&file, max_size, p.items[i].head, p.items[i].raw, p.items[i].len);
        if (i == target && choice % 32 == 31) /* twice */
            append(&file, max_size, p.items[i].head, p.items[i].raw, p.items[i].len);
    }
    if (with_index)
        append_index(&file, max_size, &p);
    size = file.len <= max_size ? file.len : max_size;
    memcpy(data, file.data, size);
    buf_done(&file);
    free_pieces(&p);
    return size;
}

/* Owns the copies of code and what is changed in them. Knows nothing of tasks. */
#include "replayer/code_files.h"

#include "replayer/blob_files.h"
#include "replayer/fast_stub.h"
#include "replayer/memory_files.h"
#include "task/redirect_book.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>

#define FEW_RANGES 4096 /* of content that differs from the blob */
#define COPY_CHUNK ((size_t)1 << 20)

struct code_file {
    struct redirect_book book; /* its name is that of blob and content */
    uint8_t blob[BLOB_ID_SIZE];
    bool has_original; /* the recording changed the blob's content ... */
    int original;      /* ... to this */
    bool has_copy;
    int fd;
    size_t n_made; /* of the book's changes, in the copy */
};

int code_file_original(struct replayer *r, const struct code_file *f, int *ret_fd,
                       uint64_t *ret_offset)
{
    const ProtobufCBinaryData id = {.data = (uint8_t *)f->blob, .len = BLOB_ID_SIZE};
    *ret_fd = f->original;
    *ret_offset = f->has_original ? 0 : f->book.start;
    return f->has_original ? 0 : blob_files_get(r, &id, ret_fd);
}

/* ---- copies ---- */

static bool copy_all(int from, uint64_t offset, int to, uint64_t len)
{
    uint8_t *chunk = malloc(COPY_CHUNK);
    bool ok = chunk != NULL && ftruncate(to, (off_t)len) == 0;
    for (uint64_t done = 0; ok && done < len;) {
        size_t want = len - done < COPY_CHUNK ? (size_t)(len - done) : COPY_CHUNK;
        ssize_t n = pread(from, chunk, want, (off_t)(offset + done));
        if (n == 0)
            break; /* the file ends within the last page */
        ok = n > 0 && pwrite(to, chunk, (size_t)n, (off_t)done) == n;
        done += ok ? (uint64_t)n : 0;
    }
    free(chunk);
    return ok;
}

/* A new memory file, or -1. */
static int copy_code(struct replayer *r, const struct code_file *f)
{
    int from, fd;
    uint64_t offset;
    if (budget_fill(r, f->book.len) < 0 || code_file_original(r, f, &from, &offset) < 0 ||
        memory_file_try(r, "code", &fd) < 0)
        return -1;
    /* what the program maps needs the other descriptors */
    if (fd < r->copies_end && copy_all(from, offset, fd, f->book.len))
        return fd;
    memory_file_close(r, fd);
    return -1;
}

static bool make_copy(struct replayer *r, struct code_file *f)
{
    if (f->has_copy)
        return true;
    f->fd = copy_code(r, f);
    return f->has_copy = f->fd >= 0;
}

static bool make_original(struct replayer *r, struct code_file *f, const Reprise__Mapping *m)
{
    int fd = copy_code(r, f);
    bool ok = fd >= 0;
    for (size_t i = 0; ok && i < m->n_content; i++)
        ok = range_write(r, m->content[i], 0, fd, m->content[i]->addr - m->addr) == 0;
    if (fd >= 0 && !ok)
        memory_file_close(r, fd);
    f->original = fd;
    return f->has_original = ok;
}

/* ---- finding ---- */

static bool is_plain_code(const Reprise__Mapping *m)
{
    const uint32_t wanted = PROT_READ | PROT_EXEC;
    bool is_plain = (m->prot & (wanted | PROT_WRITE)) == wanted && m->blob.len == BLOB_ID_SIZE &&
                    m->object == 0 && (m->valid_len == 0 || m->valid_len == m->len) &&
                    m->len <= REDIRECT_CODE_MAX && m->n_content <= FEW_RANGES;
    for (size_t i = 0; is_plain && i < m->n_content; i++) {
        const Reprise__Range *c = m->content[i];
        is_plain = c->data.len == c->len && c->addr >= m->addr && c->len <= m->len &&
                   c->addr - m->addr <= m->len - c->len;
    }
    return is_plain;
}

static void name_content(const Reprise__Mapping *m, uint8_t ret_id[BLOB_ID_SIZE])
{
    memcpy(ret_id, m->blob.data, BLOB_ID_SIZE);
    for (size_t i = 0; i < m->n_content; i++) {
        const Reprise__Range *c = m->content[i];
        XXH128_hash_t before = XXH3_128bits_withSeed(ret_id, BLOB_ID_SIZE, c->addr - m->addr);
        XXH128_hash_t hash =
            XXH3_128bits_withSeed(c->data.data, c->data.len, before.low64 ^ before.high64);
        memcpy(ret_id, &hash, BLOB_ID_SIZE);
    }
}

struct code_file *code_files_get(struct replayer *r, const Reprise__Mapping *m)
{
    uint8_t id[BLOB_ID_SIZE];
    if (r->options->no_patch || !is_plain_code(m))
        return NULL;
    name_content(m, id);
    struct code_file *f = (struct code_file *)redirect_books_get(&r->code_books, sizeof *f, id,
                                                                 m->blob_offset, m->len);
    if (f == NULL)
        return NULL;
    memcpy(f->blob, m->blob.data, sizeof f->blob);
    return m->n_content == 0 || f->has_original || make_original(r, f, m) ? f : NULL;
}

void code_files_done(struct replayer *r)
{
    for (struct redirect_book *b = r->code_books; b != NULL; b = b->next) {
        const struct code_file *f = (const struct code_file *)b;
        if (f->has_copy)
            memory_file_close(r, f->fd);
        if (f->has_original)
            memory_file_close(r, f->original);
    }
    redirect_books_free(&r->code_books);
}

int code_file_fd(const struct code_file *f)
{
    return f->has_copy ? f->fd : -1;
}

/* ---- changing ---- */

struct reading {
    struct replayer *r;
    const struct code_file *f;
};

static bool read_at(void *ctx, uint64_t offset, uint8_t *bytes, size_t len)
{
    const struct reading *at = ctx;
    int fd;
    uint64_t start = 0;
    if (code_file_original(at->r, at->f, &fd, &start) < 0)
        return false;
    ssize_t n = pread(fd, bytes, len, (off_t)(start + offset));
    if (n < 0)
        return false;
    memset(bytes + n, 0, len - (size_t)n); /* the file ends within the last page */
    return true;
}

static bool make_changes(struct code_file *f)
{
    for (; f->n_made < f->book.n_changes; f->n_made++) {
        const struct redirect_change *c = &f->book.changes[f->n_made].new;
        if (pwrite(f->fd, c->bytes, c->len, (off_t)c->offset) != (ssize_t)c->len)
            return false;
    }
    return true;
}

bool code_file_hit(struct replayer *r, struct code_file *f, uint64_t offset, int64_t nr)
{
    struct reading at = {.r = r, .f = f};
    const struct redirect_code code = {.read = read_at, .ctx = &at, .len = f->book.len};
    if (redirect_book_hit(&f->book, &code, offset, nr, fast_stub_at(fast_stub_enter)) == NULL)
        return false;
    if (make_copy(r, f) && make_changes(f))
        return true;
    f->book.is_stuck = true;
    return false;
}

void code_file_undo(const struct code_file *f, uint64_t offset, uint8_t *bytes, uint64_t len)
{
    redirect_book_undo(&f->book, NULL, offset, bytes, len);
}

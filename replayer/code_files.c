/* Owns the copies of code and what is changed in them. Knows nothing of tasks. */
#include "replayer/code_files.h"

#include "replayer/blob_files.h"
#include "replayer/fast_stub.h"
#include "task/redirect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FILES_MAX  256
#define SITES_MAX  512
#define HITS       2 /* a call that comes once is not worth it */
#define COPY_CHUNK ((size_t)1 << 20)

struct site {
    uint64_t offset;
    unsigned hits;
    bool is_redirected;
};

struct change {
    uint64_t offset;
    uint8_t len, was[REDIRECT_BYTES];
};

struct code_file {
    struct code_file *next;
    uint8_t id[BLOB_ID_SIZE];
    uint64_t blob_offset, len;
    int fd;        /* -1: no copy yet */
    bool is_stuck; /* nothing can be changed any more */
    struct redirect_room room;
    struct site *sites;
    size_t n_sites;
    struct change *changes;
    size_t n_changes, changes_cap;
};

static bool is_plain_code(const Reprise__Mapping *m)
{
    const uint32_t wanted = PROT_READ | PROT_EXEC;
    return (m->prot & (wanted | PROT_WRITE)) == wanted && m->blob.len == BLOB_ID_SIZE &&
           m->object == 0 && m->n_content == 0 && (m->valid_len == 0 || m->valid_len == m->len) &&
           m->len <= REDIRECT_CODE_MAX;
}

struct code_file *code_files_get(struct replayer *r, const Reprise__Mapping *m)
{
    if (r->options->no_patch || !is_plain_code(m))
        return NULL;
    size_t n = 0;
    for (struct code_file *f = r->code_files; f != NULL; f = f->next, n++)
        if (memcmp(f->id, m->blob.data, BLOB_ID_SIZE) == 0 && f->blob_offset == m->blob_offset &&
            f->len == m->len)
            return f;
    struct code_file *f = n < FILES_MAX ? calloc(1, sizeof *f) : NULL;
    if (f == NULL)
        return NULL;
    memcpy(f->id, m->blob.data, BLOB_ID_SIZE);
    f->blob_offset = m->blob_offset;
    f->len = m->len;
    f->fd = -1;
    f->next = r->code_files;
    r->code_files = f;
    return f;
}

void code_files_done(struct replayer *r)
{
    for (struct code_file *f = r->code_files, *next; f != NULL; f = next) {
        next = f->next;
        if (f->fd >= 0)
            close(f->fd);
        free(f->sites);
        free(f->changes);
        free(f);
    }
    r->code_files = NULL;
}

int code_file_fd(const struct code_file *f)
{
    return f->fd;
}

int code_file_original(struct replayer *r, const struct code_file *f, int *ret_fd,
                       uint64_t *ret_offset)
{
    const ProtobufCBinaryData id = {.data = (uint8_t *)f->id, .len = BLOB_ID_SIZE};
    int err = blob_files_get(r, &id, ret_fd);
    if (err == 0)
        *ret_offset = f->blob_offset;
    return err;
}

/* ---- the copy ---- */

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

static bool read_at(void *ctx, uint64_t offset, uint8_t *bytes, size_t len)
{
    const struct code_file *f = ctx;
    return pread(f->fd, bytes, len, (off_t)offset) == (ssize_t)len;
}

static struct redirect_code code_of(struct code_file *f)
{
    return (struct redirect_code){.read = read_at, .ctx = f, .len = f->len};
}

static bool make_copy(struct replayer *r, struct code_file *f)
{
    int from;
    uint64_t offset = 0;
    if (f->fd >= 0)
        return true;
    if (code_file_original(r, f, &from, &offset) < 0)
        return false;
    f->fd = memfd_create("code", MFD_CLOEXEC);
    struct redirect_code code = code_of(f);
    if (f->fd >= 0 && copy_all(from, offset, f->fd, f->len) && redirect_find_room(&code, &f->room))
        return true;
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
    return false;
}

/* ---- changing ---- */

static bool change(struct code_file *f, const struct redirect_change *new)
{
    if (f->n_changes == f->changes_cap) {
        size_t cap = f->changes_cap > 0 ? f->changes_cap * 2 : 32;
        struct change *v = reallocarray(f->changes, cap, sizeof *v);
        if (v == NULL)
            return false;
        f->changes = v;
        f->changes_cap = cap;
    }
    struct change *c = &f->changes[f->n_changes];
    *c = (struct change){.offset = new->offset, .len = new->len};
    if (!read_at(f, c->offset, c->was, c->len) ||
        pwrite(f->fd, new->bytes, c->len, (off_t)c->offset) != (ssize_t)c->len)
        return false;
    f->n_changes++;
    return true;
}

static bool redirect(struct replayer *r, struct code_file *f, uint64_t site, int64_t nr)
{
    if (!make_copy(r, f)) {
        f->is_stuck = true;
        return false;
    }
    struct redirect_code code = code_of(f);
    struct redirect_plan plan;
    bool ok = redirect_make_plan(&code, site, nr, fast_stub_at(fast_stub_enter), &f->room, &plan);
    for (size_t i = 0; ok && i < plan.n; i++)
        ok = change(f, &plan.v[i]);
    return ok;
}

static struct site *find_site(struct code_file *f, uint64_t offset)
{
    for (size_t i = 0; i < f->n_sites; i++)
        if (f->sites[i].offset == offset)
            return &f->sites[i];
    if (f->sites == NULL)
        f->sites = calloc(SITES_MAX, sizeof *f->sites);
    if (f->sites == NULL || f->n_sites == SITES_MAX)
        return NULL;
    f->sites[f->n_sites] = (struct site){.offset = offset};
    return &f->sites[f->n_sites++];
}

bool code_file_hit(struct replayer *r, struct code_file *f, uint64_t offset, int64_t nr)
{
    if (offset >= f->len)
        return false;
    struct site *s = find_site(f, offset);
    if (s == NULL || s->is_redirected || f->is_stuck || s->hits >= HITS)
        return s != NULL && s->is_redirected;
    if (++s->hits == HITS)
        s->is_redirected = redirect(r, f, offset, nr);
    return s->is_redirected;
}

void code_file_undo(const struct code_file *f, uint64_t offset, uint8_t *bytes, uint64_t len)
{
    for (size_t i = f->n_changes; i-- > 0;) {
        const struct change *c = &f->changes[i];
        if (c->offset + c->len <= offset || (c->offset >= offset && c->offset - offset >= len))
            continue;
        for (uint64_t k = 0; k < c->len; k++)
            if (c->offset + k >= offset && c->offset + k - offset < len)
                bytes[c->offset + k - offset] = c->was[k];
    }
}

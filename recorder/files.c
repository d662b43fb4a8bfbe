/* Owns the knowledge which files the trace holds already. A file is known by device, inode, size
 * and times: hashing it again for each exec of a build would cost more than the build. */
#include "recorder/files.h"

#include "base/no_memory.h"
#include "base/scope.h"
#include "code/code_extent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define WHOLE_FILE_LIMIT (64u << 20) /* of larger files only the mapped range is kept */

struct file_key {
    uint64_t dev, ino, size, offset, len;
    struct timespec mtime, ctime;
};

struct file {
    struct file_key key;
    struct blob_id id;
};

/* What was met in a content while it was read. */
struct marked {
    struct blob_id id;
    struct code_marks marks;
};

struct files {
    struct map64 by_key;
    struct map64 marked; /* by hash of the blob's name */
};

struct files *files_new(void)
{
    struct files *f = calloc(1, sizeof *f);
    if (f == NULL)
        no_memory();
    return f;
}

void files_free(struct files *f)
{
    if (f == NULL)
        return;
    size_t pos = 0;
    for (struct file *i; (i = map64_next(&f->by_key, &pos)) != NULL;)
        free(i);
    map64_done(&f->by_key);
    pos = 0;
    for (struct marked *m; (m = map64_next(&f->marked, &pos)) != NULL;) {
        code_marks_done(&m->marks);
        free(m);
    }
    map64_done(&f->marked);
    free(f);
}

static uint64_t id_key(const struct blob_id *id)
{
    return XXH3_64bits(id, sizeof *id);
}

const struct code_marks *files_marks(const struct recorder *r, const struct blob_id *id)
{
    const struct marked *m = map64_get(&r->files->marked, id_key(id));
    return m != NULL && memcmp(&m->id, id, sizeof *id) == 0 ? &m->marks : NULL;
}

/* Takes over the marks of a whole content. */
static void keep_marks(struct files *f, const struct blob_id *id, struct code_marks *marks)
{
    struct marked *m = map64_get(&f->marked, id_key(id)) == NULL ? malloc(sizeof *m) : NULL;
    if (m == NULL) { /* known already */
        code_marks_done(marks);
        return;
    }
    *m = (struct marked){*id, *marks};
    *marks = (struct code_marks){0};
    if (map64_put(&f->marked, id_key(id), m) < 0)
        no_memory();
}

struct source {
    int fd;
    uint64_t offset;
    struct code_marks marks;
    bool may_be_code;
};

static uint64_t less(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

/* Of files of which only a part is kept, code is looked for in that. */
static void begin_marks(struct source *s)
{
    uint8_t head[CODE_EXTENT_HEAD];
    uint64_t from, to;
    ssize_t n = pread(s->fd, head, sizeof head, 0);
    code_marks_done(&s->marks);
    s->may_be_code = s->offset > 0 || (n >= 4 && memcmp(head, "\177ELF", 4) == 0);
    if (n > 0 && code_extent_read(head, (size_t)n, &from, &to))
        code_marks_limit(&s->marks, less(from, s->offset), less(to, s->offset));
}

/* Code is looked for here, while it is at hand. */
static void mark(struct source *s, uint64_t offset, const uint8_t *bytes, size_t len)
{
    if (offset == 0) /* it may all be read twice */
        begin_marks(s);
    if (s->may_be_code && code_marks_read(&s->marks, bytes, len) < 0)
        no_memory();
}

static ssize_t read_source(void *ctx, uint64_t offset, void *buf, size_t len)
{
    struct source *s = ctx;
    ssize_t n = pread(s->fd, buf, len, (off_t)(s->offset + offset));
    if (n < 0)
        return -errno;
    mark(s, offset, buf, (size_t)n);
    return n;
}

static int keep_range(struct recorder *r, const char *path, const struct file_key *key,
                      struct file *ret)
{
    int fd SCOPE_CLOSE = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    struct source s = {.fd = fd, .offset = key->offset};
    int err = trace_writer_blob_stream(r->writer, key->len, read_source, &s, &ret->id);
    if (err == 0 && s.may_be_code && s.marks.read == key->len)
        keep_marks(r->files, &ret->id, &s.marks);
    code_marks_done(&s.marks);
    return err;
}

int files_keep(struct recorder *r, const char *path, uint64_t dev, uint64_t ino, uint64_t offset,
               uint64_t len, struct file_content *ret)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode))
        return -ENODEV;
    if (ino != 0 && (st.st_ino != ino || st.st_dev != dev))
        return -ESTALE;
    uint64_t size = (uint64_t)st.st_size;
    struct file_key key;
    memset(&key, 0, sizeof key); /* hashed as bytes */
    key.dev = st.st_dev;
    key.ino = st.st_ino;
    key.size = size;
    key.mtime = st.st_mtim;
    key.ctime = st.st_ctim;
    key.len = size;
    if (size > WHOLE_FILE_LIMIT) {
        key.offset = offset;
        key.len = offset >= size ? 0 : (len < size - offset ? len : size - offset);
    }
    uint64_t hash = XXH3_64bits(&key, sizeof key);
    struct file *f = map64_get(&r->files->by_key, hash);
    if (f == NULL || memcmp(&f->key, &key, sizeof key) != 0) {
        struct file new = {.key = key};
        int err = keep_range(r, path, &key, &new);
        if (err < 0)
            return err;
        if (f == NULL) {
            f = calloc(1, sizeof *f);
            if (f == NULL || map64_put(&r->files->by_key, hash, f) < 0)
                no_memory();
        }
        *f = new;
    }
    *ret =
        (struct file_content){.id = f->id, .blob_offset = offset - key.offset, .file_size = size};
    return 0;
}

static uint64_t inode_key(uint64_t dev, uint64_t ino)
{
    return ino * 0x9e3779b97f4a7c15u + dev; /* two files in one are harmless: a look too many */
}

void files_note_mapped(struct recorder *r, uint64_t dev, uint64_t ino)
{
    if (files_is_mapped(r, dev, ino))
        return;
    if (map64_put(&r->mapped, inode_key(dev, ino), r) < 0)
        no_memory();
    r->fds_generation++;
}

bool files_is_mapped(const struct recorder *r, uint64_t dev, uint64_t ino)
{
    return map64_get(&r->mapped, inode_key(dev, ino)) != NULL;
}

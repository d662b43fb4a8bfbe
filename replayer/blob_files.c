/* Owns the memory files. Each blob is decompressed once, however many tasks map it. */
#include "replayer/blob_files.h"

#include "replayer/memory_files.h"
#include "replayer/task_memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define MAX_OPEN 400 /* descriptors kept; mappings outlive them */

struct blob_file {
    uint64_t key;
    uint8_t id[BLOB_ID_SIZE];
    int fd;
};

struct shared_file {
    uint64_t number;
    int fd;
};

static int write_all(int fd, const uint8_t *data, size_t len, uint64_t offset)
{
    while (len > 0) {
        ssize_t n = pwrite(fd, data, len, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        data += n;
        len -= (size_t)n;
        offset += (uint64_t)n;
    }
    return 0;
}

struct target {
    struct replayer *r;
    pid_t pid; /* 0: into the file */
    int fd;
    uint64_t at;
};

static int sink(void *ctx, uint64_t offset, const void *data, size_t len)
{
    const struct target *t = ctx;
    int err = budget_fill(t->r, len);
    if (err < 0)
        return err;
    if (t->pid != 0)
        return task_memory_write(t->r, t->pid, t->at + offset, data, len);
    return write_all(t->fd, data, len, t->at + offset);
}

static int fill(struct replayer *r, const ProtobufCBinaryData *id, int fd)
{
    uint64_t size;
    int err = trace_reader_blob_size(r->trace, id->data, id->len, &size, r->err);
    if (err < 0)
        return err;
    if (ftruncate(fd, (off_t)size) < 0)
        return err_sys(r->err, errno, "no memory for a mapped file of %llu bytes",
                       (unsigned long long)size);
    struct target target = {.r = r, .fd = fd};
    err = trace_reader_blob(r->trace, id->data, id->len, sink, &target, r->err);
    return err < 0 ? err_sys(r->err, -err, "cannot rebuild a mapped file") : 0;
}

void blob_files_drop(struct replayer *r)
{
    size_t pos = 0;
    for (struct blob_file *b; (b = map64_next(&r->blobs, &pos)) != NULL;) {
        memory_file_close(r, b->fd);
        map64_take(&r->blobs, b->key);
        free(b);
    }
}

static void close_some(struct replayer *r)
{
    if (r->blobs.len >= MAX_OPEN)
        blob_files_drop(r);
}

/* Some descriptors are left for what is opened for a moment: files of /proc. */
#define LEFT 4

static bool is_near_limit(int fd)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 && (rlim_t)fd + LEFT >= limit.rlim_cur;
}

static int new_file(struct replayer *r, int *ret_fd)
{
    if (memory_file_try(r, "blob", ret_fd) == 0) {
        if (!is_near_limit(*ret_fd))
            return 0;
        memory_file_close(r, *ret_fd);
    }
    blob_files_drop(r);
    return memory_file_new(r, "blob", ret_fd);
}

/* Takes over the descriptor, also on failure. With half a name in common the newer one stays. */
static int keep(struct replayer *r, uint64_t key, const uint8_t id[BLOB_ID_SIZE], int fd)
{
    struct blob_file *old = map64_take(&r->blobs, key);
    struct blob_file *b = old != NULL ? old : malloc(sizeof *b);
    if (old != NULL)
        memory_file_close(r, old->fd);
    if (b == NULL || map64_put(&r->blobs, key, b) < 0) {
        free(b);
        memory_file_close(r, fd);
        return err_sys(r->err, ENOMEM, "cannot replay");
    }
    b->key = key;
    memcpy(b->id, id, BLOB_ID_SIZE);
    b->fd = fd;
    return 0;
}

int blob_files_get(struct replayer *r, const ProtobufCBinaryData *id, int *ret_fd)
{
    uint64_t key;
    if (id->len != BLOB_ID_SIZE)
        return err_set(r->err, EBADMSG, "damaged trace: a blob without a name");
    memcpy(&key, id->data, sizeof key);
    struct blob_file *b = map64_get(&r->blobs, key);
    if (b != NULL && memcmp(b->id, id->data, BLOB_ID_SIZE) == 0) {
        *ret_fd = b->fd;
        return 0;
    }
    close_some(r);
    int fd = -1, err = new_file(r, &fd);
    if (err < 0)
        return err;
    err = fill(r, id, fd);
    if (err < 0) {
        memory_file_close(r, fd);
        return err;
    }
    err = keep(r, key, id->data, fd);
    if (err == 0)
        *ret_fd = fd;
    return err;
}

int blob_files_object(struct replayer *r, uint64_t object, int *ret_fd)
{
    struct shared_file *s = map64_get(&r->objects, object);
    if (s == NULL) {
        s = calloc(1, sizeof *s);
        if (s == NULL || map64_put(&r->objects, object, s) < 0) {
            free(s);
            return err_sys(r->err, ENOMEM, "cannot replay");
        }
        s->number = object;
        int err = memory_file_new(r, "shared", &s->fd);
        if (err < 0) {
            map64_take(&r->objects, object);
            free(s);
            return err;
        }
    }
    *ret_fd = s->fd;
    return 0;
}

int blob_files_resize(struct replayer *r, uint64_t object, uint64_t size)
{
    int fd = -1, err = blob_files_object(r, object, &fd);
    if (err < 0)
        return err;
    if (ftruncate(fd, (off_t)size) < 0)
        return err_sys(r->err, errno, "no memory for a shared file of %llu bytes",
                       (unsigned long long)size);
    return 0;
}

int blob_files_empty(struct replayer *r, int *ret_fd)
{
    return blob_files_object(r, UINT64_MAX, ret_fd);
}

void blob_files_done(struct replayer *r)
{
    size_t pos = 0;
    for (struct blob_file *b; (b = map64_next(&r->blobs, &pos)) != NULL;) {
        memory_file_close(r, b->fd);
        free(b);
    }
    pos = 0;
    for (struct shared_file *s; (s = map64_next(&r->objects, &pos)) != NULL;) {
        memory_file_close(r, s->fd);
        free(s);
    }
    map64_done(&r->blobs);
    map64_done(&r->objects);
}

static int write_zeros(const struct target *t, uint64_t len)
{
    static const uint8_t zeros[65536];
    for (uint64_t done = 0; done < len;) {
        size_t n = len - done < sizeof zeros ? (size_t)(len - done) : sizeof zeros;
        int err = sink((void *)t, done, zeros, n);
        if (err < 0)
            return err;
        done += n;
    }
    return 0;
}

int range_write(struct replayer *r, const Reprise__Range *range, pid_t pid, int fd, uint64_t at)
{
    struct target target = {.r = r, .pid = pid, .fd = fd, .at = at};
    int err = pid != 0 ? task_memory_check(r, at, range->len) : 0;
    if (err < 0)
        return err; /* nothing is written in part */
    if (range->blob.len > 0)
        err = trace_reader_blob(r->trace, range->blob.data, range->blob.len, sink, &target, r->err);
    else if (range->data.len > 0)
        err = sink(&target, 0, range->data.data, range->data.len);
    else
        err = write_zeros(&target, range->len);
    if (err == -EFAULT || err == -ESRCH || err == -EDQUOT)
        return err;
    return err < 0 ? err_sys(r->err, -err, "cannot write memory of a replayed task") : 0;
}

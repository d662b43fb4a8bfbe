/* Owns the way of a blob into a memory file. */
#include "format/blob_memory.h"

#include "base/scope.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

static int put(void *ctx, uint64_t offset, const void *data, size_t len)
{
    const uint8_t *bytes = data;
    while (len > 0) {
        ssize_t n = pwrite(*(int *)ctx, bytes, len, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        bytes += n;
        offset += (uint64_t)n;
        len -= (size_t)n;
    }
    return 0;
}

int blob_memory(struct trace_reader *r, const void *id, size_t id_len, uint64_t max, int *ret_fd,
                uint64_t *ret_size)
{
    uint64_t size;
    int err = trace_reader_blob_size(r, id, id_len, &size, NULL);
    if (err < 0)
        return err;
    if (size == 0 || size > max)
        return -EFBIG;
    int fd SCOPE_CLOSE = memfd_create("content", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, (off_t)size) < 0)
        return -errno;
    err = trace_reader_blob(r, id, id_len, put, &fd, NULL);
    if (err < 0)
        return err;
    *ret_fd = take_fd(&fd);
    *ret_size = size;
    return 0;
}

/* Owns the place of split debug information. That it is of the very program is for who reads it to
 * see. */
#include "symbols/host_debug.h"

#include "base/scope.h"
#include "symbols/debug_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int host_debug_open(const uint8_t *id, size_t len, uint64_t *ret_size)
{
    char path[64 + 2 * BUILD_ID_MAX] = "/usr/lib/debug/.build-id/";
    size_t at = strlen(path);
    struct stat st;
    if (len < 2 || len > BUILD_ID_MAX)
        return -EINVAL;
    for (size_t i = 0; i < len; i++)
        at += (size_t)snprintf(path + at, sizeof path - at, i == 0 ? "%02x/" : "%02x", id[i]);
    snprintf(path + at, sizeof path - at, ".debug");
    int fd SCOPE_CLOSE = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode) || st.st_size == 0)
        return -ENOENT;
    *ret_size = (uint64_t)st.st_size;
    return take_fd(&fd);
}

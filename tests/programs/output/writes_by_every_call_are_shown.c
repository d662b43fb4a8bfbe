/* stdout by write, writev, pwritev2, sendfile, splice, copy through /proc/self/fd/1 and
 * /dev/stdout, stdio with and without buffers, and stderr in between. */
#include "check.h"

#include <sys/sendfile.h>
#include <sys/uio.h>

static void open_again(const char *path)
{
    int fd = open(path, O_WRONLY | O_APPEND);
    if (fd >= 0) {
        dprintf(fd, "through %s\n", path);
        close(fd);
    }
}

int main(void)
{
    int file = scratch_file(), fds[2];
    char line[64];
    struct iovec iov[3] = {{(void *)"a ", 2}, {(void *)"vector", 6}, {(void *)"\n", 1}};
    CHECK(write(1, "plain\n", 6) == 6);
    CHECK(writev(1, iov, 3) == 9);
    CHECK(writev(2, iov, 3) == 9);
    if (pwritev2(1, iov, 3, -1, 0) < 0)
        CHECK(errno == ENOSYS || errno == EOPNOTSUPP);
    int n = snprintf(line, sizeof line, "by sendfile %016lx\n", (long)random_word());
    write_all(file, line, (size_t)n);
    off_t offset = 0;
    ssize_t sent = sendfile(1, file, &offset, (size_t)n);
    if (sent < 0) /* to a file opened for appending it is refused */
        write_all(1, line, (size_t)n);
    CHECK(pipe(fds) == 0);
    n = snprintf(line, sizeof line, "by splice %d\n", (int)getpid());
    write_all(fds[1], line, (size_t)n);
    if (splice(fds[0], NULL, 1, NULL, (size_t)n, 0) < 0)
        write_all(1, line, (size_t)n);
    lseek(1, 0, SEEK_END);
    open_again("/proc/self/fd/1");
    open_again("/dev/stdout");
    open_again("/dev/stderr");
    /* The old descriptors do not know what was appended, where these are files. */
    lseek(1, 0, SEEK_END);
    lseek(2, 0, SEEK_END);
    printf("buffered %ld\n", (long)now_ns());
    fprintf(stderr, "not buffered\n");
    fflush(stdout);
    puts("the last words, written at exit");
    return 0;
}

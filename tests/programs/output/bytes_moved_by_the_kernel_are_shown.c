/* stdout by sendfile, splice and copy_file_range of what cannot be read twice: a file of /proc that
 * is another one each time, a pipe, a file that others write meanwhile. A program that is refused
 * copies by itself, as it has to on files opened for appending: sendfile(2). */
#include "check.h"

#include <sys/sendfile.h>
#include <sys/uio.h>

enum how { SENDFILE, SPLICE, COPY_FILE_RANGE };

static ssize_t move(enum how how, int to, int from, size_t len)
{
    if (how == SENDFILE)
        return sendfile(to, from, NULL, len);
    return how == SPLICE ? splice(from, NULL, to, NULL, len, 0)
                         : copy_file_range(from, NULL, to, NULL, len, 0);
}

/* Up to `len` bytes, or what there is. */
static size_t show(enum how how, int from, size_t len)
{
    char bytes[4096];
    size_t done = 0;
    for (ssize_t n; done < len; done += (size_t)n) {
        n = move(how, 1, from, len - done);
        if (n <= 0) {
            n = read(from, bytes, len - done < sizeof bytes ? len - done : sizeof bytes);
            CHECK(n >= 0);
            if (n == 0)
                break;
            write_all(1, bytes, (size_t)n);
        }
    }
    return done;
}

static void show_path(enum how how, const char *path)
{
    int fd = open(path, O_RDONLY);
    CHECK(fd >= 0);
    CHECK(show(how, fd, SIZE_MAX / 2) > 0);
    close(fd);
}

static void show_pipe(enum how how)
{
    int fds[2];
    char line[64];
    CHECK(pipe(fds) == 0);
    int n = snprintf(line, sizeof line, "piped %016lx\n", (long)random_word());
    write_all(fds[1], line, (size_t)n);
    close(fds[1]);
    CHECK(show(how, fds[0], SIZE_MAX / 2) == (size_t)n);
    close(fds[0]);
}

/* Another process counts in a file. */
static void show_changing(enum how how)
{
    char block[4096];
    int file = scratch_file();
    memset(block, '-', sizeof block);
    block[sizeof block - 1] = '\n';
    write_all(file, block, sizeof block);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0)
        for (unsigned i = 0;; i++) {
            int n = snprintf(block, sizeof block, "%u", i);
            if (pwrite(file, block, (size_t)n, 0) != n)
                _exit(1);
        }
    for (int i = 0; i < 50; i++) {
        CHECK(lseek(file, 0, SEEK_SET) == 0);
        CHECK(show(how, file, sizeof block) == sizeof block);
    }
    CHECK(kill(child, SIGKILL) == 0);
    wait_for(child);
    close(file);
}

/* The pages of a vector that a pipe has taken change with the memory: vmsplice(2). */
static void show_pages(void)
{
    static char line[4096] __attribute__((aligned(4096)));
    int n = snprintf(line, sizeof line, "given away %016lx\n", (long)random_word());
    struct iovec iov = {line, (size_t)n};
    if (vmsplice(1, &iov, 1, SPLICE_F_GIFT) != n)
        write_all(1, line, (size_t)n);
    for (volatile char *p = line; *p != '\n'; p++)
        *p = '?';
}

int main(void)
{
    show_pages(); /* while nobody has read yet, if stdout is a pipe */
    for (enum how how = SENDFILE; how <= COPY_FILE_RANGE; how++) {
        lseek(1, 0, SEEK_END);
        show_path(how, "/proc/sys/kernel/random/uuid");
        show_path(how, "/proc/self/stat");
        show_path(how, "/proc/uptime");
        show_path(how, "/sys/kernel/mm/transparent_hugepage/enabled");
        show_pipe(how);
        show_changing(how);
    }
    return 0;
}

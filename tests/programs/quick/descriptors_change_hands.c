/* What a descriptor leads to changes by calls of all kinds, in children that share memory or
 * descriptors or neither. */
#include "check.h"

#include <poll.h>
#include <sched.h>
#include <sys/mman.h>

static void read_often(int fd, const char *what)
{
    char c;
    for (int i = 0; i < 5; i++)
        CHECK(pread(fd, &c, 1, 0) == 1 || (errno == ESPIPE && read(fd, &c, 1) == 1));
    say("%s: %c\n", what, c);
}

static int in_child(void *arg)
{
    int file = open("/proc/self/exe", O_RDONLY);
    CHECK(file >= 0 && dup2(file, *(int *)arg) == *(int *)arg);
    char c;
    CHECK(pread(*(int *)arg, &c, 1, 1) == 1 && c == 'E');
    _exit(0);
}

static void run(int flags, int *fd)
{
    size_t size = 65536;
    char *stack = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(stack != MAP_FAILED);
    int status;
    pid_t pid = clone(in_child, stack + size, flags | SIGCHLD, fd);
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
    CHECK(munmap(stack, size) == 0);
}

int main(void)
{
    int fds[2], fd;
    CHECK(pipe(fds) == 0 && write(fds[1], "abcdefghijklmnopqrstuvwxyz", 26) == 26);
    fd = dup(fds[0]);
    int file = open("/proc/self/exe", O_RDONLY);
    read_often(file, "file");
    CHECK(dup2(fd, file) == file);
    read_often(file, "pipe in its place");
    run(CLONE_VM | CLONE_VFORK, &fd);
    read_often(fd, "pipe after vfork");
    run(CLONE_VM, &fd);
    read_often(fd, "pipe after a clone with memory");
    CHECK(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
    char c;
    for (int i = 0; i < 11; i++)
        CHECK(read(fd, &c, 1) == 1);
    for (int i = 0; i < 5; i++)
        CHECK(read(fd, &c, 1) == -1 && errno == EAGAIN);
    CHECK(fcntl(fd, F_SETFL, 0) == 0);
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        usleep(50000);
        CHECK(write(fds[1], "!", 1) == 1);
        _exit(0);
    }
    CHECK(read(fd, &c, 1) == 1 && c == '!');
    CHECK(waitpid(pid, NULL, 0) == pid);
    run(CLONE_FILES, &fd);
    read_often(fd, "file by a clone with descriptors");
    CHECK(close_range(3, 100, 0) == 0 && pread(fd, &c, 1, 0) == -1 && errno == EBADF);
    return 0;
}

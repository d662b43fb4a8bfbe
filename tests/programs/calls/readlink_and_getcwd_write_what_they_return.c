/* readlink(2) cuts without an end mark; the system call getcwd returns the length with it; both
 * leave the rest of the buffer. */
#include "check.h"

int main(void)
{
    char dir[PATH_MAX], buffer[PATH_MAX];
    scratch_dir(dir);
    char target[64];
    snprintf(target, sizeof target, "to-%d-%016lx", (int)getpid(), (long)random_word());
    CHECK(symlink(target, "link") == 0);
    memset(buffer, 0xaa, sizeof buffer);
    CHECK(readlink("link", buffer, sizeof buffer) == (ssize_t)strlen(target));
    CHECK((unsigned char)buffer[strlen(target)] == 0xaa);
    memset(buffer, 0xaa, sizeof buffer);
    CHECK(readlinkat(AT_FDCWD, "link", buffer, 5) == 5 && (unsigned char)buffer[5] == 0xaa);
    CHECK(readlink("none", buffer, 5) == -1 && errno == ENOENT);
    CHECK(readlink(".", buffer, 5) == -1 && errno == EINVAL);

    memset(buffer, 0xaa, sizeof buffer);
    long n = syscall(SYS_getcwd, buffer, sizeof buffer);
    CHECK(n > 0 && (size_t)n == strlen(buffer) + 1 && (unsigned char)buffer[n] == 0xaa);
    CHECK(syscall(SYS_getcwd, buffer, n - 1) == -1 && errno == ERANGE);
    say("%s -> %s\n", buffer, target);

    ssize_t len = readlink("/proc/self/exe", buffer, sizeof buffer - 1);
    CHECK(len > 0);
    buffer[len] = 0;
    say("exe %s\n", strrchr(buffer, '/') + 1);
    len = readlink("/proc/self", buffer, sizeof buffer - 1);
    CHECK(len > 0 && strtol(buffer, NULL, 10) == getpid());
    CHECK(unlink("link") == 0);
    scratch_dir_remove(dir);
    return 0;
}

/* open, creat, openat2, O_TMPFILE, linkat, renameat2, close_range, dup3: their man pages. */
#include "check.h"

#include <sys/file.h>

struct how {
    uint64_t flags, mode, resolve;
};

int main(void)
{
    char dir[PATH_MAX];
    scratch_dir(dir);
    int fd = creat("a", 0600);
    CHECK(fd >= 0);
    dprintf(fd, "%016lx", (long)random_word());
    CHECK(link("a", "b") == 0);
    CHECK(open("a", O_CREAT | O_EXCL | O_RDWR, 0600) == -1 && errno == EEXIST);
    struct how how = {.flags = O_RDONLY | O_CLOEXEC, .resolve = 8 /* RESOLVE_BENEATH */};
    long at2 = syscall(437 /* openat2 */, AT_FDCWD, "../x", &how, sizeof how);
    CHECK(at2 == -1 && (errno == EXDEV || errno == ENOSYS));
    if (errno == EXDEV) {
        at2 = syscall(437, AT_FDCWD, "b", &how, sizeof how);
        CHECK(at2 >= 0);
        char text[17] = "";
        CHECK(read((int)at2, text, 16) == 16);
        say("%s\n", text);
    }
    int c = open("c", O_CREAT | O_RDWR, 0600);
    CHECK(c >= 0 && rename("c", "d") == 0);
    if (syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "d", 2 /* RENAME_EXCHANGE */) == 0) {
        struct stat s;
        CHECK(stat("a", &s) == 0 && s.st_size == 0);
    }
    int anonymous = open(".", O_TMPFILE | O_RDWR, 0600);
    if (anonymous >= 0) {
        char path[64];
        snprintf(path, sizeof path, "/proc/self/fd/%d", anonymous);
        CHECK(linkat(AT_FDCWD, path, AT_FDCWD, "e", AT_SYMLINK_FOLLOW) == 0 && unlink("e") == 0);
    }
    CHECK(fallocate(c, 0, 0, 10000) == 0 || errno == EOPNOTSUPP);
    CHECK(lseek(c, 0, SEEK_END) >= 0 && lseek(c, -1, SEEK_SET) == -1);
    CHECK(dup3(c, 60, O_CLOEXEC) == 60 && dup3(c, c, 0) == -1 && errno == EINVAL);
    if (syscall(436 /* close_range */, 50, ~0u, 0) == 0)
        CHECK(fcntl(60, F_GETFD) == -1);
    CHECK(unlink("a") == 0 && unlink("b") == 0 && unlink("d") == 0);
    CHECK(mkdir("m", 0700) == 0 && rmdir("m") == 0 && mknod("p", S_IFIFO | 0600, 0) == 0);
    CHECK(unlink("p") == 0);
    scratch_dir_remove(dir);
    return 0;
}

/* stat, fstat, lstat, newfstatat, statx, statfs: inode numbers and times that differ from run to
 * run: stat(2), statx(2), statfs(2). */
#include "check.h"

#include <sys/statfs.h>
#include <sys/statvfs.h>

static void show(const char *how, const struct stat *s)
{
    say("%s: ino %lu dev %lx mode %o size %ld blocks %ld mtime %ld.%09ld\n", how, (long)s->st_ino,
        (long)s->st_dev, s->st_mode, (long)s->st_size, (long)s->st_blocks, (long)s->st_mtim.tv_sec,
        s->st_mtim.tv_nsec);
}

int main(void)
{
    char dir[PATH_MAX];
    scratch_dir(dir);
    int fd = open("file", O_CREAT | O_RDWR, 0640);
    CHECK(fd >= 0);
    dprintf(fd, "%d\n", (int)getpid());
    CHECK(symlink("file", "link") == 0);
    struct stat a, b;
    CHECK(fstat(fd, &a) == 0);
    show("fstat", &a);
    CHECK(stat("link", &b) == 0 && b.st_ino == a.st_ino);
    CHECK(lstat("link", &b) == 0 && b.st_ino != a.st_ino);
    show("lstat", &b);
    CHECK(fstatat(AT_FDCWD, "link", &b, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(b.st_mode));
    CHECK(syscall(SYS_stat, "file", &b) == 0);
    show("old stat", &b);

    struct statx x;
    CHECK(statx(AT_FDCWD, "file", 0, STATX_ALL, &x) == 0 && x.stx_ino == a.st_ino);
    say("born %ld.%09u, attributes %lx, mask %x\n", (long)x.stx_btime.tv_sec, x.stx_btime.tv_nsec,
        (long)x.stx_attributes, x.stx_mask);
    CHECK(statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &x) == 0 && x.stx_ino == a.st_ino);

    struct timespec times[2] = {{1, 2}, {3, 4}};
    CHECK(futimens(fd, times) == 0 && fstat(fd, &b) == 0);
    CHECK(b.st_atim.tv_nsec == 2 && b.st_mtim.tv_nsec == 4);
    say("changed %ld.%09ld\n", (long)b.st_ctim.tv_sec, b.st_ctim.tv_nsec);

    struct statfs f;
    struct statvfs v;
    CHECK(fstatfs(fd, &f) == 0 && statvfs(".", &v) == 0);
    say("type %lx, %lu blocks, %lu free, %lu\n", (long)f.f_type, (long)f.f_blocks, (long)f.f_bfree,
        v.f_bavail);
    CHECK(unlink("file") == 0 && unlink("link") == 0);
    scratch_dir_remove(dir);
    return 0;
}

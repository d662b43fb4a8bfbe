/* Directory entries come in a packed list of records with inode numbers and offsets; a buffer that
 * holds none gives EINVAL; lseek goes back: getdents64(2). */
#include "check.h"

#include <dirent.h>

struct entry {
    uint64_t ino;
    int64_t off;
    unsigned short len;
    unsigned char type;
    char name[];
};

int main(void)
{
    char dir[PATH_MAX], name[64];
    scratch_dir(dir);
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "%d-%016lx", i, (long)random_word());
        int fd = open(name, O_CREAT | O_WRONLY, 0600);
        CHECK(fd >= 0 && close(fd) == 0);
    }
    int fd = open(".", O_RDONLY | O_DIRECTORY);
    CHECK(fd >= 0);
    _Alignas(8) char buffer[512];
    CHECK(syscall(SYS_getdents64, fd, buffer, 8) == -1 && errno == EINVAL);
    int count = 0;
    for (long n; (n = syscall(SYS_getdents64, fd, buffer, sizeof buffer)) != 0;) {
        CHECK(n > 0);
        for (long at = 0; at < n;) {
            const struct entry *e = (const struct entry *)(buffer + at);
            say("%lu %ld %d %s\n", (long)e->ino, (long)e->off, e->type, e->name);
            at += e->len;
            count++;
        }
    }
    CHECK(count == 42);
    CHECK(lseek(fd, 0, SEEK_SET) == 0);
    DIR *d = fdopendir(fd);
    CHECK(d != NULL);
    for (struct dirent *e; (e = readdir(d)) != NULL; count--)
        if (e->d_name[0] != '.')
            CHECK(unlink(e->d_name) == 0);
    CHECK(count == 0);
    closedir(d);
    scratch_dir_remove(dir);
    return 0;
}

/* A failing execve returns and leaves the process as it was: ENOENT, EACCES, ENOEXEC, E2BIG,
 * ENOTDIR, ELOOP, EFAULT: execve(2). */
#include "check.h"

static void fails(const char *path, char *const args[], int expected)
{
    int r = execv(path, args);
    int e = errno;
    say("errno %d\n", e);
    CHECK(r == -1 && e == expected);
}

int main(void)
{
    char dir[PATH_MAX];
    char *const args[] = {"x", NULL};
    scratch_dir(dir);
    uint64_t before = random_word();
    fails("none", args, ENOENT);
    fails(".", args, EACCES);
    int fd = open("plain", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    CHECK(fd >= 0 && close(fd) == 0);
    fails("plain", args, EACCES);
    CHECK(chmod("plain", 0700) == 0);
    fails("plain", args, ENOEXEC);
    fails("plain/x", args, ENOTDIR);
    CHECK(symlink("loop", "loop") == 0);
    fails("loop", args, ELOOP);
    fails((const char *)(uintptr_t)16, args, EFAULT);
    static char large[1 << 18], *many[200];
    memset(large, 'x', sizeof large - 1);
    for (int i = 0; i < 199; i++)
        many[i] = large;
    fails("/bin/true", many, E2BIG);
    /* An ELF file cut behind its header. */
    fd = open("plain", O_WRONLY | O_CLOEXEC);
    write_all(fd, "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0\76\0", 20);
    CHECK(close(fd) == 0);
    fails("plain", args, ENOEXEC);
    CHECK(unlink("plain") == 0 && unlink("loop") == 0);
    scratch_dir_remove(dir);
    say("still %d, %016lx\n", (int)getpid(), (long)before);
    return 0;
}

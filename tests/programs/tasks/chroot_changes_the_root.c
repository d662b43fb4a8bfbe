/* After chroot the files of the old root are out of reach by name, and programs in memory go on:
 * chroot(2). */
#include "check.h"

int main(void)
{
    char dir[PATH_MAX];
    scratch_dir(dir);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        if (chroot(".") < 0)
            SKIP("chroot needs a privilege");
        CHECK(chdir("/") == 0);
        CHECK(access("/bin/sh", F_OK) == -1 && errno == ENOENT);
        int fd = open("/inside", O_CREAT | O_RDWR, 0600);
        CHECK(fd >= 0);
        uint64_t word = random_word(), back;
        write_all(fd, &word, sizeof word);
        CHECK(pread(fd, &back, sizeof back, 0) == sizeof back);
        char cwd[PATH_MAX];
        CHECK(getcwd(cwd, sizeof cwd) != NULL && strcmp(cwd, "/") == 0);
        CHECK(execl("/bin/true", "true", (char *)NULL) == -1 && errno == ENOENT);
        say("%d kept %016lx\n", (int)getpid(), (long)back);
        CHECK(unlink("/inside") == 0);
        _exit(0);
    }
    int status = wait_for(child);
    scratch_dir_remove(dir);
    return WEXITSTATUS(status);
}

/* Processes with memory of their own that share descriptors, working directory and umask:
 * clone(2); unshare(2) ends the sharing. */
#include "check.h"

#include <sched.h>

int main(void)
{
    int fd = scratch_file();
    uint64_t word = random_word();
    long child = syscall(SYS_clone, CLONE_FILES | CLONE_FS | SIGCHLD, NULL, NULL, NULL, 0);
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(dup2(fd, 77) == 77 && chdir("/usr") == 0);
        umask(0123);
        write_all(77, &word, sizeof word);
        CHECK(unshare(CLONE_FILES | CLONE_FS) == 0);
        CHECK(close(77) == 0 && chdir("/") == 0);
        _exit(0);
    }
    wait_for_success((pid_t)child);
    uint64_t back;
    CHECK(pread(77, &back, sizeof back, 0) == sizeof back && back == word);
    char cwd[PATH_MAX];
    CHECK(getcwd(cwd, sizeof cwd) != NULL && strcmp(cwd, "/usr") == 0);
    CHECK(umask(0) == 0123);
    say("%ld left %016lx in %s\n", child, (long)back, cwd);
    return 0;
}

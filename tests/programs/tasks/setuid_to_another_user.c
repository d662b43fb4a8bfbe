/* A process that gives up its privileges: the ids change, it is no longer dumpable, its files
 * cannot be opened as before: setresuid(2), prctl(2) PR_GET_DUMPABLE. */
#include "check.h"

#include <grp.h>
#include <sys/prctl.h>

int main(void)
{
    if (getuid() != 0)
        SKIP("only root can become somebody else");
    int fd = scratch_file();
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        gid_t groups[2] = {65534, 1234};
        CHECK(setgroups(2, groups) == 0);
        CHECK(setresgid(65534, 65534, 65534) == 0 && setresuid(65534, 65534, 65534) == 0);
        uid_t r, e, s;
        CHECK(getresuid(&r, &e, &s) == 0 && r == 65534 && e == 65534 && s == 65534);
        CHECK(getgroups(2, groups) == 2 && (groups[0] == 1234 || groups[1] == 1234));
        CHECK(setuid(0) == -1 && errno == EPERM);
        CHECK(prctl(PR_GET_DUMPABLE) != 1);
        CHECK(open("/etc/shadow", O_RDONLY) == -1);
        uint64_t word = random_word();
        write_all(fd, &word, sizeof word);
        pid_t grandchild = fork();
        CHECK(grandchild >= 0);
        if (grandchild == 0) {
            execl("/bin/sh", "sh", "-c", "id -u; echo $$", (char *)NULL);
            _exit(1);
        }
        wait_for_success(grandchild);
        say("%d is uid %d, wrote %016lx\n", (int)getpid(), (int)getuid(), (long)word);
        _exit(0);
    }
    wait_for_success(child);
    return 0;
}

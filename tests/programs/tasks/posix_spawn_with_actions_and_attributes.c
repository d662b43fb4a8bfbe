/* posix_spawn(3): the child is made with CLONE_VM and CLONE_VFORK on a stack of its own, and does
 * file actions, mask and group before it executes. */
#include "check.h"

#include <spawn.h>

extern char **environ;

int main(void)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    int fds[2];
    CHECK(pipe2(fds, O_CLOEXEC) == 0);
    CHECK(posix_spawn_file_actions_init(&actions) == 0 && posix_spawnattr_init(&attr) == 0);
    CHECK(posix_spawn_file_actions_adddup2(&actions, fds[1], 1) == 0);
    CHECK(posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0) == 0);
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    CHECK(posix_spawnattr_setsigmask(&attr, &mask) == 0);
    CHECK(posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP) == 0);
    static char *const args[] = {"sh", "-c", "echo spawned $$; exit 6", NULL};
    pid_t child;
    CHECK(posix_spawn(&child, "/bin/sh", &actions, &attr, args, environ) == 0);
    close(fds[1]);
    char text[64] = "";
    CHECK(read(fds[0], text, sizeof text - 1) > 0);
    CHECK(atoi(text + 8) == child);
    CHECK(WEXITSTATUS(wait_for(child)) == 6);
    say("%s", text);
    CHECK(posix_spawn(&child, "/does/not/exist", NULL, NULL, args, environ) == ENOENT);
    CHECK(posix_spawnp(&child, "true", NULL, NULL, (char *const[]){"true", NULL}, environ) == 0);
    wait_for_success(child);
    CHECK(system("echo from system $PPID; exit 9") >> 8 == 9);
    FILE *p = popen("echo popen $$", "r");
    CHECK(p != NULL && fgets(text, sizeof text, p) != NULL && pclose(p) == 0);
    say("%s", text);
    return 0;
}

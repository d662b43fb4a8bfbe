/* kill(0), kill(-group) and killpg reach all members of a group: kill(2). */
#include "check.h"

static volatile sig_atomic_t hits;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info, (void)context;
    hits++;
}

int main(void)
{
    if (getpgrp() != getpid())
        CHECK(setpgid(0, 0) == 0);
    handle(SIGUSR1, handler, 0);
    int ready[2];
    CHECK(pipe(ready) == 0);
    pid_t children[4];
    sigset_t block, old;
    sigemptyset(&block);
    sigaddset(&block, SIGUSR1);
    CHECK(sigprocmask(SIG_BLOCK, &block, &old) == 0);
    for (int i = 0; i < 4; i++) {
        children[i] = fork();
        CHECK(children[i] >= 0);
        if (children[i] == 0) {
            if (i == 3)
                CHECK(setpgid(0, 0) == 0);
            write_all(ready[1], "x", 1);
            sigsuspend(&old);
            _exit(hits);
        }
    }
    char bytes[4];
    read_all(ready[0], bytes, 4);
    CHECK(kill(0, SIGUSR1) == 0);
    CHECK(sigprocmask(SIG_SETMASK, &old, NULL) == 0 && hits == 1);
    for (int i = 0; i < 3; i++)
        CHECK(WEXITSTATUS(wait_for(children[i])) == 1);
    CHECK(waitpid(children[3], NULL, WNOHANG) == 0);
    CHECK(killpg(children[3], SIGTERM) == 0);
    CHECK(WTERMSIG(wait_for(children[3])) == SIGTERM);
    say("group of %d\n", (int)getpgrp());
    return 0;
}

/* PR_SET_PDEATHSIG: a child is told when its parent ends: prctl(2). */
#include "check.h"

#include <sys/prctl.h>

static volatile sig_atomic_t told;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info, (void)context;
    told++;
}

int main(void)
{
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
    pid_t middle = fork();
    CHECK(middle >= 0);
    if (middle == 0) {
        int ready[2];
        CHECK(pipe(ready) == 0);
        pid_t last = fork();
        CHECK(last >= 0);
        if (last == 0) {
            sigset_t block, old;
            sigemptyset(&block);
            sigaddset(&block, SIGUSR1);
            CHECK(sigprocmask(SIG_BLOCK, &block, &old) == 0);
            handle(SIGUSR1, handler, 0);
            CHECK(prctl(PR_SET_PDEATHSIG, SIGUSR1) == 0);
            write_all(ready[1], "x", 1);
            while (!told)
                sigsuspend(&old);
            say("%d learned that %d is gone\n", (int)getpid(), (int)middle);
            _exit(0);
        }
        char byte;
        read_all(ready[0], &byte, 1);
        _exit(0);
    }
    wait_for_success(middle);
    int status;
    CHECK(wait(&status) > 0 && status == 0);
    return 0;
}

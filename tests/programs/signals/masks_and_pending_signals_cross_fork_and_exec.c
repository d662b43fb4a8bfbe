/* exec keeps the mask, what is ignored and what is pending, and resets handlers; a child of fork
 * has nothing pending and inherits the rest: execve(2), fork(2). */
#include "check.h"

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info, (void)context;
}

static int after_exec(void)
{
    sigset_t mask, pending;
    struct sigaction sa;
    CHECK(sigprocmask(SIG_SETMASK, NULL, &mask) == 0 && sigpending(&pending) == 0);
    CHECK(sigismember(&mask, SIGUSR1) && sigismember(&pending, SIGUSR1));
    CHECK(!sigismember(&mask, SIGUSR2));
    CHECK(sigaction(SIGUSR2, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN);
    CHECK(sigaction(SIGHUP, NULL, &sa) == 0 && sa.sa_handler == SIG_DFL);
    stack_t stack;
    CHECK(sigaltstack(NULL, &stack) == 0 && (stack.ss_flags & SS_DISABLE));
    siginfo_t info;
    CHECK(sigwaitinfo(&mask, &info) == SIGUSR1 && info.si_value.sival_int == 99);
    say("the signal of %d crossed the exec\n", (int)info.si_pid);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return after_exec();
    sigset_t block, pending;
    sigemptyset(&block);
    sigaddset(&block, SIGUSR1);
    CHECK(sigprocmask(SIG_BLOCK, &block, NULL) == 0);
    signal(SIGUSR2, SIG_IGN);
    handle(SIGHUP, handler, 0);
    static char other[1 << 15];
    stack_t stack = {.ss_sp = other, .ss_size = sizeof other};
    CHECK(sigaltstack(&stack, NULL) == 0);
    CHECK(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 99}) == 0);
    CHECK(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1));
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(sigpending(&pending) == 0 && !sigismember(&pending, SIGUSR1));
        _exit(0);
    }
    wait_for_success(child);
    execl("/proc/self/exe", argv[0], "again", (char *)NULL);
    CHECK(!"exec returned");
}

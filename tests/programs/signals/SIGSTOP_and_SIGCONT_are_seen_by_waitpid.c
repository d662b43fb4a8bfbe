/* Job control: who waits sees stops with WUNTRACED and continuations with WCONTINUED, and the
 * stopped process runs no handler before it continues: waitpid(2), signal(7). */
#include "check.h"

static volatile sig_atomic_t continued;

static void on_cont(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info, (void)context;
    continued++;
}

int main(void)
{
    static const int stops[] = {SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU};
    int go[2];
    CHECK(pipe(go) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    char byte = 'x';
    if (child == 0) {
        CHECK(setpgid(0, 0) == 0); /* not orphaned: the parent is in another group of the session */
        handle(SIGCONT, on_cont, 0);
        for (int i = 0; i < 4; i++) {
            raise(stops[i]);
            CHECK(continued == i + 1);
            read_all(go[0], &byte, 1); /* a new stop would hide that it was continued */
        }
        _exit(11);
    }
    for (int i = 0; i < 4; i++) {
        int status;
        CHECK(waitpid(child, &status, WUNTRACED) == child);
        CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == stops[i]);
        CHECK(waitpid(child, &status, WUNTRACED | WNOHANG) == 0);
        say("%d stopped by %d at %ld\n", (int)child, stops[i], (long)now_ns());
        CHECK(kill(child, SIGCONT) == 0);
        CHECK(waitpid(child, &status, WCONTINUED) == child && WIFCONTINUED(status));
        write_all(go[1], &byte, 1);
    }
    CHECK(WEXITSTATUS(wait_for(child)) == 11);
    return 0;
}

/* abort(3) unblocks SIGABRT, and ends the process even if a handler returns. */
#include "check.h"

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)info, (void)context;
    say("handler of %d in %d\n", sig, (int)getpid());
}

int main(void)
{
    handle(SIGABRT, handler, 0);
    sigset_t all;
    sigfillset(&all);
    CHECK(sigprocmask(SIG_BLOCK, &all, NULL) == 0);
    dprintf(STDERR_FILENO, "about to abort at %ld\n", (long)now_ns());
    abort();
}

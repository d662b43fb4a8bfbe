/* Waits for a byte, and gives up when SIGUSR1 comes first. */
#include "flaky.h"

#include <poll.h>
#include <signal.h>

static volatile sig_atomic_t interrupted;

static void note(int signo)
{
    (void)signo;
    interrupted = 1;
}

int main(void)
{
    sigset_t block, none;
    sigemptyset(&none);
    sigemptyset(&block);
    sigaddset(&block, SIGUSR1);
    sigprocmask(SIG_BLOCK, &block, NULL);
    signal(SIGUSR1, note);
    struct pollfd p = {.fd = MUST(open("work", O_RDWR | O_CLOEXEC)), .events = POLLIN};
    int ready = MUST(open("ready", O_RDWR | O_CLOEXEC));
    dprintf(ready, "%d\n", (int)getpid());
    int n = ppoll(&p, 1, NULL, &none);
    return verdict(n == 1 && !interrupted);
}

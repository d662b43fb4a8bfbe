/* A signal without a handler ends a process whose threads compute without any call. */
#include "preempt.h"

static void *send(void *arg)
{
    say("sending after %lx\n", (long)burn(50));
    kill(getpid(), SIGTERM);
    return arg;
}

int main(void)
{
    start(send, NULL);
    for (volatile uint64_t k = 0;; k++)
        ;
}

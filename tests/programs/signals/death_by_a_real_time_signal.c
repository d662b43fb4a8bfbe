/* A real-time signal without a handler ends the process: signal(7). */
#include "check.h"

int main(void)
{
    say("pid %d\n", (int)getpid());
    sigqueue(getpid(), SIGRTMIN + 5, (union sigval){.sival_int = 1});
    return 0;
}

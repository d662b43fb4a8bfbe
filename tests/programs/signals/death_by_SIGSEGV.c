/* A fault without a handler ends the program; who waits for it sees the signal: signal(7). */
#include "check.h"

int main(void)
{
    say("pid %d reads from an address that is not mapped\n", (int)getpid());
    return *(volatile int *)16;
}

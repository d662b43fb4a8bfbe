/* The program ends itself with the signal that nobody handles: kill(2). */
#include "check.h"

int main(void)
{
    say("pid %d at %ld\n", (int)getpid(), (long)now_ns());
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* Any status of 0 to 255 reaches the one who waits: exit(3). */
#include "check.h"

int main(void)
{
    say("pid %d exits with 42\n", (int)getpid());
    return 42;
}

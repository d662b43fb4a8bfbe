/* The first process is ended by its own child, which goes on a little longer. */
#include "check.h"

int main(void)
{
    pid_t parent = getpid(), child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        sleep_ms(20);
        say("%d ends %d\n", (int)getpid(), (int)parent);
        CHECK(kill(parent, SIGTERM) == 0);
        for (int i = 0; i < 100 && getppid() == parent; i++)
            sleep_ms(5);
        CHECK(getppid() != parent);
        say("and outlives it\n");
        return 0;
    }
    for (;;)
        pause();
}

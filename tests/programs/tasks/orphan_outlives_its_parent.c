/* The first process exits while its child still works and writes: the child gets a new parent and
 * goes on: wait(2), NOTES. */
#include "check.h"

int main(void)
{
    pid_t parent = getpid(), child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        for (int i = 0; i < 200 && getppid() == parent; i++)
            sleep_ms(5);
        CHECK(getppid() != parent);
        for (int i = 0; i < 5; i++) {
            say("orphan %d of %d: %016lx\n", (int)getpid(), (int)parent, (long)random_word());
            sleep_ms(10);
        }
        return 0;
    }
    sleep_ms(20);
    say("parent %d exits\n", (int)parent);
    return 5;
}

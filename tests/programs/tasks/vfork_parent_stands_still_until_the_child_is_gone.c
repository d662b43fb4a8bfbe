/* The child of vfork runs in the parent's memory while the parent stands still until the child
 * exits or executes: vfork(2). What the child writes the parent sees. */
#include "check.h"

static volatile int shared;
static volatile uint64_t word;

int main(void)
{
    pid_t child = vfork();
    CHECK(child >= 0);
    if (child == 0) {
        shared = 1;
        sleep_ms(30);
        word = random_word();
        shared = 2;
        _exit(3);
    }
    CHECK(shared == 2);
    say("child %d wrote %016lx\n", (int)child, (long)word);
    CHECK(WEXITSTATUS(wait_for(child)) == 3);

    static char *const args[] = {"sh", "-c", "echo executed by $$; exit 4", NULL};
    child = vfork();
    CHECK(child >= 0);
    if (child == 0) {
        shared = 3;
        execv("/bin/sh", args);
        _exit(127);
    }
    CHECK(shared == 3);
    CHECK(WEXITSTATUS(wait_for(child)) == 4);

    /* An exec that fails leaves the child in the parent's memory. */
    child = vfork();
    CHECK(child >= 0);
    if (child == 0) {
        execv("/does/not/exist", args);
        shared = errno;
        _exit(5);
    }
    CHECK(shared == ENOENT);
    CHECK(WEXITSTATUS(wait_for(child)) == 5);
    return 0;
}

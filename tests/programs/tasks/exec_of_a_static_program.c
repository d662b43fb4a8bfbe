/* A program without a dynamic loader, at a fixed address: linked with -static. */
#include "check.h"

#include <sys/auxv.h>

int main(int argc, char **argv)
{
    CHECK(getauxval(AT_BASE) == 0);
    say("main at %p, stack at %p, %016lx\n", (void *)main, (void *)&argc, (long)random_word());
    if (argc == 1) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            execl("/proc/self/exe", argv[0], "again", (char *)NULL);
            _exit(1);
        }
        wait_for_success(child);
    }
    time_t t = time(NULL);
    say("%s", ctime(&t));
    return 0;
}

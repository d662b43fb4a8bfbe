/* personality(ADDR_NO_RANDOMIZE) and an exec of itself, as gdb and setarch -R do: addresses are the
 * same each time then: personality(2). */
#include "check.h"

#include <sys/personality.h>

int main(int argc, char **argv)
{
    int persona = personality(0xffffffff);
    CHECK(persona != -1);
    if (argc == 1) {
        say("persona %x, main %p\n", persona, (void *)main);
        CHECK(personality((unsigned long)persona | ADDR_NO_RANDOMIZE) == persona);
        execl("/proc/self/exe", argv[0], "1", (char *)NULL);
        CHECK(!"exec returned");
    }
    CHECK(persona & ADDR_NO_RANDOMIZE);
    int round = atoi(argv[1]);
    char main_at[32], stack_at[32], next[16];
    snprintf(main_at, sizeof main_at, "%p", (void *)main);
    snprintf(stack_at, sizeof stack_at, "%p", sbrk(0));
    if (round > 1)
        CHECK(strcmp(main_at, argv[2]) == 0);
    say("round %d: main %s, break %s\n", round, main_at, stack_at);
    if (round == 3)
        return 0;
    snprintf(next, sizeof next, "%d", round + 1);
    execl("/proc/self/exe", argv[0], next, main_at, (char *)NULL);
    CHECK(!"exec returned");
}

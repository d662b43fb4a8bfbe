/* Arguments with spaces, quotes, escapes, no text at all, and an empty one. */
#include "check.h"

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        say("%d: %zu bytes: ", i, strlen(argv[i]));
        write_all(1, argv[i], strlen(argv[i]));
        say("\n");
    }
    CHECK(argc == 6);
    say("pid %d\n", (int)getpid());
    return 0;
}

/* Arguments with spaces, quotes, escapes, line ends; exec_with_odd_arguments has empty ones. */
#include "check.h"

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        say("%d: %zu bytes: ", i, strlen(argv[i]));
        write_all(1, argv[i], strlen(argv[i]));
        say("\n");
    }
    CHECK(argc == 5);
    say("pid %d\n", (int)getpid());
    return 0;
}

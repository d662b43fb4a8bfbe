/* What the flaky programs share. Each fails for one cause, which tests/cli/diff.sh arranges; what
 * it did is told by its exit status and by a line on stdout. */
#ifndef REPRISE_TESTS_FLAKY_H
#define REPRISE_TESTS_FLAKY_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The verdict: printed, and the exit status. */
static inline int verdict(int good)
{
    const char *text = good ? "all is well\n" : "something is wrong\n";
    if (write(STDOUT_FILENO, text, strlen(text)) < 0)
        return 2;
    return good ? 0 : 1;
}

/* Something that must work for the test to mean anything. */
#define MUST(call)                                                                                 \
    ({                                                                                             \
        __typeof__(call) must_ = (call);                                                           \
        if (must_ < 0) {                                                                           \
            perror(#call);                                                                         \
            exit(3);                                                                               \
        }                                                                                          \
        must_;                                                                                     \
    })

#endif

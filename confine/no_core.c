/* Owns the limit of core dumps. */
#include "confine/no_core.h"

#include <sys/resource.h>

/* A limit of 0 keeps the kernel from writing a file, but not from starting the program that
 * kernel.core_pattern may name; one of 1 does both (fs/coredump.c, coredump_pipe; core(5)). */
void no_core(void)
{
    struct rlimit one = {1, 1}, none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &one) < 0) /* the hard limit is 0 already */
        (void)setrlimit(RLIMIT_CORE, &none);
}

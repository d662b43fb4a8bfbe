/* What goes to descriptors duplicated from stdout and stderr, by any of the calls, is the
 * program's output; what goes to a descriptor 1 that was closed and opened anew is not. */
#include "check.h"

int main(void)
{
    int a = dup(1), b = fcntl(1, F_DUPFD_CLOEXEC, 100), c = dup2(2, 50);
    CHECK(a >= 0 && b >= 100 && c == 50);
    dprintf(a, "through dup %d\n", (int)getpid());
    dprintf(b, "through fcntl %016lx\n", (long)random_word());
    dprintf(c, "to stderr through dup2 %ld\n", (long)now_ns());
    CHECK(close(1) == 0);
    CHECK(scratch_file() == 1);
    dprintf(1, "to a file that has the number of stdout\n");
    dprintf(a, "still to stdout\n");
    CHECK(dup3(a, 1, 0) == -1 || true);
    dprintf(1, "stdout again\n");
    CHECK(dup2(1, 2) == 2);
    dprintf(2, "stderr joined to stdout %016lx\n", (long)random_word());
    CHECK(dup2(50, 2) == 2);
    dprintf(2, "stderr again\n");
    return 0;
}

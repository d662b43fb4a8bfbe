/* stdin, given by the test, in reads of one byte, of some and of many; a child reads on where its
 * parent stopped. A replay has no stdin. */
#include "check.h"

int main(void)
{
    char byte, block[70000];
    size_t count = 0;
    while (count < 1000 && read(0, &byte, 1) == 1) {
        if (count < 20)
            write_all(1, &byte, 1);
        count++;
    }
    CHECK(count == 1000);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        ssize_t n = read(0, block, 333);
        CHECK(n == 333);
        say("\nchild read %016lx\n", (long)hash_of(block, (size_t)n));
        _exit(0);
    }
    wait_for_success(child);
    uint64_t hash = 0;
    for (ssize_t n; (n = read(0, block, sizeof block)) > 0; count += (size_t)n)
        hash = hash * 31 + hash_of(block, (size_t)n);
    CHECK(read(0, &byte, 1) == 0);
    say("%zu bytes, the rest %016lx, in %d\n", count, (long)hash, (int)getpid());
    CHECK(count > 2000);
    return 0;
}

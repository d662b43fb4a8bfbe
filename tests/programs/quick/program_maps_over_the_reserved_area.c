/* The recorder's own memory in a program is not safe from it: calls work on all the same. */
#include "check.h"

#include <sys/mman.h>

int main(void)
{
    int zero = open("/dev/zero", O_RDONLY);
    char c;
    for (int i = 0; i < 100; i++)
        CHECK(getppid() > 0 && read(zero, &c, 1) == 1);
    char *base = (char *)0x2a0000f00000;
    size_t len = 0x200000;
    char *at =
        mmap(base, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    CHECK(at == base);
    for (int i = 0; i < 100; i++)
        CHECK(getppid() > 0 && read(zero, &c, 1) == 1);
    memset(at, 'x', len);
    say("%llx\n", (unsigned long long)hash_of(at, len));
    return 0;
}

/* Where mappings land: hints, MAP_FIXED over what is there, MAP_FIXED_NOREPLACE, MAP_32BIT, refused
 * addresses: mmap(2). */
#include "check.h"

#include <sys/mman.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

static char *map(void *at, size_t size, int flags)
{
    return mmap(at, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}

int main(void)
{
    char *p = map(NULL, 16 * 4096, 0);
    CHECK(p != MAP_FAILED);
    memset(p, 'a', 16 * 4096);
    CHECK(map(p + 4096, 4096, MAP_FIXED) == p + 4096 && p[4096] == 0 && p[0] == 'a' &&
          p[8192] == 'a');
    char *elsewhere = map(p, 4096, 0);
    CHECK(elsewhere != MAP_FAILED && elsewhere != p && p[0] == 'a');
    CHECK(map(p, 4096, MAP_FIXED_NOREPLACE) == MAP_FAILED && errno == EEXIST);
    char *hint = (char *)0x200000000000;
    char *hinted = map(hint, 4096, 0);
    say("hint gave %p, plain gave %p\n", (void *)hinted, (void *)p);
    char *odd = map(hint + (1 << 20) + 5, 4096, 0);
    CHECK(((uintptr_t)odd & 4095) == 0);
    char *low = map(NULL, 4096, MAP_32BIT);
    CHECK(low != MAP_FAILED && (uintptr_t)low < 0x80000000);
    *low = 1;
    say("low %p, odd %p\n", (void *)low, (void *)odd);
    CHECK(map((void *)0x400000000000, 4096, MAP_FIXED_NOREPLACE) == (void *)0x400000000000);
    CHECK(map(p + 1, 4096, MAP_FIXED) == MAP_FAILED && errno == EINVAL);
    CHECK(map(NULL, 0, 0) == MAP_FAILED && errno == EINVAL);
    CHECK(map((void *)0x7ffffffff000, 4096, MAP_FIXED) == MAP_FAILED && errno == ENOMEM);
    CHECK(munmap(p + 3, 4096) == -1 && errno == EINVAL);
    CHECK(munmap(p + 5 * 4096, 2 * 4096) == 0 && p[7 * 4096] == 'a' && p[4 * 4096] == 'a');
    CHECK(munmap(p, 16 * 4096) == 0); /* a hole inside is no error */
    char *populated = map(NULL, 8192, MAP_POPULATE | MAP_LOCKED);
    CHECK(populated != MAP_FAILED || errno == EAGAIN || errno == EPERM);
    say("populated %p\n", (void *)populated);
    return 0;
}

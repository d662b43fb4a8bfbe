/* mremap(2) in all its forms: in place, moved, MREMAP_FIXED, MREMAP_DONTUNMAP, an old size of 0 for
 * a second mapping of shared memory. */
#include "check.h"

#include <sys/mman.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

static char *map(size_t pages, int flags)
{
    char *p = mmap(NULL, pages * 4096, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    return p;
}

int main(void)
{
    uint64_t word = random_word();
    char *room = map(100, MAP_PRIVATE), *p = map(4, MAP_PRIVATE);
    memcpy(p + 8192, &word, 8);
    CHECK(mremap(p, 4 * 4096, 3 * 4096, 0) == p);
    char *q = mremap(p, 3 * 4096, 50 * 4096, MREMAP_MAYMOVE);
    CHECK(q != MAP_FAILED && memcmp(q + 8192, &word, 8) == 0 && q[49 * 4096] == 0);
    say("from %p to %p\n", (void *)p, (void *)q);
    CHECK(mremap(q, 50 * 4096, 10 * 4096, MREMAP_MAYMOVE | MREMAP_FIXED, room + 4096) ==
          room + 4096);
    CHECK(memcmp(room + 4096 + 8192, &word, 8) == 0);

    char *r = mremap(room + 4096, 10 * 4096, 10 * 4096, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
    if (r != MAP_FAILED) {
        CHECK(memcmp(r + 8192, &word, 8) == 0);
        CHECK(room[4096 + 8192] == 0 && room[4096] == 0); /* still mapped, empty now */
        say("left empty at %p, now at %p\n", (void *)(room + 4096), (void *)r);
    }
    char *shared = map(2, MAP_SHARED);
    char *twin = mremap(shared, 0, 2 * 4096, MREMAP_MAYMOVE);
    CHECK(twin != MAP_FAILED && twin != shared);
    memcpy(shared + 4096, &word, 8);
    CHECK(memcmp(twin + 4096, &word, 8) == 0);

    /* A part out of the middle of a mapping. */
    char *big = map(9, MAP_PRIVATE);
    memset(big, 'm', 9 * 4096);
    char *part = mremap(big + 3 * 4096, 4096, 4 * 4096, MREMAP_MAYMOVE);
    CHECK(part != MAP_FAILED && part[4095] == 'm' && part[4096] == 0 && big[4 * 4096] == 'm');
    CHECK(mremap((void *)4096, 4096, 8192, MREMAP_MAYMOVE) == MAP_FAILED && errno == EFAULT);
    say("%016lx\n", (long)hash_of(twin, 8192));
    return 0;
}

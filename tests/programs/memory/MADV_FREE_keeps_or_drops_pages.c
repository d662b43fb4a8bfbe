/* After MADV_FREE a page reads as before or as zeros, as the kernel likes; a write to it settles
 * the matter: madvise(2). */
#include "check.h"

#include <sys/mman.h>

int main(void)
{
    char *p = mmap(NULL, 64 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    uint64_t word = random_word();
    for (int i = 0; i < 64; i++)
        memcpy(p + i * 4096, &word, 8);
    if (madvise(p, 64 * 4096, MADV_FREE) < 0)
        SKIP("no MADV_FREE here");
    int kept = 0;
    for (int i = 0; i < 64; i++)
        kept += memcmp(p + i * 4096, &word, 8) == 0;
    say("%d pages kept\n", kept);
    p[5] = 1;
    CHECK(p[5] == 1);
    sleep_ms(10);
    say("%016lx\n", (long)hash_of(p, 64 * 4096));
    return 0;
}

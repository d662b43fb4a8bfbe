/* MADV_HUGEPAGE, MADV_COLLAPSE, MADV_POPULATE_WRITE, MADV_COLD change how memory is kept, never
 * what it holds: madvise(2). */
#include "check.h"

#include <sys/mman.h>

int main(void)
{
    size_t size = 8 << 20;
    char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    int huge = madvise(p, size, MADV_HUGEPAGE);
    for (size_t i = 0; i < size; i += 4096)
        p[i] = (char)(i >> 12);
    uint64_t word = random_word();
    memcpy(p + 4000000, &word, 8);
    static const int advice[] = {MADV_NOHUGEPAGE,
                                 MADV_WILLNEED,
                                 MADV_SEQUENTIAL,
                                 MADV_MERGEABLE,
                                 20 /* COLD */,
                                 21 /* PAGEOUT */,
                                 22,
                                 23,
                                 25 /* COLLAPSE */};
    int results = huge == 0;
    for (size_t i = 0; i < sizeof advice / sizeof *advice; i++)
        results = results * 2 + (madvise(p, size, advice[i]) == 0);
    uint64_t back;
    memcpy(&back, p + 4000000, 8);
    CHECK(back == word && p[4096 * 77] == 77);
    say("%x at %p: %016lx\n", results, (void *)p, (long)hash_of(p, size / 8));
    return 0;
}

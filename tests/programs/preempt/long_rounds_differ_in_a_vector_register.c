/* Nothing but a vector register tells one round from the other, and a round is longer than what
 * the recorder steps through to see what changes. */
#include "preempt.h"

#define ROUNDS 2000000

static uint64_t count(uint64_t rounds)
{
    uint64_t one = 1, result;
    __asm__ volatile("pxor %%xmm0, %%xmm0\n\t"
                     "movq %[one], %%xmm1\n"
                     "1:\n\t"
                     ".rept 400\n\t"
                     "lea 0(%%rsi), %%rsi\n\t"
                     ".endr\n\t"
                     "paddq %%xmm1, %%xmm0\n\t"
                     "movq %%xmm0, %%rax\n\t"
                     "cmp %[rounds], %%rax\n\t"
                     "mov $0, %%eax\n\t"
                     "jne 1b\n\t"
                     "movq %%xmm0, %[result]"
                     : [result] "=r"(result)
                     : [one] "r"(one), [rounds] "r"(rounds)
                     : "rax", "xmm0", "xmm1", "cc");
    return result;
}

static void *run(void *ret)
{
    *(uint64_t *)ret = count(ROUNDS);
    return NULL;
}

int main(void)
{
    uint64_t counts[2];
    pthread_t threads[] = {start(run, &counts[0]), start(run, &counts[1])};
    for (int i = 0; i < 2; i++)
        end_of(threads[i]);
    CHECK(counts[0] == ROUNDS && counts[1] == ROUNDS);
    say("%llu\n", (unsigned long long)(counts[0] + counts[1]));
    return 0;
}

/* Signals come in loops in which there is no room for a jump: `loop` alone, short instructions
 * among branches, and string instructions. */
#include "preempt.h"

#define N     30000
#define TICKS 3

static uint64_t loop_alone(uint64_t n, uint8_t *buf)
{
    (void)buf;
    uint64_t left = n;
    __asm__ volatile("1: loop 1b" : "+c"(left));
    return n - left;
}

static uint64_t loop_over_a_pause(uint64_t n, uint8_t *buf)
{
    (void)buf;
    uint64_t left = n / 8;
    __asm__ volatile("1: pause\n\tloop 1b" : "+c"(left));
    return n - left;
}

static uint64_t too_short_for_a_jump(uint64_t n, uint8_t *buf)
{
    uint64_t sum = 0;
    __asm__ volatile("1: jrcxz 2f\n\t"
                     "add %%ecx, %%eax\n\t"
                     "loop 1b\n"
                     "2:"
                     : "+a"(sum), "+c"(n));
    return sum + (uint64_t)buf[0] * 0;
}

static uint64_t string_instructions_alone(uint64_t n, uint8_t *buf)
{
    uint8_t *from = buf;
    uint64_t left = n / 2, sum = 0;
    __asm__ volatile("1: lodsb\n\t"
                     "jrcxz 2f\n\t"
                     "loop 1b\n"
                     "2:"
                     : "+S"(from), "+c"(left), "+a"(sum)
                     :
                     : "memory");
    return sum;
}

static uint64_t repeated_instructions_alone(uint64_t n, uint8_t *buf)
{
    uint64_t rounds = n / 400, left = 0;
    uint8_t *at = buf;
    __asm__ volatile("1: mov %%edx, %%ecx\n\t"
                     "rep stosb\n\t"
                     "mov %%edx, %%ecx\n\t"
                     "std\n\t"
                     "rep stosb\n\t"
                     "cld\n\t"
                     "jrcxz 2f\n"
                     "2: dec %%esi\n\t"
                     "jne 1b\n\t"
                     "jrcxz 3f\n"
                     "3:"
                     : "+D"(at), "+c"(left), "+S"(rounds)
                     : "d"((uint64_t)4096), "a"((uint64_t)7)
                     : "memory", "cc");
    return hash_of(buf, 8192);
}

typedef uint64_t kind(uint64_t n, uint8_t *buf);

int main(void)
{
    static const struct {
        const char *name;
        kind *kind;
    } kinds[] = {
        {"loop alone", loop_alone},
        {"loop over a pause", loop_over_a_pause},
        {"too short for a jump", too_short_for_a_jump},
        {"string instructions alone", string_instructions_alone},
        {"repeated instructions alone", repeated_instructions_alone},
    };
    static uint8_t buf[2 * N];
    tick_often();
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        uint64_t sum = 0, rounds = 0;
        for (int end = ticks + TICKS; ticks < end; rounds++) {
            buf[rounds % 256] = (uint8_t)(rounds * 5);
            sum = sum * 31 + kinds[i].kind(N + rounds % 100, buf);
            breathe();
        }
        say("%s: %lx in %ld rounds\n", kinds[i].name, (long)sum, (long)rounds);
    }
    return 0;
}

/* The same instruction makes calls whose buffers are on the stack where nothing was yet, in memory
 * that cannot be written, unaligned while alignment is checked; registers and flags stay. */
#include "check.h"
#include "quick_call.h"

#include <sys/mman.h>

#define FLAG_DIRECTION (1ul << 10)
#define FLAG_ALIGNMENT (1ul << 18)

static int zero;

static long read_below_the_stack(size_t below)
{
    char *buffer = (char *)__builtin_frame_address(0) - below;
    return quick_call(SYS_read, zero, (long)buffer, 64);
}

/* Makes a call with these flags set. */
static long with_flags(unsigned long set, long number, long a, long b, long c)
{
    unsigned long flags;
    __asm__ volatile("pushfq\n\tpop %0" : "=r"(flags));
    flags |= set;
    __asm__ volatile("push %0\n\tpopfq" : : "r"(flags) : "memory", "cc");
    long result = quick_call(number, a, b, c);
    __asm__ volatile("pushfq\n\tpop %0" : "=r"(flags));
    unsigned long cleared = flags & ~set;
    __asm__ volatile("push %0\n\tpopfq" : : "r"(cleared) : "memory", "cc");
    CHECK((flags & set) == set);
    return result;
}

static void registers_stay(void)
{
    unsigned long r8 = 8, r9 = 9, r10 = 10, rbx = 11, r12 = 12, r15 = 15, rcx, r11, flags;
    __asm__ volatile(
        "mov %[r8], %%r8\n\tmov %[r9], %%r9\n\tmov %[r10], %%r10\n\t"
        "mov %[rbx], %%rbx\n\tmov %[r12], %%r12\n\tmov %[r15], %%r15\n\t"
        "mov %[nr], %%edi\n\tstc\n\tpushfq\n\tpop %[flags]\n\t"
        "call quick_call\n\t"
        "mov %%rcx, %[rcx]\n\tmov %%r11, %[r11]\n\t"
        "mov %%r8, %[r8]\n\tmov %%r9, %[r9]\n\tmov %%r10, %[r10]\n\t"
        "mov %%rbx, %[rbx]\n\tmov %%r12, %[r12]\n\tmov %%r15, %[r15]"
        : [r8] "+m"(r8), [r9] "+m"(r9), [r10] "+m"(r10), [rbx] "+m"(rbx), [r12] "+m"(r12),
          [r15] "+m"(r15), [rcx] "=m"(rcx), [r11] "=m"(r11), [flags] "=&r"(flags)
        : [nr] "i"(SYS_getppid)
        : "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r15",
          "memory", "cc");
    CHECK(r8 == 8 && r9 == 9 && r10 == 10 && rbx == 11 && r12 == 12 && r15 == 15);
    CHECK(r11 == flags);
    CHECK(rcx > (unsigned long)quick_call && rcx < (unsigned long)quick_call + QUICK_CALL_SIZE);
}

int main(void)
{
    zero = open("/dev/urandom", O_RDONLY);
    CHECK(zero >= 0);
    for (int i = 0; i < 5; i++)
        CHECK(read_below_the_stack(256) == 64);
    for (size_t below = 4096; below < 4096 * 256; below *= 2)
        CHECK(read_below_the_stack(below) == 64);
    uint64_t *unaligned = (void *)((char *)malloc(64) + 1);
    for (int i = 0; i < 5; i++) {
        CHECK(with_flags(FLAG_ALIGNMENT, SYS_read, zero, (long)unaligned, 32) == 32);
        CHECK(with_flags(FLAG_ALIGNMENT, SYS_access, (long)((char *)"x/a/b/c/d/e/f/g/h" + 1), 0,
                         0) < 0);
        CHECK(with_flags(FLAG_DIRECTION, SYS_read, zero, (long)unaligned, 32) == 32);
        registers_stay();
    }
    char *page = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(page != MAP_FAILED);
    for (int i = 0; i < 5; i++) {
        CHECK(quick_call(SYS_read, zero, (long)page, 8192) == -EFAULT);
        CHECK(quick_call(SYS_read, zero, 8, 8) == -EFAULT);
        CHECK(quick_call(SYS_write, zero, 8, 8) < 0);
    }
    uint64_t word;
    memcpy(&word, unaligned, sizeof word);
    say("%llx %d\n", (unsigned long long)word, (int)getppid());
    return 0;
}

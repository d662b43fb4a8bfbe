/* The dynamic linker saves vector registers on the stack when a function is called the first time,
 * with XSAVEC, which leaves out what the CPU takes for unused: whether registers that hold zeros
 * are, depends on when the task was last switched. What is left behind there may be seen later. */
#include "check.h"

#include <math.h>
#include <sys/syscall.h>

/* clang-format off */
#define EACH(F)                                                                                    \
    F(sin) F(cos) F(tan) F(asin) F(acos) F(atan) F(sinh) F(cosh) F(tanh) F(asinh) F(acosh)         \
    F(atanh) F(exp) F(exp2) F(exp10) F(expm1) F(log) F(log2) F(log10) F(log1p) F(sqrt) F(cbrt)     \
    F(fabs) F(ceil) F(floor) F(rint) F(trunc) F(round) F(nearbyint) F(erf) F(erfc) F(lgamma)       \
    F(tgamma) F(j0) F(j1) F(y0) F(y1) F(significand) F(logb) F(gamma)
/* clang-format on */

#define BELOW 4096 /* bytes of stack that are looked at */

static uint64_t sum = 14695981039346656037u;

/* What the linker left below this frame. */
static __attribute__((noinline)) void look_below(void)
{
    const volatile uint8_t *frame = __builtin_frame_address(0);
    for (int i = 256; i < BELOW; i++)
        sum = (sum ^ frame[-i]) * 1099511628211u;
}

static __attribute__((noinline)) void fill_below(void)
{
    volatile uint8_t *frame = __builtin_frame_address(0);
    for (int i = 256; i < BELOW; i++)
        frame[-i] = 0xaa;
}

static const uint8_t zeros[16];

/* Zeros that come from memory count as used, those that the CPU made itself do not. */
static void clear_registers(bool from_memory)
{
#define CLEAR(n)                                                                                   \
    if (from_memory)                                                                               \
        __asm__ volatile("movups %0, %%xmm" #n : : "m"(zeros) : "xmm" #n);                         \
    else                                                                                           \
        __asm__ volatile("pxor %%xmm" #n ", %%xmm" #n : : : "xmm" #n);
    /* clang-format off */
    CLEAR(0) CLEAR(1) CLEAR(2) CLEAR(3) CLEAR(4) CLEAR(5) CLEAR(6) CLEAR(7)
    CLEAR(8) CLEAR(9) CLEAR(10) CLEAR(11) CLEAR(12) CLEAR(13) CLEAR(14) CLEAR(15)
    /* clang-format on */
}

#define CALL(name)                                                                                 \
    static __attribute__((noinline)) void call_##name(bool from_memory)                            \
    {                                                                                              \
        fill_below();                                                                              \
        clear_registers(from_memory);                                                              \
        (void)syscall(SYS_sched_yield);                                                            \
        __asm__ volatile("call " #name "@PLT"                                                      \
                         :                                                                         \
                         :                                                                         \
                         : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "xmm0",    \
                           "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", \
                           "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "memory");        \
        look_below();                                                                              \
    }
EACH(CALL)

static volatile double input = 0.5;

int main(void)
{
    unsigned n = 0;
    CHECK(nextafter(input, 1) > input); /* the library stays linked */
#define CALL_IT(name) call_##name((n++ & 1) != 0);
    EACH(CALL_IT)
    say("%u functions left %016lx on the stack\n", n, (long)sum);
    return 0;
}

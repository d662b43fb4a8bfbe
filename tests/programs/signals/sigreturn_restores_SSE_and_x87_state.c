/* The frame holds the FPU and SSE registers with their control words, and the handler starts with
 * its own: arch/x86/kernel/fpu/signal.c. */
#include "check.h"

static volatile double sink;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info, (void)context;
    uint16_t control = 0x37f;
    uint32_t mxcsr = 0x1f80;
    __asm__ volatile("fninit\n\tfldcw %0\n\tfldpi\n\tfldz\n\tldmxcsr %1\n\t"
                     "pcmpeqd %%xmm0, %%xmm0\n\tpcmpeqd %%xmm7, %%xmm7\n\tpxor %%xmm15, %%xmm15\n\t"
                     "fstp %%st(0)\n\tfstp %%st(0)"
                     :
                     : "m"(control), "m"(mxcsr)
                     : "xmm0", "xmm7", "xmm15");
    sink = 1.0 / (double)(random_word() | 1);
}

int main(void)
{
    handle(SIGTRAP, handler, 0);
    uint64_t in[4] = {random_word(), random_word(), random_word(), random_word()}, out[4];
    uint16_t control_in = 0x27f, control_out = 0; /* double precision */
    uint32_t mxcsr_in = 0x7f80, mxcsr_out = 0;    /* round toward zero */
    long double a = 3.0L + (long double)(in[0] >> 40), b = (long double)getpid(), a_out, b_out;
    __asm__ volatile(
        "fldcw %[ci]\n\tldmxcsr %[mi]\n\tfldt %[b]\n\tfldt %[a]\n\t"
        "movdqu 0(%[in]), %%xmm0\n\tmovdqu 16(%[in]), %%xmm15\n\t"
        "int3\n\t"
        "movdqu %%xmm0, 0(%[out])\n\tmovdqu %%xmm15, 16(%[out])\n\t"
        "fstpt %[ao]\n\tfstpt %[bo]\n\tfnstcw %[co]\n\tstmxcsr %[mo]\n\t"
        "fninit"
        : [ao] "=m"(a_out), [bo] "=m"(b_out), [co] "=m"(control_out), [mo] "=m"(mxcsr_out)
        : [ci] "m"(control_in), [mi] "m"(mxcsr_in), [a] "m"(a), [b] "m"(b), [in] "r"(in),
          [out] "r"(out)
        : "xmm0", "xmm15", "memory");
    uint32_t normal = 0x1f80;
    __asm__ volatile("ldmxcsr %0" : : "m"(normal));
    CHECK(memcmp(in, out, sizeof in) == 0);
    CHECK(a == a_out && b == b_out);
    CHECK(control_out == control_in && (mxcsr_out & 0xffc0) == (mxcsr_in & 0xffc0));
    say("%.3Lf %.3Lf %016lx\n", a_out, b_out, (long)hash_of(out, sizeof out));
    return 0;
}

/* Instructions whose results are not the same on CPUs of different vendors: on one they are. How
 * often each stands here, another test knows
 * (cli.info_counts_what_vendors_compute_in_different_ways). */
#include "check.h"

/* Each result, on the way out of the program, would differ by a bit. */
static void show(const char *name, double value, double about)
{
    CHECK(value > about * 0.999 && value < about * 1.001);
    say("%s %016lx\n", name, hash_of(&value, sizeof value));
}

/* Is not executed: AVX-512 is for CPUs that have it. */
__attribute__((used)) static void not_executed(void)
{
    __asm__ volatile("vrcp14ps %%zmm1, %%zmm2" ::: "xmm2");
}

int main(void)
{
    double x = 1 + (double)(random_word() >> 12) / 0x1p52, sine, cosine, other;
    float in = (float)x, root, inverse;
    __asm__ volatile(
        "fldl %[x]\n\tfsin\n\tfstpl %[sine]\n\tfldl %[x]\n\tfcos\n\tfstpl %[cosine]\n\t"
        "fldl %[x]\n\tfcos\n\tfstpl %[other]"
        : [sine] "=m"(sine), [cosine] "=m"(cosine), [other] "=m"(other)
        : [x] "m"(x));
    __asm__ volatile("rsqrtps %[in], %[out]\n\trsqrtps %[in], %[out]\n\trsqrtps %[in], %[out]"
                     : [out] "=&x"(root)
                     : [in] "x"(in));
    __asm__ volatile("rcpss %[in], %[out]\n\trcpss %[in], %[out]\n\trcpss %[in], %[out]\n\t"
                     "rcpss %[in], %[out]"
                     : [out] "=&x"(inverse)
                     : [in] "x"(in));
    CHECK(cosine == other);
    show("sum of squares", sine * sine + cosine * cosine, 1);
    show("rsqrtps", (double)root * root * x, 1);
    show("rcpss", (double)inverse * x, 1);
    say("%a %a %a %a\n", sine, cosine, (double)root, (double)inverse);
    return 0;
}

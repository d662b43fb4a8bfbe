/* The code that saves vector registers for the dynamic linker, called as the linker calls it. */
#include "vdso/state_save.h"
#include "vdso/vdso_image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>
#include <cpuid.h>

#define IMAGE 2752 /* all components of the mask */
#define MASK  0xee /* the linker's: all but x87 and PKRU */
#define BV    512

struct state {
    uint8_t ymm[16][32];
    uint8_t image[IMAGE] __attribute__((aligned(64)));
    uint64_t before[5], after[5]; /* rax, rcx, rdx, rsi, rdi */
};

static bool has_xsavec, has_avx;

static int map_page(void **state)
{
    (void)state;
    void *page = mmap((void *)VDSO_ADDR, VDSO_SIZE, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (page != (void *)VDSO_ADDR)
        return -1;
    memcpy(page, vdso_image, VDSO_SIZE);
    unsigned a, b, c, d;
    has_avx = __builtin_cpu_supports("avx");
    has_xsavec = __get_cpuid_count(13, 1, &a, &b, &c, &d) != 0 && (a & 2) != 0;
    return mprotect(page, VDSO_SIZE, PROT_READ | PROT_EXEC);
}

/* Loads the ymm registers, saves them by the code at `offset` in the page, clears them, restores
 * them from the image, and stores them. */
static void save_and_restore(struct state *s, unsigned offset, bool clear_by_cpu)
{
#define LOAD(n)  "vmovups 32*" #n "(%[s]), %%ymm" #n "\n\t"
#define STORE(n) "vmovups %%ymm" #n ", 32*" #n "(%[s])\n\t"
#define EACH(F)                                                                                    \
    F(0) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11) F(12) F(13) F(14) F(15)
#define REGS(at)                                                                                   \
    "movq %%rax, " at "(%[s])\n\tmovq %%rcx, " at "+8(%[s])\n\tmovq %%rdx, " at "+16(%[s])\n\t"    \
    "movq %%rsi, " at "+24(%[s])\n\tmovq %%rdi, " at "+32(%[s])\n\t"
    static uint8_t stack[1 << 16] __attribute__((aligned(64)));
    uint8_t *frame = stack + sizeof stack - 8192;
    memset(stack, 0xaa, sizeof stack);
    /* Of the header what the linker clears: all but the last word and, for XSAVEC, the first two.
     */
    size_t cleared = offset == STATE_SAVE_XSAVE ? 0 : 16;
    memset(frame + 0x40 + BV + cleared, 0, 56 - cleared);
    /* clang-format off */
    __asm__ volatile(
        EACH(LOAD)
        "testb %[clear], %[clear]\n\t"
        "jz 1f\n\t"
        "vzeroall\n"
        "1:\tmovq %%rsp, %%rbx\n\t"
        "movq %[frame], %%rsp\n\t"
        "movl %[mask], %%eax\n\t"
        "movl $11, %%ecx\n\t"
        "movl $13, %%esi\n\t"
        "movl $14, %%edi\n\t"
        "movq %[code], %%rdx\n\t"
        REGS("%c[before]")
        "call *%%rdx\n\t"
        REGS("%c[after]")
        "vzeroall\n\t"
        "movl %[mask], %%eax\n\t"
        "xorl %%edx, %%edx\n\t"
        "xrstor 0x40(%%rsp)\n\t"
        "movq %%rbx, %%rsp\n\t"
        EACH(STORE)
        "vzeroupper"
        :
        : [s] "r"(s), [frame] "r"(frame), [code] "r"(VDSO_ADDR + offset), [clear] "r"(clear_by_cpu),
          [mask] "i"(MASK), [before] "i"(offsetof(struct state, before)),
          [after] "i"(offsetof(struct state, after))
        : "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "cc", "memory", "xmm0", "xmm1", "xmm2", "xmm3",
          "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13",
          "xmm14", "xmm15");
    /* clang-format on */
    memcpy(s->image, frame + 0x40, IMAGE);
}

static const unsigned codes[] = {STATE_SAVE_XSAVEC, STATE_SAVE_XSAVE, STATE_SAVE_AVX};
#define CODES (sizeof codes / sizeof codes[0])

static bool can_run(unsigned code)
{
    return has_avx && (code != STATE_SAVE_XSAVEC || has_xsavec);
}

static struct state filled(unsigned halves)
{
    struct state s = {0};
    for (unsigned i = 0; i < 16; i++)
        for (unsigned k = 0; k < 32; k++)
            if ((halves >> (k / 16) & 1) != 0)
                s.ymm[i][k] = (uint8_t)(1 + 32 * i + k);
    return s;
}

static void test_registers_come_back(void **state)
{
    (void)state;
    unsigned n = 0;
    for (unsigned i = 0; i < CODES; i++)
        for (unsigned halves = 0; halves < 4 && can_run(codes[i]); halves++, n++) {
            struct state s = filled(halves), want = s;
            save_and_restore(&s, codes[i], false);
            assert_memory_equal(s.ymm, want.ymm, sizeof s.ymm);
            assert_int_equal(s.after[2], 0);
            s.before[2] = 0;
            assert_memory_equal(s.before, s.after, sizeof s.before);
            uint64_t bv;
            memcpy(&bv, s.image + BV, sizeof bv);
            assert_int_equal(bv & 6, (halves & 2) != 0 ? 6 : 2);
        }
    if (n == 0)
        skip();
}

static void test_unused_registers_are_saved_like_zeros(void **state)
{
    (void)state;
    unsigned n = 0;
    for (unsigned i = 0; i < CODES; i++) {
        if (!can_run(codes[i]))
            continue;
        n++;
        struct state loaded = filled(0), unused = filled(3);
        save_and_restore(&loaded, codes[i], false);
        save_and_restore(&unused, codes[i], true);
        assert_memory_equal(loaded.image, unused.image, sizeof loaded.image);
    }
    if (n == 0)
        skip();
}

/* Behind the 832 bytes of x87, SSE and AVX. */
static void test_a_program_that_knows_of_AVX_gets_no_more(void **state)
{
    (void)state;
    if (!has_avx)
        skip();
    struct state s = filled(3);
    save_and_restore(&s, STATE_SAVE_AVX, false);
    for (unsigned i = 832; i < IMAGE; i++)
        assert_int_equal(s.image[i], 0xaa);
    for (unsigned i = BV + 8; i < BV + 64;
         i++) /* not compacted: says nothing of what the CPU has */
        assert_int_equal(s.image[i], 0);
}

/* As on the stack of a program with no environment. */
static void test_an_image_of_AVX_fits_at_the_end_of_memory(void **state)
{
    (void)state;
    if (!has_avx)
        skip();
    uint8_t *pages = mmap(NULL, 12288, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(pages, MAP_FAILED);
    assert_int_equal(mprotect(pages + 8192, 4096, PROT_NONE), 0);
    uint8_t *frame = pages + 8192 - 832 - 0x40;
    __asm__ volatile("movq %%rsp, %%rbx\n\t"
                     "movq %[frame], %%rsp\n\t"
                     "movl %[mask], %%eax\n\t"
                     "call *%[code]\n\t"
                     "movl $6, %%eax\n\t"
                     "xorl %%edx, %%edx\n\t"
                     "xrstor 0x40(%%rsp)\n\t"
                     "movq %%rbx, %%rsp"
                     :
                     : [frame] "r"(frame), [mask] "i"(MASK), [code] "r"(VDSO_ADDR + STATE_SAVE_AVX)
                     : "rax", "rbx", "rdx", "cc", "memory");
    munmap(pages, 12288);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registers_come_back),
        cmocka_unit_test(test_unused_registers_are_saved_like_zeros),
        cmocka_unit_test(test_a_program_that_knows_of_AVX_gets_no_more),
        cmocka_unit_test(test_an_image_of_AVX_fits_at_the_end_of_memory),
    };
    return cmocka_run_group_tests(tests, map_page, NULL);
}

/* task/cpu_flags.c: /proc/cpuinfo tells what cpuid tells. */
#include "task/cpu_features.h"
#include "task/cpu_flags.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static bool shows(const char *flag, enum cpu_level level)
{
    char text[128], word[64];
    int n = snprintf(text, sizeof text, "flags\t\t: fpu %s sse\n", flag);
    cpu_flags_hide(text, (size_t)n, level);
    snprintf(word, sizeof word, " %s ", flag);
    return strstr(text, word) != NULL;
}

static void what_a_level_lacks_is_no_flag(void **state)
{
    (void)state;
    const struct cpu_feature *f;
    for (size_t i = 0; (f = cpu_feature(i)) != NULL; i++) {
        if (strcmp(f->name, "fpu") == 0 || strcmp(f->name, "sse") == 0)
            continue; /* they stand in each text */
        const char *flag = cpu_flag_of(f);
        for (enum cpu_level level = CPU_V1; level <= CPU_HOST; level++)
            if (shows(flag, level) != (f->from <= level))
                fail_msg("%s at %s", flag, cpu_level_name(level));
    }
}

static struct cpuid_regs all_bits(const struct cpu_source *source, uint32_t leaf, uint32_t subleaf)
{
    (void)source;
    (void)subleaf;
    bool first = leaf == 0 || leaf == 0x80000000;
    return (struct cpuid_regs){first ? leaf + 0x24 : UINT32_MAX, UINT32_MAX, UINT32_MAX,
                               UINT32_MAX};
}

/* Bits of words that are no features of a level; arch/x86/include/asm/cpufeatures.h has the
 * numbers. */
static void other_flags_are_shown_where_cpuid_offers_their_bits(void **state)
{
    (void)state;
    enum { EAX, EBX, ECX, EDX };
    static const struct {
        const char *flag;
        uint32_t leaf, subleaf;
        uint8_t reg, bit;
    } bits[] = {
        {"vme", 1, 0, EDX, 1},
        {"tsc", 1, 0, EDX, 4},
        {"clflush", 1, 0, EDX, 19},
        {"dts", 1, 0, EDX, 21},
        {"acpi", 1, 0, EDX, 22},
        {"ss", 1, 0, EDX, 27},
        {"ht", 1, 0, EDX, 28},
        {"pbe", 1, 0, EDX, 31},
        {"monitor", 1, 0, ECX, 3},
        {"vmx", 1, 0, ECX, 5},
        {"pcid", 1, 0, ECX, 17},
        {"x2apic", 1, 0, ECX, 21},
        {"tsc_deadline_timer", 1, 0, ECX, 24},
        {"hypervisor", 1, 0, ECX, 31},
        {"tsc_adjust", 7, 0, EBX, 1},
        {"smep", 7, 0, EBX, 7},
        {"erms", 7, 0, EBX, 9},
        {"intel_pt", 7, 0, EBX, 25},
        {"avx512pf", 7, 0, EBX, 26},
        {"avx512er", 7, 0, EBX, 27},
        {"umip", 7, 0, ECX, 2},
        {"fsrm", 7, 0, EDX, 4},
        {"md_clear", 7, 0, EDX, 10},
        {"arch_capabilities", 7, 0, EDX, 29},
        {"xsavec", 0xd, 1, EAX, 1},
        {"cmp_legacy", 0x80000001, 0, ECX, 1},
        {"svm", 0x80000001, 0, ECX, 2},
        {"misalignsse", 0x80000001, 0, ECX, 7},
        {"3dnowprefetch", 0x80000001, 0, ECX, 8},
        {"topoext", 0x80000001, 0, ECX, 22},
        {"nx", 0x80000001, 0, EDX, 20},
        {"mmxext", 0x80000001, 0, EDX, 22},
        {"fxsr_opt", 0x80000001, 0, EDX, 25},
        {"pdpe1gb", 0x80000001, 0, EDX, 26},
        {"rdtscp", 0x80000001, 0, EDX, 27},
        {"lm", 0x80000001, 0, EDX, 29},
        {"wbnoinvd", 0x80000008, 0, EBX, 9},
    };
    const struct cpu_source all = {.cpuid = all_bits, .xcr0 = UINT64_MAX};
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++)
        for (enum cpu_level level = CPU_V1; level < CPU_HOST; level++) {
            struct cpuid_regs r = cpu_offered_of(&all, bits[i].leaf, bits[i].subleaf, level);
            const uint32_t regs[] = {r.eax, r.ebx, r.ecx, r.edx};
            bool offered = (regs[bits[i].reg] >> bits[i].bit & 1) != 0;
            if (shows(bits[i].flag, level) != offered)
                fail_msg("%s at %s", bits[i].flag, cpu_level_name(level));
        }
}

static void features_have_the_names_that_Linux_gives_them(void **state)
{
    (void)state;
    assert_true(shows("pni", CPU_V2));
    assert_false(shows("pni", CPU_V1));
    assert_true(shows("abm", CPU_V3));
    assert_false(shows("abm", CPU_V2));
    assert_false(shows("avx512vbmi", CPU_V4));
    assert_false(shows("user_shstk", CPU_HOST));
}

static void flags_without_a_meaning_are_the_hosts(void **state)
{
    (void)state;
    assert_false(shows("avx1024", CPU_V4));
    assert_true(shows("avx1024", CPU_HOST));
}

static void only_lines_of_flags_change_and_no_length(void **state)
{
    (void)state;
    static const char text[] = "processor\t: 0\nmodel name\t: avx512f\nflags\t\t: fpu avx512f sse "
                               "avx512bw\nvmx flags\t: vnmi ept\nbugs\t\t: swapgs\n\n"
                               "processor\t: 1\nflags\t\t: avx512f sse2";
    static const char want[] = "processor\t: 0\nmodel name\t: avx512f\nflags\t\t: fpu sse         "
                               "        \nvmx flags\t:         \nbugs\t\t: swapgs\n\n"
                               "processor\t: 1\nflags\t\t: sse2        ";
    assert_int_equal(sizeof want, sizeof text);
    char got[sizeof text];
    memcpy(got, text, sizeof got);
    cpu_flags_hide(got, sizeof text - 1, CPU_V3);
    assert_string_equal(got, want);
    cpu_flags_hide(got, 0, CPU_V3);
    assert_string_equal(got, want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_level_lacks_is_no_flag),
        cmocka_unit_test(other_flags_are_shown_where_cpuid_offers_their_bits),
        cmocka_unit_test(features_have_the_names_that_Linux_gives_them),
        cmocka_unit_test(flags_without_a_meaning_are_the_hosts),
        cmocka_unit_test(only_lines_of_flags_change_and_no_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

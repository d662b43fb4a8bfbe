/* task/cpu_level.c: what each level offers, of CPUs that are not there. */
#include "task/cpu_features.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The table of the x86-64 psABI, less OSFXSR, which cpuid does not tell. Beside OSXSAVE, the bit
 * without which there is none. */
static const struct {
    enum cpu_level level;
    const char *name;
} psabi[] = {
    {CPU_V1, "cmov"},     {CPU_V1, "cx8"},      {CPU_V1, "fpu"},      {CPU_V1, "fxsr"},
    {CPU_V1, "mmx"},      {CPU_V1, "syscall"},  {CPU_V1, "sse"},      {CPU_V1, "sse2"},
    {CPU_V2, "cx16"},     {CPU_V2, "lahf_lm"},  {CPU_V2, "popcnt"},   {CPU_V2, "sse3"},
    {CPU_V2, "sse4_1"},   {CPU_V2, "sse4_2"},   {CPU_V2, "ssse3"},    {CPU_V3, "avx"},
    {CPU_V3, "avx2"},     {CPU_V3, "bmi1"},     {CPU_V3, "bmi2"},     {CPU_V3, "f16c"},
    {CPU_V3, "fma"},      {CPU_V3, "lzcnt"},    {CPU_V3, "movbe"},    {CPU_V3, "osxsave"},
    {CPU_V3, "xsave"},    {CPU_V4, "avx512f"},  {CPU_V4, "avx512bw"}, {CPU_V4, "avx512cd"},
    {CPU_V4, "avx512dq"}, {CPU_V4, "avx512vl"},
};

/* A CPU of random bits; all of them where `all` is set. */
struct fake {
    struct cpu_source source;
    uint64_t seed;
    bool all;
    const struct cpu_feature *lacks;
};

static uint32_t some_bits(const struct fake *f, uint32_t leaf, uint32_t subleaf, uint32_t reg)
{
    uint64_t x = f->seed ^ ((uint64_t)leaf << 32 | subleaf << 2 | reg);
    for (int i = 0; i < 3; i++) { /* splitmix64 */
        x += 0x9e3779b97f4a7c15;
        x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
        x = (x ^ x >> 27) * 0x94d049bb133111eb;
        x ^= x >> 31;
    }
    return f->all ? UINT32_MAX : (uint32_t)x;
}

/* As Intel's: places and sizes of components 2, 5, 6, 7, 9, 17 and 18. */
static struct cpuid_regs component(uint32_t i)
{
    static const uint32_t places[32][2] = {
        [2] = {256, 576}, [5] = {64, 1088},  [6] = {512, 1152},  [7] = {1024, 1664},
        [9] = {8, 2688},  [17] = {64, 2752}, [18] = {8192, 2816}};
    return (struct cpuid_regs){.eax = i < 32 ? places[i][0] : 0, .ebx = i < 32 ? places[i][1] : 0};
}

static struct cpuid_regs ask(const struct cpu_source *source, uint32_t leaf, uint32_t subleaf)
{
    const struct fake *f = (const struct fake *)source;
    struct cpuid_regs r = {some_bits(f, leaf, subleaf, 0), some_bits(f, leaf, subleaf, 1),
                           some_bits(f, leaf, subleaf, 2), some_bits(f, leaf, subleaf, 3)};
    if (leaf == 0 || leaf == 0x80000000)
        r.eax = leaf + 0x24;
    if (leaf == 0xd && subleaf >= 2)
        r = component(subleaf);
    if (f->lacks != NULL && f->lacks->leaf == leaf && f->lacks->subleaf == subleaf) {
        uint32_t *regs[] = {&r.eax, &r.ebx, &r.ecx, &r.edx};
        *regs[f->lacks->reg] &= ~(1u << f->lacks->bit);
    }
    return r;
}

static struct fake cpu_with_all(void)
{
    return (struct fake){.source = {.cpuid = ask, .xcr0 = 0x602e7}, .all = true};
}

static uint32_t reg_of(struct cpuid_regs r, uint32_t reg)
{
    const uint32_t regs[] = {r.eax, r.ebx, r.ecx, r.edx};
    return regs[reg];
}

static bool offers(const struct fake *f, enum cpu_level level, const struct cpu_feature *feature)
{
    struct cpuid_regs r = cpu_offered_of(&f->source, feature->leaf, feature->subleaf, level);
    return (reg_of(r, feature->reg) >> feature->bit & 1) != 0;
}

static enum cpu_level level_in_psabi(const char *name)
{
    for (size_t i = 0; i < sizeof psabi / sizeof psabi[0]; i++)
        if (strcmp(psabi[i].name, name) == 0)
            return psabi[i].level;
    return CPU_HOST;
}

static void levels_offer_what_the_psABI_lists(void **state)
{
    (void)state;
    struct fake f = cpu_with_all();
    const struct cpu_feature *feature;
    size_t found = 0;
    for (size_t i = 0; (feature = cpu_feature(i)) != NULL; i++) {
        enum cpu_level listed = level_in_psabi(feature->name);
        found += listed < CPU_HOST;
        for (enum cpu_level level = CPU_V1; level < CPU_HOST; level++)
            assert_int_equal(offers(&f, level, feature), level >= listed);
    }
    assert_int_equal(found, sizeof psabi / sizeof psabi[0]);
}

/* All of leaf 7, and of the words of features in 1 and 0x80000001. */
static void bits_without_a_name_are_hidden(void **state)
{
    (void)state;
    struct fake f = cpu_with_all();
    struct cpuid_regs one = cpu_offered_of(&f.source, 1, 0, CPU_V3);
    assert_int_equal(one.ecx, 0x80000000 | 0x3cf83201 | 1u << 26 | 1u << 27);
    assert_int_equal(one.edx, 0x178bfbff);
    struct cpuid_regs seven = cpu_offered_of(&f.source, 7, 0, CPU_V3);
    assert_int_equal(seven.eax, 0);
    assert_int_equal(seven.ebx, 1u << 3 | 1u << 5 | 1u << 8 | 1u << 9);
    assert_int_equal(seven.ecx, 0);
    assert_int_equal(seven.edx, 1u << 4);
    struct cpuid_regs extended = cpu_offered_of(&f.source, 0x80000001, 0, CPU_V3);
    assert_int_equal(extended.ecx, 1u << 0 | 1u << 1 | 1u << 5 | 1u << 22);
    assert_int_equal(extended.edx, 0x2d93fbff);
    for (uint32_t sub = 1; sub < 4; sub++) {
        struct cpuid_regs r = cpu_offered_of(&f.source, 7, sub, CPU_V4);
        assert_int_equal(r.eax | r.ebx | r.ecx | r.edx, 0);
    }
}

static void leaves_of_what_no_level_has_are_hidden(void **state)
{
    (void)state;
    struct fake f = cpu_with_all();
    static const uint32_t leaves[] = {
        3,    5,    6,    9,    0xa,  0xf,  0x10,       0x12,       0x14,       0x18,      0x19,
        0x1a, 0x1d, 0x1e, 0x20, 0x23, 0x24, 0x8000000a, 0x8000001a, 0x8000001f, 0x80000021};
    for (size_t i = 0; i < sizeof leaves / sizeof leaves[0]; i++)
        for (uint32_t sub = 0; sub < 3; sub++) {
            struct cpuid_regs r = cpu_offered_of(&f.source, leaves[i], sub, CPU_V4);
            assert_int_equal(r.eax | r.ebx | r.ecx | r.edx, 0);
        }
    struct cpuid_regs r = cpu_offered_of(&f.source, 0x80000008, 0, CPU_V4);
    assert_int_equal(r.ebx | r.edx, 0);
    r = cpu_offered_of(&f.source, 0x80000007, 0, CPU_V4);
    assert_int_equal(r.eax | r.ebx | r.ecx, 0);
    assert_int_equal(r.edx, 1u << 8);
}

/* Some CPUs answer there as to the last leaf that they have, untouched. */
static void nothing_is_beyond_the_last_leaf(void **state)
{
    (void)state;
    struct fake f = cpu_with_all();
    static const uint32_t leaves[] = {0x25, 0x1000, 0x20000001, 0x7fffffff, 0x80000025, 0xc0000001};
    for (size_t i = 0; i < sizeof leaves / sizeof leaves[0]; i++) {
        struct cpuid_regs r = cpu_offered_of(&f.source, leaves[i], 0, CPU_HOST);
        assert_int_equal(r.eax | r.ebx | r.ecx | r.edx, 0);
    }
    assert_int_equal(cpu_offered_of(&f.source, 0x40000000, 0, CPU_V3).ebx, UINT32_MAX);
}

static void what_cannot_be_recorded_is_never_offered(void **state)
{
    (void)state;
    struct fake f = cpu_with_all();
    const struct cpu_feature *feature;
    for (size_t i = 0; (feature = cpu_feature(i)) != NULL; i++)
        assert_int_equal(offers(&f, CPU_HOST, feature), feature->from != CPU_NEVER);
}

static void a_level_has_its_components_of_xsave_and_no_more(void **state)
{
    (void)state;
    struct fake f = cpu_with_all();
    struct cpuid_regs r = cpu_offered_of(&f.source, 0xd, 0, CPU_V3);
    assert_int_equal(r.eax, 7);
    assert_int_equal(r.ebx, 832);
    assert_int_equal(r.ecx, 832);
    assert_int_equal(r.edx, 0);
    r = cpu_offered_of(&f.source, 0xd, 1, CPU_V3);
    assert_int_equal(r.eax, 2); /* XSAVEC */
    assert_int_equal(r.ebx | r.ecx | r.edx, 0);
    assert_int_equal(cpu_offered_of(&f.source, 0xd, 2, CPU_V3).ebx, 576);
    for (uint32_t i = 3; i < 64; i++)
        assert_int_equal(cpu_offered_of(&f.source, 0xd, i, CPU_V3).eax, 0);
    r = cpu_offered_of(&f.source, 0xd, 0, CPU_V4);
    assert_int_equal(r.eax, 0xe7);
    assert_int_equal(r.ebx, 1664 + 1024);
    assert_int_equal(cpu_offered_of(&f.source, 0xd, 9, CPU_V4).eax, 0);
    assert_int_equal(cpu_offered_of(&f.source, 0xd, 9, CPU_HOST).eax, 8);
    assert_int_equal(cpu_offered_of(&f.source, 0xd, 18, CPU_HOST).eax, 0);
    r = cpu_offered_of(&f.source, 0xd, 0, CPU_V2);
    assert_int_equal(r.eax | r.ebx | r.ecx | r.edx, 0);
}

static const uint32_t words[][2] = {{1, 0},   {7, 0},    {7, 1},          {7, 2},
                                    {0xd, 1}, {0x19, 0}, {0x80000001, 0}, {0x80000008, 0}};

static void a_level_offers_nothing_that_the_CPU_or_a_higher_one_lacks(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 200; seed++) {
        struct fake f = {.source = {.cpuid = ask, .xcr0 = 0xe7}, .seed = seed};
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            struct cpuid_regs above = ask(&f.source, words[i][0], words[i][1]);
            for (enum cpu_level level = CPU_NEVER; level-- > CPU_V1;) {
                struct cpuid_regs r = cpu_offered_of(&f.source, words[i][0], words[i][1], level);
                for (uint32_t reg = 0; reg < 4; reg++)
                    assert_int_equal(reg_of(r, reg) & ~reg_of(above, reg), 0);
                above = r;
            }
        }
    }
}

static void a_CPU_without_one_feature_has_the_level_below(void **state)
{
    (void)state;
    struct fake whole = cpu_with_all();
    assert_null(cpu_level_lacks(&whole.source, CPU_V4));
    assert_int_equal(cpu_level_within(&whole.source, CPU_V4), CPU_V4);
    assert_int_equal(cpu_level_within(&whole.source, CPU_V3), CPU_V3);
    const struct cpu_feature *feature;
    for (size_t i = 0; (feature = cpu_feature(i)) != NULL; i++) {
        struct fake f = cpu_with_all();
        f.lacks = feature;
        if (feature->from > CPU_V4) {
            assert_int_equal(cpu_level_within(&f.source, CPU_V4), CPU_V4);
            continue;
        }
        assert_string_equal(cpu_level_lacks(&f.source, CPU_V4), feature->name);
        enum cpu_level below = feature->from > CPU_V1 ? feature->from - 1 : CPU_V1;
        assert_int_equal(cpu_level_within(&f.source, CPU_V4), below);
        assert_null(cpu_level_lacks(&f.source, CPU_HOST));
    }
}

static void registers_that_the_kernel_does_not_save_are_not_there(void **state)
{
    (void)state;
    struct fake f = cpu_with_all();
    f.source.xcr0 = 3;
    assert_string_equal(cpu_level_lacks(&f.source, CPU_V3), "avx");
    f.source.xcr0 = 7;
    assert_string_equal(cpu_level_lacks(&f.source, CPU_V4), "avx512f");
}

static void levels_are_found_by_their_names(void **state)
{
    (void)state;
    enum cpu_level level;
    for (enum cpu_level i = CPU_V1; i <= CPU_HOST; i++) {
        assert_true(cpu_level_named(cpu_level_name(i), &level));
        assert_int_equal(level, i);
    }
    assert_false(cpu_level_named("x86-64-v5", &level));
    assert_false(cpu_level_named("", &level));
}

static void this_machine_is_offered_what_it_has(void **state)
{
    (void)state;
    enum cpu_level portable = cpu_level_portable();
    assert_true(portable <= CPU_V3);
    assert_null(cpu_level_lacks(NULL, portable));
    assert_int_equal(cpu_offered_xcr0(portable) & ~cpu_xcr0(), 0);
    assert_int_equal(cpu_offered_xcr0(portable) & ~7u, 0);
    const struct cpu_feature *feature;
    for (size_t i = 0; (feature = cpu_feature(i)) != NULL; i++) {
        struct cpuid_regs r = cpu_offered(feature->leaf, feature->subleaf, portable);
        if ((reg_of(r, feature->reg) >> feature->bit & 1) != 0)
            assert_true(cpu_has(feature) && feature->from <= portable);
    }
}

static void signatures_tell_family_and_model(void **state)
{
    (void)state;
    struct cpuid_regs intel = {0, 0x756e6547, 0x6c65746e, 0x49656e69},
                      amd = {0, 0x68747541, 0x444d4163, 0x69746e65}, odd = {0, 0x0a0d1b00, 0, 0};
    struct cpu_identity id = cpu_identity(intel, 0x806f8);
    assert_string_equal(id.vendor, "GenuineIntel");
    assert_int_equal(id.family, 6);
    assert_int_equal(id.model, 0x8f);
    id = cpu_identity(amd, 0xa20f12);
    assert_string_equal(id.vendor, "AuthenticAMD");
    assert_int_equal(id.family, 25);
    assert_int_equal(id.model, 0x21);
    assert_string_equal(cpu_identity(odd, 0).vendor, "????????????");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_offer_what_the_psABI_lists),
        cmocka_unit_test(bits_without_a_name_are_hidden),
        cmocka_unit_test(leaves_of_what_no_level_has_are_hidden),
        cmocka_unit_test(nothing_is_beyond_the_last_leaf),
        cmocka_unit_test(what_cannot_be_recorded_is_never_offered),
        cmocka_unit_test(a_level_has_its_components_of_xsave_and_no_more),
        cmocka_unit_test(a_level_offers_nothing_that_the_CPU_or_a_higher_one_lacks),
        cmocka_unit_test(a_CPU_without_one_feature_has_the_level_below),
        cmocka_unit_test(registers_that_the_kernel_does_not_save_are_not_there),
        cmocka_unit_test(levels_are_found_by_their_names),
        cmocka_unit_test(this_machine_is_offered_what_it_has),
        cmocka_unit_test(signatures_tell_family_and_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* code/vendor_insn.c: each encoding, and what differs from one by a bit that matters. */
#include "code/vendor_insn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *bytes;
    size_t len;
    enum vendor_insn insn;
    size_t mark;
} samples[] = {
    {"\x0f\x52\xc1", 3, VENDOR_RSQRTPS, 0},
    {"\xf3\x0f\x52\xc1", 4, VENDOR_RSQRTSS, 1},
    {"\x0f\x53\x44\x24\x10", 5, VENDOR_RCPPS, 0},
    {"\xf3\x45\x0f\x53\xc1", 5, VENDOR_RCPSS, 2},
    {"\x64\x0f\x53\x00", 4, VENDOR_RCPPS, 1},
    {"\xc5\xf8\x52\xc1", 4, VENDOR_VRSQRTPS, 0},
    {"\xc5\xfc\x53\xc1", 4, VENDOR_VRCPPS, 0},
    {"\xc5\xf2\x52\xc1", 4, VENDOR_VRSQRTSS, 0},
    {"\xc4\xc1\x7a\x53\xc1", 5, VENDOR_VRCPSS, 0},
    {"\x62\xf2\x7d\x48\x4c\xc1", 6, VENDOR_VRCP14PS, 0},
    {"\x62\xf2\xfd\x48\x4c\xc1", 6, VENDOR_VRCP14PD, 0},
    {"\x62\xf2\x75\x08\x4d\xc1", 6, VENDOR_VRCP14SS, 0},
    {"\x62\xf2\xf5\x08\x4d\xc1", 6, VENDOR_VRCP14SD, 0},
    {"\x62\xf2\x7d\x28\x4e\xc1", 6, VENDOR_VRSQRT14PS, 0},
    {"\x62\xf2\xfd\x28\x4e\xc1", 6, VENDOR_VRSQRT14PD, 0},
    {"\x62\xf2\x75\x08\x4f\xc1", 6, VENDOR_VRSQRT14SS, 0},
    {"\x62\xf2\xf5\x08\x4f\xc1", 6, VENDOR_VRSQRT14SD, 0},
    {"\x62\xf6\x7d\x48\x4c\xc1", 6, VENDOR_VRCPPH, 0},
    {"\x62\xf6\x75\x08\x4d\xc1", 6, VENDOR_VRCPSH, 0},
    {"\x62\xf6\x7d\x48\x4e\xc1", 6, VENDOR_VRSQRTPH, 0},
    {"\x62\xf6\x75\x08\x4f\xc1", 6, VENDOR_VRSQRTSH, 0},
    {"\xd9\xf0", 2, VENDOR_F2XM1, 0},
    {"\xd9\xf1", 2, VENDOR_FYL2X, 0},
    {"\xd9\xf2", 2, VENDOR_FPTAN, 0},
    {"\xd9\xf3", 2, VENDOR_FPATAN, 0},
    {"\xd9\xf9", 2, VENDOR_FYL2XP1, 0},
    {"\xd9\xfb", 2, VENDOR_FSINCOS, 0},
    {"\xd9\xfe", 2, VENDOR_FSIN, 0},
    {"\x48\xd9\xff", 3, VENDOR_FCOS, 1},
};

static const struct {
    const char *bytes;
    size_t len;
} others[] = {
    {"\x0f\x51\xc1", 3},             /* sqrtps */
    {"\x0f\x54\xc1", 3},             /* andps */
    {"\x66\x0f\x52\xc1", 4},         /* none */
    {"\xf2\x0f\x53\xc1", 4},         /* none */
    {"\xc5\xf9\x52\xc1", 4},         /* none: 66 */
    {"\xc5\xf0\x53\xc1", 4},         /* none: two sources of a packed one */
    {"\xc4\xe2\x79\x52\xc1", 5},     /* vpdpwssd, in another map */
    {"\x48\xc5\xf8\x52\xc1", 5},     /* none: REX before VEX */
    {"\x62\xf2\x7d\x48\x50\xc1", 6}, /* vpdpbusd */
    {"\x62\xf2\x7c\x48\x4c\xc1", 6}, /* none: without 66 */
    {"\x62\xf2\x75\x48\x4c\xc1", 6}, /* none: two sources */
    {"\x62\xf6\xfd\x48\x4c\xc1", 6}, /* none: of doubles */
    {"\xd9\xfa", 2},                 /* fsqrt: exact */
    {"\xd9\xf8", 2},                 /* fprem: exact */
    {"\xd9\xe8", 2},                 /* fld1 */
    {"\xd8\xfe", 2},                 /* fdivr */
    {"\x90\xd9\xfe", 3},             /* begins elsewhere */
};

static void each_is_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        enum vendor_insn insn;
        size_t mark;
        const uint8_t *p = (const uint8_t *)samples[i].bytes;
        assert_true(vendor_insn_at(p, samples[i].len, &insn, &mark));
        assert_int_equal(insn, samples[i].insn);
        assert_int_equal(mark, samples[i].mark);
        for (size_t len = 0; len < samples[i].len; len++)
            assert_false(vendor_insn_at(p, len, &insn, &mark));
    }
}

static void others_are_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        enum vendor_insn insn;
        size_t mark;
        assert_false(vendor_insn_at((const uint8_t *)others[i].bytes, others[i].len, &insn, &mark));
    }
}

static void each_has_a_name_and_its_feature(void **state)
{
    (void)state;
    for (enum vendor_insn insn = 0; insn < VENDOR_INSNS; insn++)
        assert_non_null(vendor_insn_name(insn));
    assert_string_equal(vendor_insn_name(VENDOR_FCOS), "fcos");
    assert_null(vendor_insn_needs(VENDOR_FCOS));
    assert_null(vendor_insn_needs(VENDOR_RCPSS));
    assert_string_equal(vendor_insn_needs(VENDOR_VRCPSS), "avx");
    assert_string_equal(vendor_insn_needs(VENDOR_VRSQRT14SD), "avx512f");
    assert_string_equal(vendor_insn_needs(VENDOR_VRSQRTSH), "avx512_fp16");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_known),
        cmocka_unit_test(others_are_not),
        cmocka_unit_test(each_has_a_name_and_its_feature),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

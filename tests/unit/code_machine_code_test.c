/* code/machine_code.c: which instruction the bytes are, where it writes, and what it is not. */
#include "code/machine_code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct sample {
    const char *bytes;
    size_t len;
    struct machine_insn insn;
};
#define SAMPLE(bytes, ...)                                                                         \
    {                                                                                              \
        bytes, sizeof bytes - 1,                                                                   \
        {                                                                                          \
            .len = sizeof bytes - 1, .kind = __VA_ARGS__                                           \
        }                                                                                          \
    }

static const struct sample samples[] = {
    SAMPLE("\x0f\xa2", MACHINE_CPUID),
    SAMPLE("\x66\x0f\xa2", MACHINE_CPUID),
    SAMPLE("\x48\x0f\xa2", MACHINE_CPUID),
    SAMPLE("\xf3\x66\x2e\x40\x0f\xa2", MACHINE_CPUID),
    SAMPLE("\x0f\x31", MACHINE_RDTSC),
    SAMPLE("\x48\x0f\x31", MACHINE_RDTSC),
    SAMPLE("\x0f\x01\xf9", MACHINE_RDTSCP),
    SAMPLE("\x48\x0f\x01\xf9", MACHINE_RDTSCP),
    SAMPLE("\x0f\x01\xd0", MACHINE_XGETBV),
    SAMPLE("\x0f\xc7\xf0", MACHINE_RDRAND, .reg = 0, .size = 4),
    SAMPLE("\x48\x0f\xc7\xf1", MACHINE_RDRAND, .reg = 1, .size = 8),
    SAMPLE("\x66\x41\x0f\xc7\xf4", MACHINE_RDRAND, .reg = 12, .size = 2),
    SAMPLE("\x66\x49\x0f\xc7\xf7", MACHINE_RDRAND, .reg = 15, .size = 8),
    SAMPLE("\x49\x66\x0f\xc7\xf7", MACHINE_RDRAND, .reg = 7, .size = 2), /* REX is lost */
    SAMPLE("\x0f\xc7\xfa", MACHINE_RDSEED, .reg = 2, .size = 4),
    SAMPLE("\x49\x0f\xc7\xf8", MACHINE_RDSEED, .reg = 8, .size = 8),
    SAMPLE("\x66\x0f\xc7\xfb", MACHINE_RDSEED, .reg = 3, .size = 2),
    SAMPLE("\xf3\x0f\xc7\xf8", MACHINE_RDPID, .reg = 0, .size = 8),
    SAMPLE("\xf3\x41\x0f\xc7\xfd", MACHINE_RDPID, .reg = 13, .size = 8),
    SAMPLE("\x0f\xae\x20", MACHINE_XSAVE, .size = 4),
    SAMPLE("\x48\x0f\xae\x64\x24\x40", MACHINE_XSAVE, .size = 8),
    SAMPLE("\x48\x0f\xae\xa7\x01\x02\x03\x04", MACHINE_XSAVE, .size = 8),
    SAMPLE("\x67\x0f\xae\x24\x25\x01\x02\x03\x04", MACHINE_XSAVE, .size = 4),
    SAMPLE("\x0f\xae\x44\x24\x40", MACHINE_FXSAVE, .size = 4),
    SAMPLE("\x48\x0f\xae\x00", MACHINE_FXSAVE, .size = 8),
    SAMPLE("\x0f\xae\x6c\x24\x40", MACHINE_XRSTOR, .size = 4),
    SAMPLE("\x49\x0f\xae\x2e", MACHINE_XRSTOR, .size = 8),
    SAMPLE("\x0f\xae\x35\x01\x02\x03\x04", MACHINE_XSAVEOPT, .size = 4),
    SAMPLE("\x4b\x0f\xae\x74\xf7\x40", MACHINE_XSAVEOPT, .size = 8),
    SAMPLE("\x0f\xc7\x64\x24\x40", MACHINE_XSAVEC, .size = 4),
    SAMPLE("\x64\x48\x0f\xc7\x27", MACHINE_XSAVEC, .size = 8),
};

static void each_kind_with_its_prefixes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct machine_insn insn;
        uint8_t bytes[32] = {0};
        memcpy(bytes, samples[i].bytes, samples[i].len);
        assert_true(machine_insn_at(bytes, sizeof bytes, &insn));
        assert_int_equal(insn.kind, samples[i].insn.kind);
        assert_int_equal(insn.len, samples[i].len);
        assert_int_equal(insn.offset, 0);
        assert_int_equal(insn.reg, samples[i].insn.reg);
        assert_int_equal(insn.size, samples[i].insn.size);
    }
}

static void what_is_cut_is_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
        for (size_t n = 0; n < samples[i].len; n++) {
            uint8_t *exact = malloc(n + 1); /* the sanitizers see a read behind the end */
            assert_non_null(exact);
            memcpy(exact + 1, samples[i].bytes, n);
            struct machine_insn insn;
            assert_false(machine_insn_at(exact + 1, n, &insn));
            free(exact);
        }
}

static void what_looks_alike_is_none(void **state)
{
    (void)state;
    static const uint8_t others[][8] = {
        {0xf3, 0x0f, 0xc7, 0xf0}, /* senduipi */
        {0xf2, 0x0f, 0xc7, 0xf0}, /* none */
        {0x0f, 0xc7, 0x30},       /* vmptrld */
        {0x0f, 0xc7, 0x0f},       /* cmpxchg8b */
        {0x0f, 0xae, 0xe0},       /* none: a register */
        {0x0f, 0xae, 0xe8},       /* lfence */
        {0x0f, 0xae, 0xf0},       /* mfence */
        {0x0f, 0xae, 0x08},       /* fxrstor */
        {0x0f, 0xae, 0x10},       /* ldmxcsr */
        {0x0f, 0xae, 0x38},       /* clflush */
        {0x66, 0x0f, 0xae, 0x30}, /* clwb */
        {0xf3, 0x0f, 0xae, 0x30}, /* clrssbsy */
        {0xf3, 0x0f, 0xae, 0xc0}, /* rdfsbase */
        {0xf3, 0x0f, 0xae, 0xe8}, /* incssp */
        {0x0f, 0xc7, 0x18},       /* xrstors */
        {0x0f, 0xc7, 0x28},       /* xsaves */
        {0x0f, 0xc7, 0xe0},       /* none: a register */
        {0xf3, 0x0f, 0xae, 0x20}, /* ptwrite */
        {0x66, 0x0f, 0x01, 0xd0}, /* none */
        {0x0f, 0x01, 0xd1},       /* xsetbv */
        {0xf0, 0x0f, 0xa2},       /* lock: none */
        {0x0f, 0x05},             /* syscall */
        {0x90, 0x0f, 0xa2},       /* begins with another one */
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct machine_insn insn;
        assert_false(machine_insn_at(others[i], sizeof others[i], &insn));
    }
}

static void no_instruction_is_longer_than_fifteen_bytes(void **state)
{
    (void)state;
    uint8_t bytes[16];
    struct machine_insn insn;
    memset(bytes, 0x66, sizeof bytes);
    memcpy(bytes + 13, "\x0f\xa2", 2);
    assert_true(machine_insn_at(bytes, sizeof bytes, &insn));
    assert_int_equal(insn.len, 15);
    memcpy(bytes + 13, "\x66\x0f\xa2", 3);
    assert_false(machine_insn_at(bytes, sizeof bytes, &insn));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_with_its_prefixes),
        cmocka_unit_test(what_is_cut_is_none),
        cmocka_unit_test(what_looks_alike_is_none),
        cmocka_unit_test(no_instruction_is_longer_than_fifteen_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

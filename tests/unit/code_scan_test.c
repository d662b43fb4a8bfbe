/* code/scan.c: nothing is overlooked, wherever it lies. */
#include "code/scan.h"

#include "code/machine_code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *bytes; /* from the 0f on */
    size_t len;
} samples[] = {
    {"\x0f\xa2", 2},     {"\x0f\x31", 2},     {"\x0f\x01\xf9", 3}, {"\x0f\x01\xd0", 3},
    {"\x0f\xc7\xf3", 3}, {"\x0f\xc7\xfb", 3}, {"\x0f\xae\x27", 3}, {"\x0f\xae\xa7", 3},
    {"\x0f\xae\x44", 3}, {"\x0f\xae\x6c", 3}, {"\x0f\xae\x35", 3}, {"\x0f\xc7\x64", 3},
};

static void each_is_found_at_each_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
        for (size_t len = samples[i].len; len < 150; len++)
            for (size_t at = 0; at + samples[i].len <= len; at++) {
                uint8_t *code = malloc(len); /* the sanitizers see a read behind the end */
                assert_non_null(code);
                memset(code, 0x0f, len);
                memcpy(code + at, samples[i].bytes, samples[i].len);
                assert_int_equal(scan_next(code, len, 0), at);
                assert_int_equal(scan_next(code, len, at), at);
                assert_int_equal(scan_next(code, len, at + 1), len);
                free(code);
            }
}

static void all_that_can_be_such_an_instruction_is_found(void **state)
{
    (void)state;
    uint8_t code[] = {0xf3, 0x0f, 0, 0, 0x24, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    for (unsigned i = 0; i < 0x10000; i++) {
        struct machine_insn insn;
        code[2] = (uint8_t)(i >> 8);
        code[3] = (uint8_t)i;
        bool is_one = machine_insn_at(code, sizeof code, &insn) ||
                      machine_insn_at(code + 1, sizeof code - 1, &insn);
        if (is_one)
            assert_int_equal(scan_next(code, sizeof code, 0), 1);
    }
}

static void what_is_cut_is_not_found(void **state)
{
    (void)state;
    static const uint8_t code[] = {0x90, 0x0f, 0xc7};
    assert_int_equal(scan_next(code, sizeof code, 0), sizeof code);
    assert_int_equal(scan_next(code, 2, 0), 2);
    assert_int_equal(scan_next(code, 0, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_found_at_each_place),
        cmocka_unit_test(all_that_can_be_such_an_instruction_is_found),
        cmocka_unit_test(what_is_cut_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* code/likely_code.c: real code passes, tables do not. */
#include "code/likely_code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void code_that_HotSpot_made_is(void **state)
{
    (void)state;
    static const uint8_t code[] = {0x50, 0x9d, 0x9c, 0x58, 0x48, 0x3b, 0xc8, 0x75, 0x0d, 0xb8,
                                   0x00, 0x04, 0x00, 0x00, 0x89, 0x45, 0x10, 0x33, 0xc0, 0x0f,
                                   0xa2, 0x0b, 0xc0, 0x74, 0xeb, 0x48, 0x8d, 0x75, 0x00, 0x89,
                                   0x06, 0x89, 0x5e, 0x04, 0x89, 0x4e, 0x08, 0xc3, 0x00, 0x00};
    assert_true(likely_code_around(code, sizeof code, 19));
    assert_true(likely_code_around(code, 30, 19)); /* cut */
    assert_true(likely_code_around(code + 19, sizeof code - 19, 0));
}

static void metadata_of_HotSpot_is_not(void **state)
{
    (void)state;
    static const uint8_t data[] = {0x40, 0x8a, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0xd2, 0x02,
                                   0x00, 0x09, 0x00, 0x00, 0x00, 0x00, 0x00, 0x41, 0x00, 0x00,
                                   0x00, 0x00, 0x08, 0x03, 0x0f, 0xa2, 0x59, 0x00, 0x08, 0x00,
                                   0x00, 0x00, 0xd2, 0x02, 0x00, 0x00, 0x00, 0x09, 0x00, 0x29};
    assert_false(likely_code_around(data, sizeof data, 24));
}

static void a_table_before_a_function_is_not(void **state)
{
    (void)state;
    static const uint8_t code[] = {
        0x41, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x1e, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x48, 0x8b, 0x43, 0x0f, 0x31, 0xc9,
        0x48, 0x8b, 0x55, 0x08, 0x48, 0x8b, 0x5b, 0x07, 0xeb, 0x3f}; /* mov 15(%rbx), %rax; xor
                                                                        %ecx, %ecx */
    assert_false(likely_code_around(code, sizeof code, 18));
}

static void equal_numbers_are_not(void **state)
{
    (void)state;
    static const uint8_t data[] = {0x0f, 0xa2, 0x0f, 0xa2, 0x0f, 0xa2};
    for (size_t i = 0; i < sizeof data; i += 2)
        assert_false(likely_code_around(data, sizeof data, i));
}

static void privileged_instructions_are_not(void **state)
{
    (void)state;
    static const uint8_t data[] = {0x0f, 0xa2, 0x89, 0xc3, 0xee, 0x89, 0xd9, 0xc3};
    assert_false(likely_code_around(data, sizeof data, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(code_that_HotSpot_made_is),
        cmocka_unit_test(metadata_of_HotSpot_is_not),
        cmocka_unit_test(a_table_before_a_function_is_not),
        cmocka_unit_test(equal_numbers_are_not),
        cmocka_unit_test(privileged_instructions_are_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

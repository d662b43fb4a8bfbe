/* code/vendor_scan.c: nothing is overlooked, wherever it lies. */
#include "code/vendor_scan.h"

#include "code/vendor_insn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *bytes; /* from the mark on */
    size_t len;
} samples[] = {
    {"\x0f\x52\xc1", 3},
    {"\x0f\x53\xc1", 3},
    {"\xd9\xf0", 2},
    {"\xd9\xff", 2},
    {"\xc5\xf8\x52\xc1", 4},
    {"\xc4\xc1\x7a\x53\xc1", 5},
    {"\x62\xf2\x7d\x48\x4c\xc1", 6},
    {"\x62\xf6\x75\x08\x4f\xc1", 6},
};

static void each_is_found_at_each_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
        for (size_t len = samples[i].len; len < 150; len++)
            for (size_t at = 0; at + samples[i].len <= len; at++) {
                uint8_t *code = malloc(len); /* the sanitizers see a read behind the end */
                assert_non_null(code);
                memset(code, 0x90, len);
                memcpy(code + at, samples[i].bytes, samples[i].len);
                assert_int_equal(vendor_scan_next(code, len, 0), at);
                assert_int_equal(vendor_scan_next(code, len, at), at);
                assert_int_equal(vendor_scan_next(code, len, at + 1), len);
                free(code);
            }
}

/* Random bytes of those that matter, looked at one by one. */
static void the_fast_search_finds_what_the_slow_one_does(void **state)
{
    (void)state;
    static const uint8_t some[] = {0x0f, 0x52, 0x53, 0xd9, 0xf0, 0xfe, 0xc4, 0xc5, 0xf8, 0x7a,
                                   0xc1, 0x62, 0xf2, 0x7d, 0x4c, 0x4f, 0x48, 0xf3, 0x66, 0x90};
    uint8_t code[4096];
    size_t found = 0;
    srand(1);
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < sizeof code; i++)
            code[i] = some[(size_t)rand() % sizeof some];
        size_t next = vendor_scan_next(code, sizeof code, 0);
        for (size_t i = 0; i < sizeof code; i++) {
            enum vendor_insn insn;
            size_t mark;
            bool is_one = vendor_insn_at(code + i, sizeof code - i, &insn, &mark) && mark == 0;
            assert_int_equal(is_one, next == i);
            if (!is_one)
                continue;
            found++;
            next = vendor_scan_next(code, sizeof code, i + 1);
        }
        assert_int_equal(next, sizeof code);
    }
    assert_true(found > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_found_at_each_place),
        cmocka_unit_test(the_fast_search_finds_what_the_slow_one_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

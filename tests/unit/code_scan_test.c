/* code/scan.c: nothing is overlooked, wherever it lies, on CPUs with AVX2 and on those without. */
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

typedef size_t scan_fn(const uint8_t *code, size_t len, size_t from);
static scan_fn *const searches[] = {scan_next, scan_next_on_any_cpu};
#define SEARCHES (sizeof searches / sizeof searches[0])

/* In a piece of its own: the sanitizers see a read behind the end. */
static void check_place(scan_fn *next, const char *bytes, size_t n, size_t at, size_t len)
{
    uint8_t *code = malloc(len);
    assert_non_null(code);
    memset(code, 0x0f, len);
    memcpy(code + at, bytes, n);
    assert_int_equal(next(code, len, 0), at);
    assert_int_equal(next(code, len, at), at);
    assert_int_equal(next(code, len, at + 1), len);
    free(code);
}

static void each_is_found_at_each_place(void **state)
{
    (void)state;
    for (size_t k = 0; k < SEARCHES; k++)
        for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
            for (size_t len = samples[i].len; len < 290; len++)
                for (size_t at = 0; at + samples[i].len <= len; at++)
                    check_place(searches[k], samples[i].bytes, samples[i].len, at, len);
}

/* Far from the end, too: there, many bytes are searched at once. */
static void all_that_can_be_such_an_instruction_is_found(void **state)
{
    (void)state;
    uint8_t code[300] = {0xf3, 0x0f, 0, 0, 0x24};
    unsigned n = 0;
    for (unsigned i = 0; i < 0x10000; i++) {
        struct machine_insn insn;
        code[2] = (uint8_t)(i >> 8);
        code[3] = (uint8_t)i;
        bool is_one = machine_insn_at(code, sizeof code, &insn) ||
                      machine_insn_at(code + 1, sizeof code - 1, &insn);
        n += is_one;
        for (size_t k = 0; k < SEARCHES && is_one; k++) {
            assert_int_equal(searches[k](code, 14, 0), 1);
            assert_int_equal(searches[k](code, sizeof code, 0), 1);
        }
        assert_int_equal(scan_next(code, sizeof code, 0),
                         scan_next_on_any_cpu(code, sizeof code, 0));
    }
    assert_true(n > 512);
}

static void what_is_cut_is_not_found(void **state)
{
    (void)state;
    static const uint8_t code[] = {0x90, 0x0f, 0xc7};
    for (size_t k = 0; k < SEARCHES; k++) {
        assert_int_equal(searches[k](code, sizeof code, 0), sizeof code);
        assert_int_equal(searches[k](code, 2, 0), 2);
        assert_int_equal(searches[k](code, 0, 0), 0);
    }
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

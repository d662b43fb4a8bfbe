/* code/code_paths.c: what is reached, and what is not. */
#include "code/code_paths.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const uint8_t code[] = {
    /* 0 */ 0x74,  0x05,                         /* je 7 */
    /* 2 */ 0xe8,  0x0a, 0x00, 0x00, 0x00,       /* call 17 */
    /* 7 */ 0xeb,  0x02,                         /* jmp 11 */
    /* 9 */ 0x0f,  0xa2,                         /* data */
    /* 11 */ 0x0f, 0x84, 0xef, 0xff, 0xff, 0xff, /* je 0 */
    /* 17 */ 0xc3,
    /* 18 */ 0x90,
    /* 19 */ 0xe9, 0x00, 0x10, 0x00, 0x00, /* jmp far away */
    /* 24 */ 0x90,
};

static void jumps_calls_and_what_comes_behind_them_are_followed(void **state)
{
    (void)state;
    struct code_paths paths;
    uint64_t entry = 0;
    assert_int_equal(code_paths_follow(code, sizeof code, &entry, 1, &paths), 0);
    static const size_t reached[] = {0, 2, 7, 11, 17};
    for (size_t i = 0; i < sizeof reached / sizeof reached[0]; i++)
        assert_true(code_paths_begin(&paths, reached[i]));
    assert_false(code_paths_begin(&paths, 9));
    assert_false(code_paths_begin(&paths, 18)); /* behind a ret */
    code_paths_done(&paths);
}

static void a_path_ends_where_it_leaves_the_code(void **state)
{
    (void)state;
    struct code_paths paths;
    static const uint64_t entries[] = {19, 24, 25, UINT64_MAX};
    assert_int_equal(code_paths_follow(code, sizeof code, entries, 4, &paths), 0);
    assert_true(code_paths_begin(&paths, 19));
    assert_true(code_paths_begin(&paths, 24));
    code_paths_done(&paths);
    code_paths_done(&paths);
}

static void a_loop_ends(void **state)
{
    (void)state;
    struct code_paths paths;
    static const uint8_t loop[] = {0xeb, 0xfe};
    uint64_t entry = 0;
    assert_int_equal(code_paths_follow(loop, sizeof loop, &entry, 1, &paths), 0);
    assert_true(code_paths_begin(&paths, 0));
    code_paths_done(&paths);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jumps_calls_and_what_comes_behind_them_are_followed),
        cmocka_unit_test(a_path_ends_where_it_leaves_the_code),
        cmocka_unit_test(a_loop_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

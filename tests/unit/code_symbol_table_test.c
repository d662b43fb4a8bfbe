/* code/symbol_table.c: the functions of this program. */
#include "code/function_tables.h"

#include "code_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int number;

static void __attribute__((noinline, used)) one_function(void)
{
    number++;
}

struct seen {
    uint64_t function, data;
    unsigned functions, others;
};

static void note(void *ctx, const struct file_function *f)
{
    struct seen *seen = ctx;
    assert_true(f->size > 0);
    seen->functions += f->offset == seen->function;
    seen->others += f->offset == seen->data;
}

static void functions_are_told_and_nothing_else(void **state)
{
    (void)state;
    struct image image;
    struct elf_layout elf;
    image_open_own(&image);
    struct file_window w = {.file = &image.file, .ahead = sizeof w.bytes};
    struct seen seen = {.function = image_own_offset((const void *)(uintptr_t)one_function),
                        .data = image_own_offset(&number)};
    assert_true(elf_layout_read(&w, &elf));
    symbol_table_each(&w, &elf, note, &seen);
    assert_int_equal(seen.functions, 1);
    assert_int_equal(seen.others, 0);
    image_done(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_are_told_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* code/unwind_table.c: both ways to read the unwind information of this program agree, with each
 * other and with its symbols. */
#include "code/function_tables.h"

#include "code_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct image image;
    struct elf_layout elf;
    struct file_window w, other;
    struct unwind_table table;
    unsigned n;
    uint64_t own; /* a function of this program */
    bool own_is_there;
};

static void set_up(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    image_open_own(&f->image);
    f->w = (struct file_window){.file = &f->image.file, .ahead = 512};
    f->other = f->w;
    f->own = image_own_offset((const void *)(uintptr_t)set_up);
    assert_true(elf_layout_read(&f->w, &f->elf));
    assert_true(unwind_table_open(&f->w, &f->elf, &f->table));
}

static void look_it_up(void *ctx, const struct file_function *function)
{
    struct fixture *f = ctx;
    struct file_function found;
    f->n++;
    f->own_is_there |= function->offset == f->own;
    uint64_t last = function->offset + function->size - 1;
    assert_true(function->size > 0);
    assert_true(unwind_table_find(&f->other, &f->elf, &f->table, function->offset, &found));
    assert_int_equal(found.offset, function->offset);
    assert_true(unwind_table_find(&f->other, &f->elf, &f->table, last, &found));
    assert_int_equal(found.offset, function->offset);
    assert_int_equal(found.size, function->size);
}

static void the_index_leads_to_each_function(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    unwind_table_each(&f.w, &f.elf, look_it_up, &f);
    assert_true(f.own_is_there);
    assert_int_equal(f.n, f.table.index.span.size / 8);
    image_done(&f.image);
}

static void look_up_a_symbol(void *ctx, const struct file_function *function)
{
    struct fixture *f = ctx;
    struct file_function found;
    if (function->offset != f->own)
        return;
    assert_true(unwind_table_find(&f->other, &f->elf, &f->table, function->offset + 1, &found));
    assert_int_equal(found.offset, function->offset);
    assert_int_equal(found.size, function->size);
    f->n++;
}

static void it_agrees_with_symbols(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    symbol_table_each(&f.w, &f.elf, look_up_a_symbol, &f);
    assert_int_equal(f.n, 1);
    image_done(&f.image);
}

static void what_is_no_code_has_no_function(void **state)
{
    (void)state;
    struct fixture f;
    struct file_function found;
    set_up(&f);
    assert_false(unwind_table_find(&f.w, &f.elf, &f.table, 0, &found));
    assert_false(unwind_table_find(&f.w, &f.elf, &f.table, f.elf.unwind.offset, &found));
    assert_false(unwind_table_find(&f.w, &f.elf, &f.table, UINT64_MAX, &found));
    image_done(&f.image);
}

static void an_index_of_another_form_is_none(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    uint8_t *index = f.image.bytes + f.elf.unwind_index.offset;
    static const struct {
        size_t at;
        uint8_t byte;
    } changes[] = {{0, 2}, {1, 0xff}, {2, 0xff}, {3, 0x1b}, {11, 0xff}};
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        uint8_t before = index[changes[i].at];
        f.w.len = 0; /* read it again */
        index[changes[i].at] = changes[i].byte;
        assert_false(unwind_table_open(&f.w, &f.elf, &f.table));
        index[changes[i].at] = before;
    }
    image_done(&f.image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_index_leads_to_each_function),
        cmocka_unit_test(it_agrees_with_symbols),
        cmocka_unit_test(what_is_no_code_has_no_function),
        cmocka_unit_test(an_index_of_another_form_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

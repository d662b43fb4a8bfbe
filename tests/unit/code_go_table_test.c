/* code/go_table.c: tables of each version of Go. Those of real programs: code_truth_test.c. */
#include "code/function_tables.h"

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum {
    CODE = 0x1000,
    ADDRESS = 0x401000,
    TABLE = 0x2000,
    RELOCATIONS = 0x3000,
    MODULE = 0x3800,
    SIZE = 0x4000
};

/* A file whose functions begin at 0, 0x20 and 0x50 of its code and end at 0x60. */
struct go_file {
    uint8_t bytes[SIZE];
    struct code_file file;
    struct file_window w;
    struct elf_layout elf;
};

static bool read_bytes(void *ctx, uint64_t offset, void *buf, size_t len)
{
    struct go_file *f = ctx;
    memcpy(buf, f->bytes + offset, len);
    return true;
}

static void put(struct go_file *f, uint64_t at, uint64_t value, size_t size)
{
    memcpy(f->bytes + at, &value, size);
}

static void make(struct go_file *f, uint32_t magic)
{
    static const uint64_t starts[] = {0, 0x20, 0x50, 0x60};
    bool is_relative = magic == 0xfffffff0 || magic == 0xfffffff1;
    size_t size = is_relative ? 4 : 8, table = magic == 0xfffffffb ? 16 : 0x80;
    memset(f, 0, sizeof *f);
    put(f, TABLE, magic, 4);
    put(f, TABLE + 6, 1, 1);
    put(f, TABLE + 7, 8, 1);
    put(f, TABLE + 8, 3, 8);
    if (is_relative)
        put(f, TABLE + 24, ADDRESS, 8);
    if (magic != 0xfffffffb)
        put(f, TABLE + (is_relative ? 64 : 56), table, 8);
    for (size_t i = 0; i < 4; i++)
        put(f, TABLE + table + i * 2 * size, starts[i] + (is_relative ? 0 : ADDRESS), size);
    f->file = (struct code_file){read_bytes, f, SIZE};
    f->w = (struct file_window){.file = &f->file, .ahead = 512};
    f->elf.has_sections = true;
    f->elf.go_functions = (struct file_span){TABLE, 0x1000};
    f->elf.n_segments = 1;
    f->elf.segments[0] = (struct file_segment){{CODE, SIZE - CODE}, ADDRESS};
}

static void check(struct go_file *f)
{
    struct go_table table;
    struct file_function function;
    go_table_open(&f->w, &f->elf, &table);
    assert_true(table.functions.span.size > 0);
    assert_true(go_table_find(&f->elf, &table, CODE, &function));
    assert_int_equal(function.offset, CODE);
    assert_int_equal(function.size, 0x20);
    assert_true(go_table_find(&f->elf, &table, CODE + 0x4f, &function));
    assert_int_equal(function.offset, CODE + 0x20);
    assert_int_equal(function.size, 0x30);
    assert_true(go_table_find(&f->elf, &table, CODE + 0x5f, &function));
    assert_int_equal(function.offset, CODE + 0x50);
    assert_false(go_table_find(&f->elf, &table, CODE + 0x60, &function));
    assert_false(go_table_find(&f->elf, &table, CODE - 1, &function));
}

static void functions_of_each_version_are_found(void **state)
{
    (void)state;
    static const uint32_t magics[] = {0xfffffffb, 0xfffffffa, 0xfffffff0, 0xfffffff1};
    static struct go_file f;
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
        make(&f, magics[i]);
        check(&f);
    }
}

static void without_sections_it_is_looked_for(void **state)
{
    (void)state;
    static struct go_file f;
    make(&f, 0xfffffff1);
    f.elf.has_sections = false;
    f.elf.go_functions = (struct file_span){0};
    check(&f);
}

static void a_base_that_is_relocated_is_looked_up(void **state)
{
    (void)state;
    static struct go_file f;
    make(&f, 0xfffffff1);
    put(&f, TABLE + 24, 0, 8);
    const Elf64_Rela relocations[] = {
        {.r_offset = 0, .r_info = R_X86_64_RELATIVE, .r_addend = 1},
        {.r_offset = ADDRESS + TABLE + 24 - CODE, .r_info = R_X86_64_RELATIVE, .r_addend = ADDRESS},
    };
    memcpy(f.bytes + RELOCATIONS, relocations, sizeof relocations);
    f.elf.relocations = (struct file_span){RELOCATIONS, sizeof relocations};
    check(&f);
}

static void a_base_that_the_module_tells_is_taken_from_there(void **state)
{
    (void)state;
    static struct go_file f;
    struct go_table table;
    make(&f, 0xfffffff1);
    put(&f, TABLE + 24, 0, 8);
    put(&f, MODULE, ADDRESS + TABLE - CODE, 8);
    put(&f, MODULE + 22 * 8, ADDRESS, 8);
    f.elf.go_module = (struct file_span){MODULE, 0x200};
    check(&f);
    f.w.len = 0;
    put(&f, MODULE, ADDRESS, 8); /* the module of another table */
    go_table_open(&f.w, &f.elf, &table);
    assert_int_equal(table.functions.span.size, 0);
}

static void a_table_that_lies_is_none(void **state)
{
    (void)state;
    static struct go_file f;
    static const struct {
        size_t at;
        uint64_t value;
    } lies[] = {{0, 0xfffffff2}, {7, 4},  {8, UINT64_MAX}, {8, 0},
                {8, 0x1000},     {24, 0}, {64, 0xffffff},  {64, UINT64_MAX}};
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        struct go_table table;
        make(&f, 0xfffffff1);
        put(&f, TABLE + lies[i].at, lies[i].value, lies[i].at == 0 ? 4 : lies[i].at == 7 ? 1 : 8);
        go_table_open(&f.w, &f.elf, &table);
        assert_int_equal(table.functions.span.size, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_of_each_version_are_found),
        cmocka_unit_test(without_sections_it_is_looked_for),
        cmocka_unit_test(a_base_that_is_relocated_is_looked_up),
        cmocka_unit_test(a_base_that_the_module_tells_is_taken_from_there),
        cmocka_unit_test(a_table_that_lies_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

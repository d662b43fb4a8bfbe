/* code/sorted_table.c: wherever the last search ended, the next one finds what a plain one does. */
#include "code/sorted_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ENTRIES = 3000, SIZE = 8, AT = 100, BASE = 1000, GAP = 10 };

struct table_file {
    uint8_t bytes[AT + ENTRIES * SIZE]; /* ends with the table */
    unsigned reads;
    bool fails;
    struct code_file file;
    struct sorted_table table;
};

static bool read_bytes(void *ctx, uint64_t offset, void *buf, size_t len)
{
    struct table_file *f = ctx;
    f->reads++;
    if (f->fails || offset > sizeof f->bytes || len > sizeof f->bytes - offset)
        return false;
    memcpy(buf, f->bytes + offset, len);
    return true;
}

/* The first n entries begin at BASE + GAP, BASE + 2 * GAP ... */
static struct table_file *make(uint64_t n)
{
    struct table_file *f = calloc(1, sizeof *f);
    assert_non_null(f);
    for (uint64_t i = 0; i < ENTRIES; i++) {
        uint64_t start = (i + 1) * GAP;
        memcpy(f->bytes + AT + i * SIZE, &start, SIZE);
    }
    f->file = (struct code_file){read_bytes, f, sizeof f->bytes};
    sorted_table_open(&f->table, &f->file, (struct file_span){AT, n * SIZE}, SIZE, file_u64, BASE);
    return f;
}

static void check(struct table_file *f, uint64_t n, uint64_t address)
{
    uint64_t i = 0, start;
    bool is_one = n > 0 && address >= BASE + GAP;
    assert_int_equal(sorted_table_find(&f->table, address, &i), is_one);
    if (!is_one)
        return;
    uint64_t wanted = (address - BASE) / GAP - 1;
    assert_int_equal(i, wanted < n ? wanted : n - 1);
    assert_true(sorted_table_start(&f->table, i, &start));
    assert_int_equal(start, BASE + (i + 1) * GAP);
}

static void each_search_finds_the_entry_wherever_the_last_one_ended(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {0, 1, 2, 3, 5, 511, 512, 513, 1025, ENTRIES};
    srand(1);
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        uint64_t n = sizes[k], end = BASE + (n + 2) * GAP;
        struct table_file *f = make(n);
        for (uint64_t address = BASE - 5; address < end; address++)
            check(f, n, address);
        for (uint64_t address = end; address-- > BASE - 5;)
            check(f, n, address);
        for (int i = 0; i < 20000; i++)
            check(f, n, BASE - 5 + (uint64_t)rand() % (end - BASE));
        check(f, n, UINT64_MAX);
        check(f, n, 0);
        free(f);
    }
}

static void addresses_that_ascend_read_each_block_a_few_times(void **state)
{
    (void)state;
    struct table_file *f = make(ENTRIES);
    for (uint64_t i = 0; i < ENTRIES; i += 7)
        check(f, ENTRIES, BASE + (i + 1) * GAP + 3);
    assert_true(f->reads <= ENTRIES * SIZE / 4096 * 4); /* halving it all takes 1000 */
    free(f);
}

static void what_cannot_be_read_has_no_entry(void **state)
{
    (void)state;
    uint64_t i;
    struct table_file *f = make(ENTRIES);
    f->fails = true;
    assert_false(sorted_table_find(&f->table, BASE + 500, &i));
    f->fails = false;
    check(f, ENTRIES, BASE + 500);
    free(f);
}

/* A file may hold anything: what is found then means nothing, but a search ends. */
static void a_table_that_is_not_sorted_ends_the_search(void **state)
{
    (void)state;
    struct table_file *f = make(ENTRIES);
    srand(2);
    for (size_t i = AT; i < sizeof f->bytes; i++)
        f->bytes[i] = (uint8_t)rand();
    for (int k = 0; k < 10000; k++) {
        uint64_t i = 0, address = (uint64_t)rand() << 33 | (uint64_t)rand();
        if (sorted_table_find(&f->table, address, &i))
            assert_true(i < ENTRIES);
    }
    free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_search_finds_the_entry_wherever_the_last_one_ended),
        cmocka_unit_test(addresses_that_ascend_read_each_block_a_few_times),
        cmocka_unit_test(what_cannot_be_read_has_no_entry),
        cmocka_unit_test(a_table_that_is_not_sorted_ends_the_search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

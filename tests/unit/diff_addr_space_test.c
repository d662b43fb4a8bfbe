/* Unit tests of the address space that a trace tells: the same place has the same token wherever it
 * lies. */
#include "diff/addr_space.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

static uint64_t hash(void *ctx, const void *name, size_t len)
{
    (void)ctx;
    uint64_t h = 1469598103934665603u;
    for (size_t i = 0; i < len; i++)
        h = (h ^ ((const uint8_t *)name)[i]) * 1099511628211u;
    return h;
}

static void map(struct addr_space *s, uint64_t addr, uint64_t len, const char *name,
                uint64_t offset, bool heap)
{
    Reprise__Mapping m = REPRISE__MAPPING__INIT;
    Reprise__MapOp op = REPRISE__MAP_OP__INIT;
    m.addr = addr;
    m.len = len;
    m.name.data = (uint8_t *)name;
    m.name.len = strlen(name);
    m.file_offset = offset;
    op.op = REPRISE__MAP_OP__OP__MAP;
    op.mapping = &m;
    assert_int_equal(addr_space_change(s, &op, heap, hash, NULL), 0);
}

static void unmap(struct addr_space *s, uint64_t addr, uint64_t len)
{
    Reprise__MapOp op = REPRISE__MAP_OP__INIT;
    op.op = REPRISE__MAP_OP__OP__UNMAP;
    op.addr = addr;
    op.len = len;
    assert_int_equal(addr_space_change(s, &op, false, hash, NULL), 0);
}

static struct addr_space *space(struct addr_space_files *files)
{
    struct addr_space *s;
    assert_int_equal(addr_space_new(files, &s), 0);
    return s;
}

static void a_place_in_a_file_is_the_same_at_any_address(void **state)
{
    (void)state;
    struct addr_space_files files = {0};
    struct addr_space *a = space(&files), *b = space(&files);
    map(a, 0x10000000, 0x3000, "/lib/x.so", 0x1000, false);
    map(b, 0x77770000, 0x3000, "/lib/x.so", 0x1000, false);
    assert_true(addr_space_token(a, 0x10001234) == addr_space_token(b, 0x77771234));
    assert_true(addr_space_token(a, 0x10001234) != addr_space_token(b, 0x77771235));
    assert_true(addr_space_token(a, 0x10003000) == 0);
    addr_space_unref(a);
    addr_space_unref(b);
    addr_space_files_done(&files);
}

static void a_hole_in_the_middle_leaves_both_ends(void **state)
{
    (void)state;
    struct addr_space_files files = {0};
    struct addr_space *s = space(&files);
    map(s, 0x10000, 0x5000, "/f", 0, false);
    uint64_t low = addr_space_token(s, 0x10010), high = addr_space_token(s, 0x14010);
    unmap(s, 0x11000, 0x2000);
    assert_true(addr_space_token(s, 0x10010) == low);
    assert_true(addr_space_token(s, 0x11000) == 0);
    assert_true(addr_space_token(s, 0x12fff) == 0);
    assert_true(addr_space_token(s, 0x14010) == high);
    unmap(s, 0, UINT64_MAX);
    assert_null(addr_space_find(s, 0x10010));
    addr_space_unref(s);
    addr_space_files_done(&files);
}

static void what_moves_stays_what_it_is(void **state)
{
    (void)state;
    struct addr_space_files files = {0};
    struct addr_space *s = space(&files);
    map(s, 0x10000, 0x2000, "/f", 0, false);
    uint64_t token = addr_space_token(s, 0x10123);
    Reprise__MapOp op = REPRISE__MAP_OP__INIT;
    op.op = REPRISE__MAP_OP__OP__REMAP;
    op.addr = 0x10000;
    op.len = 0x2000;
    op.new_addr = 0x900000;
    op.new_len = 0x4000;
    op.flags = MREMAP_MAYMOVE;
    assert_int_equal(addr_space_change(s, &op, false, hash, NULL), 0);
    assert_true(addr_space_token(s, 0x900123) == token);
    assert_true(addr_space_token(s, 0x10123) == 0);
    addr_space_unref(s);
    addr_space_files_done(&files);
}

static void a_copy_goes_its_own_way(void **state)
{
    (void)state;
    struct addr_space_files files = {0};
    struct addr_space *s = space(&files), *copy, *shared;
    map(s, 0x10000, 0x1000, "/f", 0, false);
    assert_int_equal(addr_space_copy(s, &copy), 0);
    shared = addr_space_ref(s);
    unmap(s, 0x10000, 0x1000);
    assert_non_null(addr_space_find(copy, 0x10000));
    assert_null(addr_space_find(shared, 0x10000));
    addr_space_unref(s);
    addr_space_unref(shared);
    addr_space_unref(copy);
    addr_space_files_done(&files);
}

static void the_heap_is_known_by_where_it_begins(void **state)
{
    (void)state;
    struct addr_space_files files = {0};
    struct addr_space *s = space(&files);
    addr_space_note_brk(s, 0x555000);
    assert_true(addr_space_token(s, 0x555000) != 0);
    map(s, 0x555000, 0x21000, "", 0, true);
    assert_true(addr_space_find(s, 0x556000)->kind == SPACE_HEAP);
    addr_space_unref(s);
    addr_space_files_done(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_place_in_a_file_is_the_same_at_any_address),
        cmocka_unit_test(a_hole_in_the_middle_leaves_both_ends),
        cmocka_unit_test(what_moves_stays_what_it_is),
        cmocka_unit_test(a_copy_goes_its_own_way),
        cmocka_unit_test(the_heap_is_known_by_where_it_begins),
    };
    return cmocka_run_group_tests_name("diff.addr_space", tests, NULL, NULL);
}

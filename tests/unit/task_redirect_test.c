/* task/redirect.c: the changed code goes where it should, and nothing else changes. */
#include "task/redirect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STUB 0x2a0000001234ull
#define SIZE 8192

static uint8_t code[SIZE], before[SIZE];

static bool read_code(void *ctx, uint64_t offset, uint8_t *bytes, size_t len)
{
    (void)ctx;
    if (offset > SIZE || len > SIZE - offset)
        return false;
    memcpy(bytes, code + offset, len);
    return true;
}

static const struct redirect_code view = {.read = read_code, .len = SIZE};

/* Code up to `end`, nops, then zeros. */
static void begin(size_t end)
{
    memset(code, 0, SIZE);
    memset(code, 0x90, end);
}

static void put(size_t at, const char *bytes, size_t len)
{
    memcpy(code + at, bytes, len);
}

static bool redirect(uint64_t site, int64_t nr, struct redirect_room *room)
{
    struct redirect_plan plan;
    memcpy(before, code, SIZE);
    if (!redirect_make_plan(&view, site, nr, STUB, room, &plan))
        return false;
    for (size_t i = 0; i < plan.n; i++)
        memcpy(code + plan.v[i].offset, plan.v[i].bytes, plan.v[i].len);
    return true;
}

static int32_t distance(size_t at)
{
    int32_t v;
    memcpy(&v, code + at, sizeof v);
    return v;
}

/* Follows jumps from `at` to the stub: where rcx points by then, and what eax was set to (-1: not).
 */
static void follow(size_t at, uint64_t *ret_rcx, int64_t *ret_eax)
{
    *ret_rcx = 0;
    *ret_eax = -1;
    for (int steps = 0; steps < 10; steps++) {
        const uint8_t *p = code + at;
        if (p[0] == 0xe9) {
            at += 5 + (size_t)(int64_t)distance(at + 1);
        } else if (p[0] == 0xeb) {
            at += 2 + (size_t)(int64_t)(int8_t)p[1];
        } else if (p[0] == 0xb8) {
            *ret_eax = distance(at + 1);
            at += 5;
        } else if (memcmp(p, "\x48\x8d\x0d", 3) == 0) {
            *ret_rcx = at + 7 + (size_t)(int64_t)distance(at + 3);
            at += 7;
        } else {
            uint64_t stub;
            assert_memory_equal(p, "\x49\xbb", 2);
            memcpy(&stub, p + 2, sizeof stub);
            assert_true(stub == STUB);
            assert_memory_equal(p + 10, "\x41\xff\xe3", 3);
            return;
        }
    }
    fail_msg("no way to the stub");
}

static void a_mov_before_the_call_becomes_a_jump(void **state)
{
    struct redirect_room room;
    uint64_t rcx;
    int64_t eax;
    (void)state;
    begin(6000);
    put(100, "\xb8\x27\x00\x00\x00\x0f\x05\xc3", 8);
    assert_true(redirect_find_room(&view, &room));
    assert_true(room.next >= 6000 + 16 && room.end == SIZE);
    assert_true(redirect(107, 0x27, &room));
    follow(100, &rcx, &eax);
    assert_int_equal(rcx, 107);
    assert_int_equal(eax, 0x27);
    assert_memory_equal(code + 105, before + 105, 5895); /* the instruction itself stays */
    assert_memory_equal(code, before, 100);
}

static void a_call_leads_over_fillers_behind_a_ret(void **state)
{
    struct redirect_room room;
    uint64_t rcx;
    int64_t eax;
    (void)state;
    begin(6000);
    put(100, "\x31\xc0\x0f\x05\xc3", 5); /* xor %eax, %eax; syscall; ret; then nops to 112 */
    assert_true(redirect_find_room(&view, &room));
    assert_true(redirect(104, 0, &room));
    follow(102, &rcx, &eax);
    assert_int_equal(rcx, 104);
    assert_int_equal(eax, -1);
    assert_int_equal(code[104], 0xc3);
    assert_memory_equal(code + 112, before + 112, 5888);
}

static void two_calls_share_the_way_to_the_stub(void **state)
{
    struct redirect_room room;
    uint64_t rcx;
    int64_t eax;
    (void)state;
    begin(6000);
    put(100, "\xb8\x01\x00\x00\x00\x0f\x05\xc3", 8);
    put(200, "\xb8\x02\x00\x00\x00\x0f\x05\xc3", 8);
    assert_true(redirect_find_room(&view, &room));
    assert_true(redirect(107, 1, &room));
    uint64_t hop = room.hop, next = room.next;
    assert_true(redirect(207, 2, &room));
    assert_int_equal(room.hop, hop);
    assert_int_equal(room.next - next, 17);
    follow(100, &rcx, &eax);
    assert_int_equal(rcx, 107);
    follow(200, &rcx, &eax);
    assert_int_equal(rcx, 207);
    assert_int_equal(eax, 2);
}

static void what_cannot_be_changed_safely_is_left_alone(void **state)
{
    struct redirect_room room;
    (void)state;
    begin(SIZE);
    assert_false(redirect_find_room(&view, &room)); /* no zeros */
    begin(6000);
    assert_true(redirect_find_room(&view, &room));
    put(100, "\xb8\x27\x00\x00\x00\x0f\x34\xc3", 8); /* sysenter */
    assert_false(redirect(107, 0x27, &room));
    put(100, "\x41\xb8\x27\x00\x00\x00\x0f\x05", 8); /* mov to r8d; nothing ends the run behind */
    assert_false(redirect(108, 0x27, &room));
    put(100, "\xb8\x26\x00\x00\x00\x0f\x05\x06", 8); /* another number; an invalid instruction */
    assert_false(redirect(107, 0x27, &room));
    assert_false(redirect(1, 0, &room));
    assert_false(redirect(SIZE, 0, &room));
    struct redirect_room full = {.next = SIZE - 4, .end = SIZE};
    put(100, "\xb8\x27\x00\x00\x00\x0f\x05\xc3", 8);
    assert_false(redirect(107, 0x27, &full));
    assert_int_equal(full.next, SIZE - 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mov_before_the_call_becomes_a_jump),
        cmocka_unit_test(a_call_leads_over_fillers_behind_a_ret),
        cmocka_unit_test(two_calls_share_the_way_to_the_stub),
        cmocka_unit_test(what_cannot_be_changed_safely_is_left_alone),
    };
    return cmocka_run_group_tests_name("task_redirect", tests, NULL, NULL);
}

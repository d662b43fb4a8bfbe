/* task/redirect_read.c: the changed code goes to the code that reads and back, what was moved is
 * whole, and what may be entered is not moved. */
#include "task/redirect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define READER 0x2a0001000a00ull
#define SIZE   12288
#define END    9000
#define SITE   5004
#define RDTSC  "\x0f\x31"
#define SHL    "\x48\xc1\xe2\x20" /* $32, %rdx */
#define ADD    "\x48\x83\xc1\x01" /* $1, %rcx */

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

/* Of the instruction that does nothing and is no filler: not %eax. */
static void begin(void)
{
    memset(code, 0, SIZE);
    for (size_t i = 0; i < END; i += 2)
        memcpy(code + i, "\xf7\xd0", 2);
}

static void put(size_t at, const char *bytes, size_t len)
{
    memcpy(code + at, bytes, len);
}

static uint64_t hop, moved;

static bool redirect_in(uint64_t site, uint8_t len, bool may_move, uint64_t function,
                        uint64_t function_end)
{
    const struct redirect_read read = {.offset = site,
                                       .len = len,
                                       .code = READER,
                                       .may_move = may_move,
                                       .function = function,
                                       .function_end = function_end};
    struct redirect_room room;
    struct redirect_plan plan;
    hop = 0;
    memcpy(before, code, SIZE);
    if (!redirect_find_room(&view, &room) ||
        !redirect_make_read_plan(&view, &read, &room, &hop, &plan, &moved))
        return false;
    for (size_t i = 0; i < plan.n; i++)
        memcpy(code + plan.v[i].offset, plan.v[i].bytes, plan.v[i].len);
    assert_int_equal(plan.v[plan.n - 1].offset, site);
    return true;
}

static bool redirect(uint64_t site, uint8_t len)
{
    return redirect_in(site, len, true, 4000, 6000);
}

static size_t target(size_t at, size_t size)
{
    int32_t v;
    memcpy(&v, code + at + size - 4, sizeof v);
    return at + size + (size_t)(int64_t)v;
}

/* Follows jumps to the code that reads: where it is told to go on. */
static size_t follow(size_t at)
{
    size_t back = 0;
    for (int steps = 0; steps < 10; steps++) {
        const uint8_t *p = code + at;
        if (p[0] == 0xe9) {
            at = target(at, 5);
        } else if (p[0] == 0xeb) {
            at += 2 + (size_t)(int64_t)(int8_t)p[1];
        } else if (memcmp(p, "\x48\x8d\x15", 3) == 0) {
            back = target(at, 7);
            at += 7;
        } else {
            uint64_t reader;
            assert_memory_equal(p, "\x48\xb8", 2);
            memcpy(&reader, p + 2, sizeof reader);
            assert_true(reader == READER);
            assert_memory_equal(p + 10, "\xff\xe0", 2);
            return back;
        }
    }
    fail_msg("no way to the code that reads");
    return 0;
}

static void fillers_near_by_move_nothing(void **state)
{
    (void)state;
    begin();
    put(SITE, RDTSC SHL "\xc3\x90\x90\x90\x90\x90\x90\x90", 14);
    assert_true(redirect(SITE, 2));
    assert_int_equal(moved, 0);
    assert_int_equal(follow(SITE), SITE + 2);
    assert_memory_equal(code + SITE + 2, SHL "\xc3", 5);
}

static void a_longer_instruction_reaches_less_far(void **state)
{
    (void)state;
    for (size_t filler = 4900 + 124; filler < 4900 + 136; filler++) {
        begin();
        put(4900, "\x0f\x01\xf9", 3);
        memset(code + 4903, 0x98, filler - 1 - 4903);
        code[filler - 1] = 0xc3;
        memset(code + filler, 0x90, 16);
        if (redirect_in(4900, 3, false, 0, 0))
            assert_int_equal(follow(4900), 4903);
        else
            assert_true(filler > 4900 + 2 + 127 || (16 - filler % 16) % 16 < 5);
    }
}

static void what_follows_is_moved(void **state)
{
    (void)state;
    begin();
    put(SITE, RDTSC SHL, 6);
    assert_true(redirect_in(SITE, 2, true, 0, 0)); /* it puts together what was read */
    assert_int_equal(follow(SITE), moved);
    assert_memory_equal(code + moved, SHL, 4);
    assert_int_equal(code[moved + 4], 0xe9);
    assert_int_equal(target(moved + 4, 5), SITE + 6);
    assert_memory_equal(code + SITE + 6, before + SITE + 6, END - SITE - 6);
    assert_memory_equal(code, before, SITE);
}

static void distances_are_put_right(void **state)
{
    (void)state;
    begin();
    put(SITE, RDTSC "\x48\x89\x05\x00\x01\x00\x00\x90", 10); /* mov %rax, 256(%rip); nop */
    assert_true(redirect(SITE, 2));
    assert_memory_equal(code + moved, "\x48\x89\x05", 3);
    assert_int_equal(target(moved, 7), SITE + 9 + 256);
}

static void other_followers_need_a_known_function(void **state)
{
    (void)state;
    begin();
    put(SITE, RDTSC ADD, 6);
    assert_false(redirect_in(SITE, 2, true, 0, 0));
    assert_false(redirect_in(SITE, 2, false, 4000, 6000));
    assert_true(redirect(SITE, 2));
    assert_memory_equal(code + moved, ADD, 4);
    begin();
    put(SITE, RDTSC ADD, 6);
    put(5500, "\xff\xe0", 2); /* jmp *%rax */
    assert_false(redirect(SITE, 2));
    assert_true(redirect_in(SITE, 2, true, 4000, 5500));
}

static void what_is_jumped_to_stays(void **state)
{
    static const struct {
        size_t at;
        const char *bytes;
        size_t len;
    } jumps[] = {
        {SITE - 40, "\x75\x28", 2},                   /* jne SITE + 2 */
        {SITE + 40, "\xeb\xd8", 2},                   /* jmp SITE + 2 */
        {SITE - 1000, "\xe9\xe5\x03\x00\x00", 5},     /* jmp SITE + 2 */
        {SITE + 1000, "\x0f\x84\x14\xfc\xff\xff", 6}, /* je SITE + 2 */
        {8000, "\xe8\x49\xf4\xff\xff", 5},            /* call SITE + 2 */
    };
    (void)state;
    for (size_t i = 0; i < sizeof jumps / sizeof jumps[0]; i++) {
        begin();
        put(SITE, RDTSC SHL, 6);
        put(jumps[i].at, jumps[i].bytes, jumps[i].len);
        assert_false(redirect(SITE, 2));
    }
    begin();
    put(SITE, RDTSC SHL, 6);
    put(SITE + 40, "\xeb\xd6", 2); /* to the instruction itself */
    assert_true(redirect(SITE, 2));
}

static void what_cannot_stand_elsewhere_stays(void **state)
{
    static const char *const followers[] = {
        "\xc7\x05\x00\x01\x00\x00\x01\x00\x00\x00", /* movl $1, (%rip) */
        "\xe8\x00\x01\x00\x00",                     /* call */
        "\x0f\x05\x90",                             /* syscall */
        "\x0f\xa2\x90",                             /* cpuid */
        "\x74\x10\x90",                             /* je */
        "\xc3\xf7\xd0",                             /* ret */
        "\xff\xd0\x90",                             /* call *%rax */
    };
    (void)state;
    for (size_t i = 0; i < sizeof followers / sizeof followers[0]; i++) {
        begin();
        put(SITE, RDTSC, 2);
        memcpy(code + SITE + 2, followers[i], i == 0 ? 10 : i == 1 ? 5 : 3);
        assert_false(redirect(SITE, 2));
    }
}

/* Others, who do not know what was changed, would take them for fillers. */
static void fillers_that_are_executed_stay_behind_no_jump(void **state)
{
    (void)state;
    begin();
    put(SITE, RDTSC SHL "\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90", 16);
    assert_false(redirect(SITE, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fillers_near_by_move_nothing),
        cmocka_unit_test(a_longer_instruction_reaches_less_far),
        cmocka_unit_test(what_follows_is_moved),
        cmocka_unit_test(distances_are_put_right),
        cmocka_unit_test(other_followers_need_a_known_function),
        cmocka_unit_test(what_is_jumped_to_stays),
        cmocka_unit_test(what_cannot_stand_elsewhere_stays),
        cmocka_unit_test(fillers_that_are_executed_stay_behind_no_jump),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

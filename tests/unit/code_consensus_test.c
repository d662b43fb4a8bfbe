/* code/consensus.c: where an instruction begins, and how many ways lead there. */
#include "code/consensus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* 80 bytes of common code, and then the bytes to look at; `at` is the place of their 0f. */
static struct consensus look(const char *bytes, size_t len, size_t at)
{
    static const uint8_t common[] = {0x48, 0x8b, 0x44, 0x24, 0x10, 0x89, 0xc3, 0x83, 0xc0, 0x01,
                                     0x8b, 0x4b, 0x08, 0x85, 0xc9, 0x90, 0x48, 0x89, 0xe5, 0x53};
    uint8_t code[128];
    struct consensus c = {0};
    for (size_t i = 0; i < 80; i++)
        code[i] = common[i % sizeof common];
    memcpy(code + 80, bytes, len);
    assert_true(consensus_at(&wanted_machine, code, 80 + len, 80 + at, &c));
    c.start -= 80;
    return c;
}

static void most_ways_lead_to_an_instruction(void **state)
{
    (void)state;
    struct consensus c = look("\x0f\xa2\x89\xc3", 4, 0);
    assert_int_equal(c.start, 0);
    assert_true(c.percent > 60);
}

static void few_ways_lead_into_one(void **state)
{
    (void)state;
    assert_true(look("\xb8\x00\x0f\xa2\x00\x89\xc3", 7, 2).percent < 20); /* mov $x, %eax */
    assert_true(look("\x48\x8b\x43\x0f\x31\xc9", 6, 3).percent < 20);     /* mov 15(%rbx), %rax */
}

static void a_prefix_belongs_to_it(void **state)
{
    (void)state;
    struct consensus c = look("\xf3\x41\x0f\xc7\xf8", 5, 2);
    assert_int_equal(c.start, 0);
    assert_true(c.percent > 60);
}

static void what_ends_like_a_prefix_does_not(void **state)
{
    (void)state;
    struct consensus c = look("\xb8\x00\x00\x00\x48\x0f\xa2", 7, 5); /* mov $0x48000000, %eax */
    assert_int_equal(c.start, 5);
    assert_true(c.percent > 60);
}

static void the_first_bytes_have_all_votes(void **state)
{
    (void)state;
    struct consensus c;
    assert_true(consensus_at(&wanted_machine, (const uint8_t *)"\x0f\xa2", 2, 0, &c));
    assert_int_equal(c.percent, 100);
    assert_int_equal(c.start, 0);
}

static void rdpid_without_its_prefix_is_rdseed(void **state)
{
    (void)state;
    struct consensus c;
    static const uint8_t code[] = {0xb0, 0xf3, 0x0f, 0xc7, 0xf8}; /* mov $0xf3, %al; rdseed */
    assert_true(consensus_at(&wanted_machine, code, sizeof code, 2, &c));
    assert_true(wanted_machine.begins(code, sizeof code, 1, 2));
    assert_true(wanted_machine.begins(code, sizeof code, 2, 2));
    assert_false(wanted_machine.begins(code, sizeof code, 0, 2));
}

static void what_is_none_behind_any_prefix_is_none(void **state)
{
    (void)state;
    struct consensus c;
    static const uint8_t code[] = {0x90, 0x90, 0x0f, 0xae, 0xe8};
    assert_false(consensus_at(&wanted_machine, code, sizeof code, 2, &c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(most_ways_lead_to_an_instruction),
        cmocka_unit_test(few_ways_lead_into_one),
        cmocka_unit_test(a_prefix_belongs_to_it),
        cmocka_unit_test(what_ends_like_a_prefix_does_not),
        cmocka_unit_test(the_first_bytes_have_all_votes),
        cmocka_unit_test(rdpid_without_its_prefix_is_rdseed),
        cmocka_unit_test(what_is_none_behind_any_prefix_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

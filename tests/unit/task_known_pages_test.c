/* Unit tests of the table of page hashes. */
#include "task/known_pages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define PAGE 4096ull

static void add(struct known_pages *k, uint64_t page)
{
    struct known_page p = {.addr = page * PAGE, .low = page, .high = ~page};
    assert_int_equal(known_pages_add(k, &p), 0);
}

static void a_round_finds_what_the_last_one_added(void **state)
{
    (void)state;
    struct known_pages k = {0};
    for (uint64_t i = 0; i < 5000; i += 2)
        add(&k, i);
    assert_null(known_pages_find(&k, 0)); /* the round is not over */
    known_pages_turn(&k);
    for (uint64_t i = 0; i < 6000; i += i % 7 == 0 ? 13 : 1) {
        const struct known_page *page = known_pages_find(&k, i * PAGE);
        assert_true((page != NULL) == (i < 5000 && i % 2 == 0));
        assert_true(page == NULL || (page->low == i && page->high == ~i));
    }
    known_pages_turn(&k);
    assert_null(known_pages_find(&k, 0)); /* nothing was added in the second round */
    known_pages_done(&k);
}

static void spoilt_pages_are_not_found(void **state)
{
    (void)state;
    struct known_pages k = {0};
    for (uint64_t i = 10; i < 20; i++)
        add(&k, i);
    known_pages_turn(&k);
    known_pages_spoil(&k, 12 * PAGE + 4095, 2);
    known_pages_spoil(&k, 18 * PAGE, UINT64_MAX);
    known_pages_spoil(&k, 0, 10 * PAGE);
    for (uint64_t i = 10; i < 20; i++)
        assert_true((known_pages_find(&k, i * PAGE) == NULL) ==
                    (i == 12 || i == 13 || i == 18 || i == 19));
    known_pages_done(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_round_finds_what_the_last_one_added),
        cmocka_unit_test(spoilt_pages_are_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

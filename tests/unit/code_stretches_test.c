/* code/stretches.c: the first candidate from a place on is found, however long the range is. */
#include "code/search.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { OFFSET = 4096, MOST = 300 };

static size_t plainly(const struct search *s, uint64_t offset)
{
    size_t i = 0;
    while (i < s->n && search_offset(s, &s->v[i]) < offset)
        i++;
    return i;
}

/* The candidates are in ascending order; those at both ends of the range are there. */
static void check(size_t len, size_t n)
{
    static struct candidate v[MOST];
    struct code_range range = {.len = len, .file_offset = OFFSET};
    struct search s = {.range = &range, .v = v, .n = n};
    for (size_t i = 0; i < n; i++)
        v[i].at = i == 0 ? 0 : i == n - 1 ? len - 1 : i * (len - 1) / n;
    search_note_stretches(&s);
    for (size_t i = 0; i < n; i++)
        for (uint64_t at = search_offset(&s, &v[i]) - 2, end = at + 4; at < end; at++)
            assert_int_equal(search_first_from(&s, at), plainly(&s, at));
    for (int i = 0; i < 100; i++) {
        uint64_t at = (uint64_t)rand() % (len + OFFSET + 100);
        assert_int_equal(search_first_from(&s, at), plainly(&s, at));
    }
    assert_int_equal(search_first_from(&s, 0), 0);
    assert_int_equal(search_first_from(&s, UINT64_MAX), n);
}

static void the_first_candidate_is_found_in_ranges_of_each_length(void **state)
{
    (void)state;
    static const size_t some[] = {0, 1, 2, 3, MOST};
    srand(1);
    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++)
        for (size_t len = 1; len < (size_t)1 << 31; len *= 2)
            for (size_t more = 0; more < 3; more++)
                check(len + more, some[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_candidate_is_found_in_ranges_of_each_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

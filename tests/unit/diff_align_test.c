/* Unit tests of the alignment of sequences: against a naive longest common subsequence, and with
 * inputs that make a search run wild. */
#include "diff/align.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

static uint64_t *random_keys(uint64_t *state, uint32_t n, uint32_t alphabet)
{
    uint64_t *keys = malloc((n + 1) * sizeof *keys);
    assert_non_null(keys);
    for (uint32_t i = 0; i < n; i++)
        keys[i] = next_random(state) % alphabet;
    return keys;
}

/* Partners have equal keys and are in increasing order. Returns how many there are. */
static uint32_t check_pairs(const uint64_t *a, uint32_t n, const uint64_t *b, uint32_t m,
                            const uint32_t *to)
{
    uint32_t pairs = 0, next = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (to[i] == ALIGN_NONE)
            continue;
        assert_true(to[i] < m);
        assert_true(to[i] >= next);
        assert_true(a[i] == b[to[i]]);
        next = to[i] + 1;
        pairs++;
    }
    return pairs;
}

static uint32_t naive_lcs(const uint64_t *a, uint32_t n, const uint64_t *b, uint32_t m)
{
    uint32_t *row = calloc(m + 1, sizeof *row);
    assert_non_null(row);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t diagonal = 0;
        for (uint32_t j = 0; j < m; j++) {
            uint32_t above = row[j + 1];
            if (a[i] == b[j])
                row[j + 1] = diagonal + 1;
            else if (row[j] > above)
                row[j + 1] = row[j];
            diagonal = above;
        }
    }
    uint32_t longest = row[m];
    free(row);
    return longest;
}

static void myers_finds_as_many_pairs_as_the_naive_way(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int round = 0; round < 3000; round++) {
        uint32_t n = (uint32_t)next_random(&seed) % 40, m = (uint32_t)next_random(&seed) % 40;
        uint32_t alphabet = 1 + (uint32_t)next_random(&seed) % 12;
        uint64_t *a = random_keys(&seed, n, alphabet), *b = random_keys(&seed, m, alphabet);
        uint32_t to[40];
        align_clear(to, n);
        assert_int_equal(myers_align(a, b, (struct align_box){0, n, 0, m}, 1000, to), 0);
        assert_int_equal(check_pairs(a, n, b, m, to), naive_lcs(a, n, b, m));
        free(a);
        free(b);
    }
}

static void myers_stays_valid_when_its_cost_is_capped(void **state)
{
    (void)state;
    uint64_t seed = 2;
    for (int round = 0; round < 500; round++) {
        uint32_t n = (uint32_t)next_random(&seed) % 300, m = (uint32_t)next_random(&seed) % 300;
        uint64_t *a = random_keys(&seed, n, 50), *b = random_keys(&seed, m, 50);
        uint32_t to[300];
        align_clear(to, n);
        uint32_t cap = (uint32_t)next_random(&seed) % 8;
        assert_int_equal(myers_align(a, b, (struct align_box){0, n, 0, m}, cap, to), 0);
        check_pairs(a, n, b, m, to);
        free(a);
        free(b);
    }
}

static void gaps_are_filled_and_pairs_stay(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int round = 0; round < 500; round++) {
        uint32_t n = (uint32_t)next_random(&seed) % 400, m = (uint32_t)next_random(&seed) % 400;
        uint64_t *a = random_keys(&seed, n, 300), *b = random_keys(&seed, m, 300);
        uint32_t first[400], to[400];
        align_clear(first, n);
        assert_int_equal(align_gaps(a, n, b, m, first), 0);
        uint32_t fine = check_pairs(a, n, b, m, first);
        for (uint32_t i = 0; i < n; i++)
            a[i] /= 10;
        for (uint32_t i = 0; i < m; i++)
            b[i] /= 10;
        memcpy(to, first, n * sizeof *to);
        assert_int_equal(align_gaps(a, n, b, m, to), 0);
        assert_true(check_pairs(a, n, b, m, to) >= fine);
        for (uint32_t i = 0; i < n; i++)
            assert_true(first[i] == ALIGN_NONE || first[i] == to[i]);
        free(a);
        free(b);
    }
}

/* Every key lies in a pair or in exactly one gap. */
static void gaps_cover_all_that_has_no_partner(void **state)
{
    (void)state;
    uint64_t seed = 4;
    for (int round = 0; round < 300; round++) {
        uint32_t n = (uint32_t)next_random(&seed) % 60, m = (uint32_t)next_random(&seed) % 60;
        uint64_t *a = random_keys(&seed, n, 9), *b = random_keys(&seed, m, 9);
        uint32_t to[60];
        align_clear(to, n);
        assert_int_equal(align_gaps(a, n, b, m, to), 0);
        uint32_t pairs = check_pairs(a, n, b, m, to), alone_a = 0, alone_b = 0;
        struct align_walk walk = {.to = to, .n = n, .m = m};
        struct align_box box;
        while (align_next_gap(&walk, &box)) {
            assert_true(box.a_from < box.a_to || box.b_from < box.b_to);
            for (uint32_t i = box.a_from; i < box.a_to; i++)
                assert_int_equal(to[i], ALIGN_NONE);
            alone_a += box.a_to - box.a_from;
            alone_b += box.b_to - box.b_from;
        }
        assert_int_equal(pairs + alone_a, n);
        assert_int_equal(pairs + alone_b, m);
        free(a);
        free(b);
    }
}

static void one_changed_key_is_found_between_a_million(void **state)
{
    (void)state;
    enum { LENGTH = 1000000 };
    uint64_t seed = 5;
    uint64_t *a = random_keys(&seed, LENGTH, 20);
    uint64_t *b = malloc(LENGTH * sizeof *b);
    uint32_t *to = malloc(LENGTH * sizeof *to);
    assert_non_null(b);
    assert_non_null(to);
    memcpy(b, a, LENGTH * sizeof *b);
    b[LENGTH / 2] = 99;
    align_clear(to, LENGTH);
    assert_int_equal(align_gaps(a, LENGTH, b, LENGTH, to), 0);
    assert_int_equal(check_pairs(a, LENGTH, b, LENGTH, to), LENGTH - 1);
    assert_int_equal(to[LENGTH / 2], ALIGN_NONE);
    free(a);
    free(b);
    free(to);
}

/* Few kinds of keys in no order: the worst for a search of the shortest edit. It ends for being
 * capped; the time limit of the test tells. */
static void unlike_sequences_do_not_take_quadratic_time(void **state)
{
    (void)state;
    enum { LENGTH = 300000 };
    uint64_t seed = 6;
    uint64_t *a = random_keys(&seed, LENGTH, 1000), *b = random_keys(&seed, LENGTH, 1000);
    uint32_t *to = malloc(LENGTH * sizeof *to);
    assert_non_null(to);
    align_clear(to, LENGTH);
    assert_int_equal(align_gaps(a, LENGTH, b, LENGTH, to), 0);
    check_pairs(a, LENGTH, b, LENGTH, to);
    free(a);
    free(b);
    free(to);
}

static void periods_are_the_shortest(void **state)
{
    (void)state;
    const uint64_t none[] = {1, 2, 3, 4}, same[] = {7, 7, 7}, two[] = {1, 2, 1, 2, 1},
                   once[] = {1, 2, 3, 1, 2};
    assert_int_equal(align_period(none, 4), 0);
    assert_int_equal(align_period(same, 3), 1);
    assert_int_equal(align_period(two, 5), 2);
    assert_int_equal(align_period(once, 5), 0);
    assert_int_equal(align_period(same, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(myers_finds_as_many_pairs_as_the_naive_way),
        cmocka_unit_test(myers_stays_valid_when_its_cost_is_capped),
        cmocka_unit_test(gaps_are_filled_and_pairs_stay),
        cmocka_unit_test(gaps_cover_all_that_has_no_partner),
        cmocka_unit_test(one_changed_key_is_found_between_a_million),
        cmocka_unit_test(unlike_sequences_do_not_take_quadratic_time),
        cmocka_unit_test(periods_are_the_shortest),
    };
    return cmocka_run_group_tests_name("diff.align", tests, NULL, NULL);
}

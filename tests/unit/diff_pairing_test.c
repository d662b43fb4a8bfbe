/* Unit tests of how two sequences are compared while they are read: in pieces as in one go. */
#include "diff/pairing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PIECE 3000 /* events at hand at most */

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

/* A run: events by what they do. */
struct story {
    uint32_t *v;
    uint32_t n;
};

static struct story story_new(uint32_t most)
{
    struct story s = {.v = calloc(most, sizeof *s.v)};
    assert_non_null(s.v);
    return s;
}

static void tell(struct story *s, uint32_t what, uint32_t times, uint64_t *seed)
{
    for (uint32_t i = 0; i < times; i++)
        s->v[s->n++] = seed != NULL ? what + (uint32_t)next_random(seed) % 50 : what;
}

static void read_more(struct sequence *s, const struct story *story, uint32_t *next, uint32_t n)
{
    for (uint32_t i = 0; i < n && *next < story->n; i++) {
        uint32_t what = story->v[(*next)++];
        if (s->n == s->cap) {
            s->cap = s->cap * 2 + 16;
            s->v = reallocarray(s->v, s->cap, sizeof *s->v);
            assert_non_null(s->v);
        }
        s->v[s->n++] = (struct item){
            .object = what / 100,
            .call = what,
            .input = what,
            .call_literal = what,
            .input_literal = what,
            .number = *next,
            .nr = 1,
        };
        s->last_number = *next;
    }
}

/* All at once, or in pieces. */
static void compare(const struct story *a, const struct story *b, bool pieces,
                    struct comparison *ret)
{
    struct sequence x = {.total = a->n}, y = {.total = b->n};
    struct pairing p = {.c = ret, .a = &x, .b = &y};
    uint32_t i = 0, j = 0, round = pieces ? 500 : UINT32_MAX;
    *ret = (struct comparison){0};
    while (i < a->n || j < b->n) {
        read_more(&x, a, &i, x.n < y.n + PIECE ? round : 0);
        read_more(&y, b, &j, y.n < x.n + PIECE ? round : 0);
        assert_int_equal(pairing_follow(&p), 0);
        if (pieces && x.n + y.n > PIECE && pairing_ready(&p) > 0)
            assert_int_equal(pairing_flush(&p), 0);
    }
    assert_int_equal(pairing_finish(&p), 0);
    assert_int_equal(x.n + y.n, 0);
    assert_int_equal(x.from, a->n);
    assert_int_equal(y.from, b->n);
    points_sort(&ret->points);
    free(x.v);
    free(y.v);
}

static void same_in_pieces(const struct story *a, const struct story *b)
{
    struct comparison whole, pieces;
    compare(a, b, false, &whole);
    compare(a, b, true, &pieces);
    assert_int_equal(pieces.same, whole.same);
    assert_int_equal(pieces.points.n, whole.points.n);
    for (size_t i = 0; i < whole.points.n; i++) {
        assert_int_equal(pieces.points.v[i].kind, whole.points.v[i].kind);
        assert_int_equal(pieces.points.v[i].place, whole.points.v[i].place);
        assert_int_equal(pieces.points.v[i].run_place, whole.points.v[i].run_place);
        assert_int_equal(pieces.points.v[i].ref_number, whole.points.v[i].ref_number);
        assert_int_equal(pieces.points.v[i].run_number, whole.points.v[i].run_number);
        assert_int_equal(pieces.points.v[i].ref_other, whole.points.v[i].ref_other);
        assert_int_equal(pieces.points.v[i].run_other, whole.points.v[i].run_other);
        assert_int_equal(pieces.points.v[i].order, whole.points.v[i].order);
    }
    comparison_done(&whole);
    comparison_done(&pieces);
}

static void events_that_differ_here_and_there_are_found_in_pieces(void **state)
{
    (void)state;
    uint64_t seed = 1;
    struct story a = story_new(30000), b = story_new(40000);
    for (uint32_t i = 0; i < 30000; i++) {
        tell(&a, (uint32_t)next_random(&seed) % 1000000, 1, NULL);
        switch (next_random(&seed) % 400) {
        case 0: /* not done */
            break;
        case 1: /* done otherwise */
            tell(&b, 2000000 + i, 1, NULL);
            break;
        case 2: /* and more */
            tell(&b, 3000000 + i, 1, NULL);
            tell(&b, a.v[i], 1, NULL);
            break;
        default: /* the same */
            tell(&b, a.v[i], 1, NULL);
        }
    }
    same_in_pieces(&a, &b);
    same_in_pieces(&b, &a);
    free(a.v);
    free(b.v);
}

/* Longer than all that is at hand at a time. */
static void long_detour_of_one_run_is_its_own(void **state)
{
    (void)state;
    struct story a = story_new(10000), b = story_new(40000);
    uint64_t one = 1, same = 1, other = 2;
    tell(&a, 0, 5000, &one);
    tell(&a, 0, 5000, &one);
    tell(&b, 0, 5000, &same);
    tell(&b, 1000, 30000, &other);
    tell(&b, 0, 5000, &same);
    same_in_pieces(&a, &b);
    same_in_pieces(&b, &a);
    struct comparison c;
    compare(&a, &b, true, &c);
    assert_int_equal(c.same, 10000);
    comparison_done(&c);
    free(a.v);
    free(b.v);
}

static void run_that_ends_early_lacks_the_rest(void **state)
{
    (void)state;
    struct story a = story_new(40000), b = story_new(5010);
    uint64_t one = 1, same = 1;
    tell(&a, 0, 40000, &one);
    tell(&b, 0, 5000, &same);
    tell(&b, 7000, 10, NULL);
    struct comparison c;
    compare(&a, &b, true, &c);
    assert_int_equal(c.same, 5000);
    size_t missing = 0, own = 0;
    for (size_t i = 0; i < c.points.n; i++) {
        missing += c.points.v[i].kind == POINT_MISSING;
        own += c.points.v[i].kind != POINT_MISSING;
    }
    assert_int_equal(own, 10);
    assert_true(missing == 35000 ||
                missing == 34990); /* ten calls were others, or in their place */
    comparison_done(&c);
    free(a.v);
    free(b.v);
}

/* Whatever is in them, each event is told once, and it ends. */
static void unlike_runs_are_compared_to_their_ends(void **state)
{
    (void)state;
    uint64_t seed = 5;
    struct story a = story_new(20000), b = story_new(30000);
    tell(&a, 0, 20000, &seed);
    tell(&b, 20, 30000, &seed);
    struct comparison c;
    compare(&a, &b, true, &c);
    size_t ref = c.same, run = c.same;
    for (size_t i = 0; i < c.points.n; i++) {
        ref += c.points.v[i].kind != POINT_EXTRA;
        run += c.points.v[i].kind != POINT_MISSING;
    }
    assert_int_equal(ref, a.n);
    assert_int_equal(run, b.n);
    comparison_done(&c);
    free(a.v);
    free(b.v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_that_differ_here_and_there_are_found_in_pieces),
        cmocka_unit_test(long_detour_of_one_run_is_its_own),
        cmocka_unit_test(run_that_ends_early_lacks_the_rest),
        cmocka_unit_test(unlike_runs_are_compared_to_their_ends),
    };
    return cmocka_run_group_tests_name("diff.pairing", tests, NULL, NULL);
}

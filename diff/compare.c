/* Owns the comparison of two runs: both traces are read in step, and what is alike is dropped at
 * once. Of what differs so many events are kept at hand before they are compared that a long detour
 * of one run is found to be one; memory is bounded by that, not by the traces. */
#include "diff/compare.h"

#include "diff/both.h"
#include "diff/mixer.h"
#include "diff/pairing.h"

#include "base/scope.h"

#include <errno.h>
#include <stdlib.h>

#define ROUND     ((size_t)1 << 15) /* events of each trace that are read at a time */
#define AT_HAND   ((size_t)1 << 20) /* events of both that wait to be compared */
#define READY_MIN 1024              /* fewer are not worth an alignment of their own */

/* A trace as it is read. */
struct reading {
    const struct side *side;
    struct sequence_reader reader;
    bool more;
    int result;
    struct err err;
};

struct comparing {
    struct comparison *c;
    const struct compare_rules *rules;
    struct reading ref, run;
    struct sequence none; /* of a task that the other run lacks */
    struct pairing *pairings;
    size_t n;
    size_t ref_at_hand, at_hand;
};

/* ---- who with whom ---- */

static void add_pairing(struct comparing *k, size_t ref_task, size_t task, const bool *threaded)
{
    const struct census *census = k->run.side->census;
    struct pairing *p = &k->pairings[k->n++];
    *p =
        (struct pairing){.c = k->c, .strict = k->rules->strict, .ref_task = ref_task, .task = task};
    p->a = ref_task != CENSUS_NONE ? &k->ref.reader.tasks[ref_task] : &k->none;
    p->b = task != CENSUS_NONE ? &k->run.reader.tasks[task] : &k->none;
    if (task == CENSUS_NONE)
        return;
    p->is_thread = census->tasks[task].rank > 0;
    p->is_root = census->tasks[task].parent == CENSUS_NONE;
    p->keep_partners = threaded[census->tasks[task].leader];
}

static int pair_all(struct comparing *k, struct map64 *by_token, bool *seen, bool *threaded)
{
    const struct census *reference = k->ref.side->census, *run = k->run.side->census;
    for (size_t i = 0; i < run->n; i++)
        if (run->tasks[i].leader != i)
            threaded[run->tasks[i].leader] = true;
    for (size_t j = 0; j < reference->n; j++)
        if (map64_put(by_token, reference->tasks[j].token, (void *)(uintptr_t)(j + 1)) < 0)
            return -ENOMEM;
    for (size_t i = 0; i < run->n; i++) {
        uintptr_t place = (uintptr_t)map64_get(by_token, run->tasks[i].token);
        size_t j = place != 0 && !seen[place - 1] ? place - 1 : CENSUS_NONE;
        if (j != CENSUS_NONE)
            seen[j] = true;
        add_pairing(k, j, i, threaded);
    }
    for (size_t j = 0; j < reference->n; j++)
        if (!seen[j])
            add_pairing(k, j, CENSUS_NONE, threaded);
    return 0;
}

static int make_pairings(struct comparing *k)
{
    const struct census *reference = k->ref.side->census, *run = k->run.side->census;
    struct map64 by_token = {0};
    bool *seen SCOPE_FREE = calloc(reference->n + 1, sizeof *seen);
    bool *threaded SCOPE_FREE = calloc(run->n + 1, sizeof *threaded);
    k->pairings = calloc(reference->n + run->n + 1, sizeof *k->pairings);
    if (seen == NULL || threaded == NULL || k->pairings == NULL)
        return -ENOMEM;
    int r = pair_all(k, &by_token, seen, threaded);
    map64_done(&by_token);
    return r;
}

/* ---- reading ---- */

static void read_round(void *arg)
{
    struct reading *r = arg;
    struct err why = {0};
    r->result = sequence_reader_read(&r->reader, ROUND, &why);
    r->more = r->result > 0;
    if (r->result < 0)
        err_set(&r->err, -r->result, "%s: %s", r->side->name, why.msg);
}

static void count_at_hand(struct comparing *k)
{
    k->ref_at_hand = k->at_hand = 0;
    for (size_t i = 0; i < k->n; i++) {
        k->ref_at_hand += k->pairings[i].a->n;
        k->at_hand += k->pairings[i].b->n;
    }
}

/* A run that is far ahead waits for the other one. */
static int read_both(struct comparing *k, struct err *err)
{
    size_t half = AT_HAND / 2;
    bool ref_waits = k->run.more && k->ref_at_hand > k->at_hand + half;
    bool run_waits = k->ref.more && k->at_hand > k->ref_at_hand + half;
    struct reading *ref = k->ref.more && !ref_waits ? &k->ref : NULL;
    struct reading *run = k->run.more && !run_waits ? &k->run : NULL;
    both_do(read_round, ref, run);
    if (k->ref.result < 0)
        *err = k->ref.err;
    else if (k->run.result < 0)
        *err = k->run.err;
    return k->ref.result < 0 ? k->ref.result : k->run.result < 0 ? k->run.result : 0;
}

/* ---- comparing ---- */

static int compare_ready(struct comparing *k)
{
    int r = 0;
    for (size_t i = 0; i < k->n && r == 0; i++) {
        struct pairing *p = &k->pairings[i];
        if (p->a->n + p->b->n == 0)
            continue;
        r = pairing_follow(p);
        if (r == 0 && p->a->ended && p->b->ended)
            r = pairing_finish(p);
    }
    return r;
}

static struct pairing *readiest(const struct comparing *k)
{
    struct pairing *best = NULL;
    for (size_t i = 0; i < k->n; i++) {
        uint32_t ready = pairing_ready(&k->pairings[i]);
        if (ready >= READY_MIN && (best == NULL || ready > pairing_ready(best)))
            best = &k->pairings[i];
    }
    return best;
}

static int make_room(struct comparing *k)
{
    for (;;) {
        count_at_hand(k);
        if (k->ref_at_hand + k->at_hand <= AT_HAND)
            return 0;
        struct pairing *p = readiest(k);
        int r = p != NULL ? pairing_flush(p) : 0;
        if (r < 0 || p == NULL)
            return r;
    }
}

static int finish_all(struct comparing *k)
{
    int r = 0;
    for (size_t i = 0; i < k->n && r == 0; i++)
        r = pairing_finish(&k->pairings[i]);
    return r;
}

/* Whether there is no way any more to find enough that is the same. */
static bool is_hopeless(const struct comparing *k)
{
    uint64_t same = k->c->same;
    for (size_t i = 0; i < k->n && same < k->rules->least_same; i++) {
        uint32_t a = sequence_left(k->pairings[i].a), b = sequence_left(k->pairings[i].b);
        same += a < b ? a : b;
    }
    return same < k->rules->least_same;
}

static int compare_all(struct comparing *k, struct err *err)
{
    int r = 0;
    while (r == 0 && (k->ref.more || k->run.more) && !k->c->cut_short) {
        r = read_both(k, err);
        if (r < 0)
            return r;
        r = compare_ready(k);
        if (r == 0)
            r = make_room(k);
        k->c->cut_short = (k->ref.more || k->run.more) && is_hopeless(k);
    }
    if (r == 0)
        r = finish_all(k);
    return r < 0 ? err_sys(err, -r, "cannot compare") : 0;
}

/* ---- the whole ---- */

static void count_compared(const struct comparing *k)
{
    for (size_t i = 0; i < k->n; i++) {
        k->c->ref_items += k->pairings[i].a->from;
        k->c->items += k->pairings[i].b->from;
    }
}

static int by_run_number(const void *x, const void *y)
{
    const struct partners *p = x, *q = y;
    return p->run_number < q->run_number ? -1 : p->run_number > q->run_number;
}

static int put_in_order(struct comparison *c, uint16_t strict)
{
    if ((strict & IGNORED_BIT(IGNORED_SCHEDULE)) == 0) {
        long moved = points_mark_moved(&c->points);
        if (moved < 0)
            return (int)moved;
        c->ignored[IGNORED_SCHEDULE] += (uint64_t)moved;
    }
    points_sort(&c->points);
    if (c->n_partners > 1)
        qsort(c->partners, c->n_partners, sizeof *c->partners, by_run_number);
    return 0;
}

static int open_reading(struct comparing *k, struct reading *r, struct err *err)
{
    struct err why = {0};
    int result = sequence_reader_open(r->side->trace, r->side->census, k->rules->fields,
                                      k->rules->strict, &r->reader, &why);
    r->more = result == 0;
    return result < 0 ? err_set(err, -result, "%s: %s", r->side->name, why.msg) : 0;
}

int comparison_make(const struct side *reference, const struct side *run,
                    const struct compare_rules *rules, struct comparison *ret, struct err *err)
{
    struct comparison c = {.ref_census = reference->census, .census = run->census};
    struct comparing k = {.c = &c, .rules = rules, .ref.side = reference, .run.side = run};
    int r = open_reading(&k, &k.ref, err);
    if (r == 0)
        r = open_reading(&k, &k.run, err);
    if (r == 0 && make_pairings(&k) < 0)
        r = err_sys(err, ENOMEM, "cannot compare");
    if (r == 0)
        r = compare_all(&k, err);
    if (r == 0)
        count_compared(&k);
    free(k.pairings);
    sequence_reader_done(&k.ref.reader);
    sequence_reader_done(&k.run.reader);
    if (r == 0 && put_in_order(&c, rules->strict) < 0)
        r = err_sys(err, ENOMEM, "cannot compare");
    if (r < 0)
        comparison_done(&c);
    else
        *ret = c;
    return r;
}

void comparison_done(struct comparison *c)
{
    if (c == NULL)
        return;
    points_done(&c->points);
    free(c->partners);
    *c = (struct comparison){0};
}

uint64_t comparison_identity(const struct comparison *c, const struct point *p)
{
    uint64_t token = p->task != CENSUS_NONE ? c->census->tasks[p->task].token
                                            : c->ref_census->tasks[p->ref_task].token;
    uint64_t what = p->kind == POINT_EXTRA ? (uint64_t)p->object << 32 | p->call : 0;
    return mix_u64(mix_u64(mix_u64(token, p->kind), p->place), what);
}

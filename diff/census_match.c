/* Owns who is who: which task of one run is which of another. */
#include "diff/census.h"
#include "diff/mixer.h"

#include "base/scope.h"

#include <errno.h>
#include <stdlib.h>

#define SALT_ROOT    0x726f6f74u
#define SALT_PROCESS 0x70726f63u
#define SALT_THREAD  0x74687264u
#define LEFT_MAX     4096 /* siblings beyond are matched by birth alone */

/* Children of each task, in the order of birth. */
struct kin {
    size_t *first, *next; /* CENSUS_NONE ends */
};

static void kin_done(struct kin *kin)
{
    free(kin->first);
    free(kin->next);
}

static int kin_make(const struct census *c, struct kin *ret)
{
    ret->first = calloc(c->n + 1, sizeof *ret->first);
    ret->next = calloc(c->n + 1, sizeof *ret->next);
    if (ret->first == NULL || ret->next == NULL) {
        kin_done(ret);
        return -ENOMEM;
    }
    for (size_t i = 0; i <= c->n; i++)
        ret->first[i] = ret->next[i] = CENSUS_NONE;
    for (size_t i = c->n; i-- > 0;) {
        size_t up = c->tasks[i].parent == CENSUS_NONE ? c->n : c->tasks[i].parent;
        ret->next[i] = ret->first[up];
        ret->first[up] = i;
    }
    return 0;
}

/* A token by place and program; same ones among siblings are told apart by birth. */
static int give_token(struct census *c, size_t i, struct map64 *twins)
{
    struct census_task *t = &c->tasks[i];
    uint64_t up = t->parent != CENSUS_NONE ? c->tasks[t->parent].token : SALT_ROOT;
    uint64_t token;
    if (t->rank > 0) {
        token = mix_u64(mix_u64(c->tasks[t->leader].token, SALT_THREAD), t->rank);
    } else {
        uint64_t key =
            mix_u64(mix_u64(up, SALT_PROCESS), t->parent != CENSUS_NONE ? t->command : 0);
        uintptr_t n = (uintptr_t)map64_get(twins, key) + 1;
        if (map64_put(twins, key, (void *)n) < 0)
            return -ENOMEM;
        token = mix_u64(key, n);
    }
    t->token = token;
    return 0;
}

struct matching {
    struct census *c;
    const struct census *reference;
    struct kin kin, reference_kin;
    struct map64 by_token; /* place in the reference plus 1 */
    struct map64 twins;
    bool *taken; /* of the reference */
};

static size_t find_reference(const struct matching *m, uint64_t token)
{
    uintptr_t place = (uintptr_t)map64_get(&m->by_token, token);
    return place != 0 ? place - 1 : CENSUS_NONE;
}

static void pair(struct matching *m, size_t i, size_t j)
{
    m->c->tasks[i].token = m->reference->tasks[j].token;
    m->c->tasks[i].matched = true;
    m->taken[j] = true;
}

static bool alike(const struct census_task *t, const struct census_task *u, bool same_program)
{
    return (t->rank > 0) == (u->rank > 0) && (!same_program || t->program == u->program);
}

/* Matches the children that no equal token was found for. */
static void pair_left(struct matching *m, size_t parent, size_t reference_parent, bool same_program)
{
    size_t tries = 0;
    for (size_t i = m->kin.first[parent]; i != CENSUS_NONE; i = m->kin.next[i]) {
        if (m->c->tasks[i].matched)
            continue;
        size_t j = m->reference_kin.first[reference_parent];
        for (; j != CENSUS_NONE; j = m->reference_kin.next[j])
            if (++tries > LEFT_MAX * 16 ||
                (!m->taken[j] && alike(&m->c->tasks[i], &m->reference->tasks[j], same_program)))
                break;
        if (tries > LEFT_MAX * 16)
            return;
        if (j != CENSUS_NONE)
            pair(m, i, j);
    }
}

static int match_children(struct matching *m, size_t parent)
{
    for (size_t i = m->kin.first[parent]; i != CENSUS_NONE; i = m->kin.next[i]) {
        if (give_token(m->c, i, &m->twins) < 0)
            return -ENOMEM;
        size_t j = find_reference(m, m->c->tasks[i].token);
        if (j != CENSUS_NONE && !m->taken[j])
            pair(m, i, j);
    }
    size_t reference_parent = m->reference->n;
    if (parent < m->c->n) {
        reference_parent = find_reference(m, m->c->tasks[parent].token);
        if (reference_parent == CENSUS_NONE)
            return 0;
    }
    pair_left(m, parent, reference_parent, true);
    pair_left(m, parent, reference_parent, false);
    return 0;
}

static int match_all(struct matching *m)
{
    for (size_t j = 0; j < m->reference->n; j++)
        if (map64_put(&m->by_token, m->reference->tasks[j].token, (void *)(uintptr_t)(j + 1)) < 0)
            return -ENOMEM;
    int r = match_children(m, m->c->n);
    for (size_t i = 0; i < m->c->n && r == 0; i++)
        r = match_children(m, i);
    return r;
}

static int match(struct census *c, const struct census *reference)
{
    struct matching m = {.c = c, .reference = reference};
    m.taken = calloc(reference->n + 1, sizeof *m.taken);
    int r = m.taken != NULL ? kin_make(c, &m.kin) : -ENOMEM;
    if (r == 0 && (r = kin_make(reference, &m.reference_kin)) == 0) {
        r = match_all(&m);
        kin_done(&m.reference_kin);
    }
    if (m.kin.first != NULL)
        kin_done(&m.kin);
    map64_done(&m.by_token);
    map64_done(&m.twins);
    free(m.taken);
    return r;
}

int census_match(struct census *c, const struct census *reference)
{
    if (reference != NULL)
        return match(c, reference);
    struct map64 twins = {0};
    int r = 0;
    for (size_t i = 0; i < c->n && r == 0; i++) {
        r = give_token(c, i, &twins);
        c->tasks[i].matched = true;
    }
    map64_done(&twins);
    return r;
}

/* Owns the keys by which events are paired, from fine to coarse. */
#include "diff/item_keys.h"

#include "diff/mixer.h"

#include "base/scope.h"

#include <errno.h>
#include <stdlib.h>

#define FOREIGN (1ull << 63) /* a key that nothing else has */

static uint64_t key_whole(const struct item *i)
{
    return mix_u64((uint64_t)i->object << 32 | i->call, i->input);
}

static uint64_t key_call(const struct item *i)
{
    return (uint64_t)i->object << 32 | i->call;
}

static uint64_t key_object(const struct item *i)
{
    return i->object;
}

static uint64_t key_name(const struct item *i)
{
    return (uint64_t)(uint16_t)i->nr << 8 | (i->flags & (ITEM_EXIT | ITEM_EXEC));
}

static uint64_t (*const keys[])(const struct item *) = {key_whole, key_call, key_object, key_name};
#define N_KEYS (sizeof keys / sizeof keys[0])

/* By its number alone no signal is another one. Behind the last event comes one that is like no
 * other. */
static void fill_keys(const struct sequence *s, size_t level, uint64_t side, uint64_t *ret)
{
    for (uint32_t i = 0; i < s->n; i++) {
        bool alone = level + 1 == N_KEYS && (s->v[i].flags & ITEM_SIGNAL) != 0;
        ret[i] = alone ? FOREIGN | side << 62 | i : keys[level](&s->v[i]);
    }
    ret[s->n] = FOREIGN | side << 62 | s->n;
}

int item_align(const struct sequence *a, const struct sequence *b, bool goes_on, uint32_t *to)
{
    uint64_t *a_keys SCOPE_FREE = calloc((size_t)a->n + 1, sizeof *a_keys);
    uint64_t *b_keys SCOPE_FREE = calloc((size_t)b->n + 1, sizeof *b_keys);
    if (a_keys == NULL || b_keys == NULL)
        return -ENOMEM;
    align_clear(to, a->n + 1);
    for (size_t level = 0; level < N_KEYS; level++) {
        fill_keys(a, level, 0, a_keys);
        fill_keys(b, level, 1, b_keys);
        int r = align_gaps(a_keys, a->n + goes_on, b_keys, b->n + goes_on, to);
        if (r < 0)
            return r;
    }
    return 0;
}

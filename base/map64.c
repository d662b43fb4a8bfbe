/* Owns the hash map used for tasks by pid, files by inode and the like: open addressing with
 * linear probing, grown before it is three quarters full. */
#include "base/map64.h"

#include <errno.h>
#include <stdlib.h>

static char gone;
#define MAP64_GONE ((void *)&gone)

static size_t slot_of(uint64_t key, size_t cap)
{
    key ^= key >> 32;
    key *= 0x9e3779b97f4a7c15u;
    return (size_t)(key >> 17) & (cap - 1);
}

void map64_done(struct map64 *m)
{
    if (m == NULL)
        return;
    free(m->slots);
    *m = (struct map64){0};
}

static struct map64_slot *find(const struct map64 *m, uint64_t key)
{
    if (m->cap == 0)
        return NULL;
    for (size_t i = slot_of(key, m->cap);; i = (i + 1) & (m->cap - 1)) {
        struct map64_slot *s = &m->slots[i];
        if (s->value == NULL)
            return NULL;
        if (s->value != MAP64_GONE && s->key == key)
            return s;
    }
}

void *map64_get(const struct map64 *m, uint64_t key)
{
    struct map64_slot *s = find(m, key);
    return s != NULL ? s->value : NULL;
}

static int grow(struct map64 *m)
{
    size_t cap = m->len * 2 + 16;
    size_t pow2 = 16;
    while (pow2 < cap)
        pow2 *= 2;
    struct map64_slot *slots = calloc(pow2, sizeof *slots);
    if (slots == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < m->cap; i++) {
        struct map64_slot *s = &m->slots[i];
        if (s->value == NULL || s->value == MAP64_GONE)
            continue;
        size_t k = slot_of(s->key, pow2);
        while (slots[k].value != NULL)
            k = (k + 1) & (pow2 - 1);
        slots[k] = *s;
    }
    free(m->slots);
    m->slots = slots;
    m->cap = pow2;
    m->used = m->len;
    return 0;
}

int map64_put(struct map64 *m, uint64_t key, void *value)
{
    struct map64_slot *s = find(m, key);
    if (s != NULL) {
        s->value = value;
        return 0;
    }
    if ((m->used + 1) * 4 > m->cap * 3) {
        int r = grow(m);
        if (r < 0)
            return r;
    }
    size_t i = slot_of(key, m->cap);
    while (m->slots[i].value != NULL && m->slots[i].value != MAP64_GONE)
        i = (i + 1) & (m->cap - 1);
    if (m->slots[i].value == NULL)
        m->used++;
    m->slots[i] = (struct map64_slot){.key = key, .value = value};
    m->len++;
    return 0;
}

void *map64_take(struct map64 *m, uint64_t key)
{
    struct map64_slot *s = find(m, key);
    if (s == NULL)
        return NULL;
    void *value = s->value;
    s->value = MAP64_GONE;
    m->len--;
    return value;
}

struct map64_slot *map64_next_slot(const struct map64 *m, size_t *pos)
{
    while (*pos < m->cap) {
        struct map64_slot *s = &m->slots[(*pos)++];
        if (s->value != NULL && s->value != MAP64_GONE)
            return s;
    }
    return NULL;
}

void *map64_next(const struct map64 *m, size_t *pos)
{
    const struct map64_slot *s = map64_next_slot(m, pos);
    return s != NULL ? s->value : NULL;
}

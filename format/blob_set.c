/* Owns the set of known blob names: open addressing; a name is a good hash of itself. */
#include "format/blob_set.h"

#include "format/bytes.h"

#include <errno.h>
#include <stdlib.h>

void blob_set_done(struct blob_set *s)
{
    if (s == NULL)
        return;
    free(s->slots);
    map64_done(&s->sizes);
    *s = (struct blob_set){0};
}

static bool is_free(const struct blob_id *slot)
{
    static const struct blob_id none;
    return memcmp(slot, &none, sizeof none) == 0;
}

/* The slot that holds the name, or the free one where it belongs. */
static struct blob_id *slot_of(struct blob_id *slots, size_t cap, const struct blob_id *id)
{
    size_t i = (size_t)get_le64(id->bytes) & (cap - 1);
    while (!is_free(&slots[i]) && memcmp(&slots[i], id, sizeof *id) != 0)
        i = (i + 1) & (cap - 1);
    return &slots[i];
}

bool blob_set_has(const struct blob_set *s, const struct blob_id *id)
{
    return s->cap > 0 && !is_free(slot_of(s->slots, s->cap, id));
}

bool blob_set_has_size(const struct blob_set *s, uint64_t size)
{
    return map64_get(&s->sizes, size) != NULL;
}

static int grow(struct blob_set *s)
{
    size_t cap = s->cap > 0 ? s->cap * 2 : 64;
    struct blob_id *slots = calloc(cap, sizeof *slots);
    if (slots == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < s->cap; i++)
        if (!is_free(&s->slots[i]))
            *slot_of(slots, cap, &s->slots[i]) = s->slots[i];
    free(s->slots);
    s->slots = slots;
    s->cap = cap;
    return 0;
}

int blob_set_add(struct blob_set *s, const struct blob_id *id, uint64_t size, bool many_pieces)
{
    static char known;
    if (s->len >= BLOB_SET_MAX || is_free(id))
        return 0;
    if (s->len * 2 >= s->cap) {
        int r = grow(s);
        if (r < 0)
            return r;
    }
    if (many_pieces) {
        int r = map64_put(&s->sizes, size, &known);
        if (r < 0)
            return r;
    }
    *slot_of(s->slots, s->cap, id) = *id;
    s->len++;
    return 0;
}

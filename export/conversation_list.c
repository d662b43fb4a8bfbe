/* Owns the list of conversations: who is at which end, by which address. Refuses to know how that
 * is found out. */
#include "export/conversations.h"

#include <errno.h>
#include <stdlib.h>
#include <xxhash.h>

void conversations_done(struct conversations *c)
{
    for (size_t i = 0; i < c->n; i++)
        free(c->v[i]);
    free(c->v);
    map64_done(&c->by_object);
    map64_done(&c->senders);
    net_names_done(&c->names);
}

struct conversation *conversations_find(const struct conversations *c, uint64_t object,
                                        int *ret_end)
{
    uintptr_t v = (uintptr_t)map64_get(&c->by_object, object);
    *ret_end = v & 1;
    return (struct conversation *)(v & ~(uintptr_t)1);
}

int conversations_set_object(struct conversations *c, struct conversation *conv, int end,
                             uint64_t object)
{
    conv->end[end].object = object;
    return map64_put(&c->by_object, object, (void *)((uintptr_t)conv | (unsigned)end));
}

int conversations_add(struct conversations *c, bool is_stream, struct conversation **ret)
{
    *ret = NULL;
    if (c->n >= CONVERSATIONS_MAX) {
        c->cut = true;
        return 0;
    }
    if (c->n == c->cap) {
        size_t cap = c->cap * 2 + 64;
        void *v = reallocarray(c->v, cap, sizeof(*c->v));
        if (v == NULL)
            return -ENOMEM;
        c->v = v;
        c->cap = cap;
    }
    struct conversation *conv = calloc(1, sizeof *conv);
    if (conv == NULL)
        return -ENOMEM;
    c->v[c->n++] = conv;
    conv->number = (uint32_t)c->n;
    conv->is_stream = is_stream;
    *ret = conv;
    return 0;
}

static uint64_t hash_of_address(const struct net_address *a)
{
    uint64_t rest = (uint64_t)a->kind << 48 | (uint64_t)a->port << 32 | a->name;
    return XXH3_64bits_withSeed(a->ip, sizeof a->ip, rest);
}

bool conversations_has_sender(const struct conversations *c, const struct net_address *a)
{
    return map64_get(&c->senders, hash_of_address(a)) != NULL;
}

int conversations_finish(struct conversations *c)
{
    int r = 0;
    for (size_t i = 0; i < c->n && r == 0; i++) {
        struct conversation *conv = c->v[i];
        if (!conv->is_stream && conv->end[0].address.kind != NET_UNKNOWN)
            r = map64_put(&c->senders, hash_of_address(&conv->end[0].address), conv);
        struct net_address first = conv->end[0].address;
        net_address_make_up(&conv->end[0].address, &conv->end[1].address, conv->number * 2);
        net_address_make_up(&conv->end[1].address, &first, conv->number * 2 + 1);
    }
    return r;
}

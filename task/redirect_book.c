/* Owns the memory of sites and changes. Makes no change itself. */
#include "task/redirect_book.h"

#include <stdlib.h>
#include <string.h>

#define BOOKS_MAX 256
#define HITS      2 /* a call that comes once is not worth it */
#define CALL_SIZE 2
#define MOV_SIZE  5
#define HOP_SIZE  13

struct redirect_book *redirect_books_get(struct redirect_book **list, size_t size,
                                         const uint8_t id[REDIRECT_ID], uint64_t start,
                                         uint64_t len)
{
    size_t n = 0;
    for (struct redirect_book *b = *list; b != NULL; b = b->next, n++)
        if (memcmp(b->id, id, REDIRECT_ID) == 0 && b->start == start && b->len == len)
            return b;
    struct redirect_book *b = n < BOOKS_MAX ? calloc(1, size) : NULL;
    if (b == NULL)
        return NULL;
    memcpy(b->id, id, REDIRECT_ID);
    b->start = start;
    b->len = len;
    b->next = *list;
    *list = b;
    return b;
}

void redirect_books_free(struct redirect_book **list)
{
    for (struct redirect_book *b = *list, *next; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
    *list = NULL;
}

/* ---- planning ---- */

struct reading {
    const struct redirect_book *b;
    const struct redirect_code *code;
};

/* The code with all changes. */
static bool read_changed(void *ctx, uint64_t offset, uint8_t *bytes, size_t len)
{
    const struct reading *at = ctx;
    if (!at->code->read(at->code->ctx, offset, bytes, len))
        return false;
    for (size_t i = 0; i < at->b->n_changes; i++) {
        const struct redirect_change *c = &at->b->changes[i].new;
        for (uint64_t k = 0; k < c->len; k++)
            if (c->offset + k - offset < len)
                bytes[c->offset + k - offset] = c->bytes[k];
    }
    return true;
}

static struct redirect_site *find_site(struct redirect_book *b, uint64_t offset)
{
    for (size_t i = 0; i < b->n_sites; i++)
        if (b->sites[i].offset == offset)
            return &b->sites[i];
    if (b->n_sites == REDIRECT_SITES)
        return NULL;
    b->sites[b->n_sites] = (struct redirect_site){.offset = offset};
    return &b->sites[b->n_sites++];
}

static bool note_changes(struct redirect_book *b, const struct redirect_code *code,
                         const struct redirect_plan *plan)
{
    if (b->n_changes + plan->n > REDIRECT_ALL_MAX)
        return false;
    for (size_t i = 0; i < plan->n; i++) {
        struct redirect_known_change *c = &b->changes[b->n_changes + i];
        c->new = plan->v[i];
        if (!code->read(code->ctx, c->new.offset, c->was, c->new.len))
            return false;
    }
    b->n_changes += plan->n;
    return true;
}

/* The last change is at the instruction, or at the mov before it; the entry is the one before the
 * last, or, if there is a filler, before that. */
static void describe(struct redirect_site *s, const struct redirect_plan *plan, size_t first,
                     bool made_hop)
{
    const struct redirect_change *last = &plan->v[plan->n - 1];
    s->first = (uint16_t)(first + made_hop);
    s->n = (uint16_t)(plan->n - made_hop);
    s->has_mov = last->len == MOV_SIZE;
    if (!s->has_mov)
        s->filler = last[-1].offset;
    s->entry = last[s->has_mov ? -1 : -2].offset;
    s->entry_len = last[s->has_mov ? -1 : -2].len;
    s->is_planned = true;
}

static void make_plan(struct redirect_book *b, const struct redirect_code *code,
                      struct redirect_site *s, int64_t nr, uint64_t stub)
{
    struct reading at = {.b = b, .code = code};
    struct redirect_code changed = {.read = read_changed, .ctx = &at, .len = b->len};
    struct redirect_plan plan;
    size_t first = b->n_changes;
    b->has_room = b->has_room || redirect_find_room(&changed, &b->room);
    b->is_stuck = !b->has_room;
    bool makes_hop = b->room.hop == 0;
    if (b->is_stuck || !redirect_make_plan(&changed, s->offset, nr, stub, &b->room, &plan))
        return;
    if (note_changes(b, &changed, &plan))
        describe(s, &plan, first, makes_hop);
    else
        b->is_stuck = true;
    if (makes_hop)
        b->hop_change = first;
}

const struct redirect_site *redirect_book_hit(struct redirect_book *b,
                                              const struct redirect_code *code, uint64_t offset,
                                              int64_t nr, uint64_t stub)
{
    struct redirect_site *s = b->is_stuck || offset >= b->len ? NULL : find_site(b, offset);
    if (s == NULL)
        return NULL;
    if (s->hits < HITS && ++s->hits == HITS)
        make_plan(b, code, s, nr, stub);
    return s->is_planned ? s : NULL;
}

static bool plan_read(struct redirect_book *b, const struct redirect_code *code,
                      const struct redirect_read *read, struct redirect_known_read *ret)
{
    struct reading at = {.b = b, .code = code};
    struct redirect_code changed = {.read = read_changed, .ctx = &at, .len = b->len};
    struct redirect_read_hop *hop = &b->read_hops[ret->kind];
    struct redirect_plan plan;
    size_t first = b->n_changes;
    bool makes_hop = hop->offset == 0;
    b->has_room = b->has_room || redirect_find_room(&changed, &b->room);
    if (!b->has_room ||
        !redirect_make_read_plan(&changed, read, &b->room, &hop->offset, &plan, &ret->moved) ||
        !note_changes(b, &changed, &plan))
        return false;
    if (makes_hop)
        hop->change = first;
    ret->first = (uint16_t)(first + makes_hop);
    ret->n = (uint16_t)(plan.n - makes_hop);
    return true;
}

const struct redirect_known_read *redirect_book_read(struct redirect_book *b,
                                                     const struct redirect_code *code,
                                                     const struct redirect_read *read, uint8_t kind)
{
    for (size_t i = 0; i < b->n_reads; i++)
        if (b->reads[i].offset == read->offset)
            return b->reads[i].is_planned ? &b->reads[i] : NULL;
    if (b->n_reads == REDIRECT_READS || b->is_stuck)
        return NULL;
    struct redirect_known_read *known = &b->reads[b->n_reads++];
    *known = (struct redirect_known_read){.offset = read->offset, .kind = kind};
    known->is_planned = plan_read(b, code, read, known);
    return known->is_planned ? known : NULL;
}

/* ---- the way back ---- */

void redirect_book_undo(const struct redirect_book *b, const bool *made, uint64_t offset,
                        uint8_t *bytes, uint64_t len)
{
    for (size_t i = b->n_changes; i-- > 0;) {
        const struct redirect_known_change *c = &b->changes[i];
        for (uint64_t k = 0; (made == NULL || made[i]) && k < c->new.len; k++)
            if (c->new.offset + k >= offset && c->new.offset + k - offset < len)
                bytes[c->new.offset + k - offset] = c->was[k];
    }
}

bool redirect_book_way_back(const struct redirect_book *b, const bool *made, uint64_t base,
                            uint64_t offset, uint64_t rcx, uint64_t *ret_ip)
{
    if (b->room.hop == 0)
        return false;
    if (offset - b->room.hop < HOP_SIZE) {
        *ret_ip = rcx - CALL_SIZE;
        return true;
    }
    for (size_t i = 0; i < b->n_sites; i++) {
        const struct redirect_site *s = &b->sites[i];
        bool at_filler = s->filler != 0 && offset == s->filler;
        if (!s->is_planned || !made[s->first] || (!at_filler && offset - s->entry >= s->entry_len))
            continue;
        bool before_mov = s->has_mov && offset == s->entry;
        *ret_ip = base + s->offset - CALL_SIZE - (before_mov ? MOV_SIZE : 0);
        return true;
    }
    return false;
}

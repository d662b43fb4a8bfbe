/* Owns the decoding of functions from their starts, up to the candidates in them. What follows from
 * that, others know. */
#include "code/insn.h"
#include "code/search.h"

#define PROBE 512 /* bytes of a function's record that are read at once */

/* Decoding from a function's start. */
struct walk {
    size_t at;
    bool lost;
};

static enum verdict walk_to(struct search *s, struct walk *w, struct candidate *c)
{
    const uint8_t *code = s->range->bytes;
    if (!w->lost)
        search_need(s, w->at, c->at + 16);
    while (!w->lost && w->at <= c->at) {
        size_t size = s->left > 0 ? insn_size(code + w->at, s->range->len - w->at) : 0;
        if (size == 0) {
            w->lost = true;
            break;
        }
        s->left--;
        if (w->at + size > c->at) {
            if (!s->wanted->begins(code, s->range->len, w->at, c->at))
                return PASSES;
            c->consensus.start = w->at;
            return LANDS;
        }
        w->at += size;
    }
    return w->lost ? UNCLEAR : PASSES;
}

static void note(enum verdict *known, enum verdict one)
{
    if (one > *known)
        *known = one;
}

/* No more can be said against it. Most places are, and most functions have several names. */
static bool is_ruled_out(const struct candidate *c)
{
    return c->unwind == PASSES || c->named == PASSES;
}

/* What one function says of the candidates in it. */
static void ask_function(struct search *s, const struct file_function *f, bool is_unwound)
{
    if (!search_may_be_in(s, f))
        return;
    size_t i = search_first_from(s, f->offset);
    if (i == s->n || search_offset(s, &s->v[i]) - f->offset >= f->size)
        return;
    struct walk walk = {.lost = f->offset < s->range->file_offset};
    if (!walk.lost)
        walk.at = (size_t)(f->offset - s->range->file_offset);
    for (; i < s->n && search_offset(s, &s->v[i]) - f->offset < f->size; i++) {
        struct candidate *c = &s->v[i];
        if (is_ruled_out(c))
            continue;
        note(is_unwound ? &c->unwind : &c->named, walk_to(s, &walk, c));
        if (is_unwound)
            c->function = *f;
    }
}

static void ask_unwound(void *ctx, const struct file_function *f)
{
    ask_function(ctx, f, true);
}

static void ask_named(void *ctx, const struct file_function *f)
{
    ask_function(ctx, f, false);
}

static bool look_up(struct code_finder *f, bool is_unwound, uint64_t offset,
                    struct file_function *ret)
{
    return is_unwound ? unwind_table_find(&f->window, &f->elf, &f->unwind, offset, ret)
                      : go_table_find(&f->elf, &f->go, offset, ret);
}

/* In a sorted table, functions are looked up by candidate; once for all that are in one. */
static void ask_sorted(struct search *s, bool is_unwound)
{
    struct file_function function;
    s->finder->window.ahead = PROBE;
    for (size_t i = 0; i < s->n;) {
        uint64_t offset = search_offset(s, &s->v[i]);
        size_t next = i + 1;
        if (look_up(s->finder, is_unwound, offset, &function)) {
            ask_function(s, &function, is_unwound);
            next = search_first_from(s, function.offset + function.size);
        }
        i = next > i ? next : i + 1;
    }
}

void search_ask_tables(struct search *s)
{
    struct code_finder *f = s->finder;
    search_note_stretches(s);
    if (f->has_unwind_index) {
        ask_sorted(s, true);
    } else {
        f->window.ahead = sizeof f->window.bytes;
        unwind_table_each(&f->window, &f->elf, ask_unwound, s);
    }
    ask_sorted(s, false);
    f->window.ahead = sizeof f->window.bytes;
    symbol_table_each(&f->window, &f->elf, ask_named, s);
}

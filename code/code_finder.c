/* Owns the rule by which bytes are taken for an instruction. Tried on 85 programs and libraries, it
 * made no mistake (doc/ARCHITECTURE.md):
 *
 *   1. The place is in a section that is executed, or in a function that the file's unwind
 *      information (or Go's table) tells of. Data may lie in an executable segment all the same.
 *   2. a. With unwind information: decoding from the function's start leads to it, and at least
 *         UNWOUND of the ways before it do.
 *      b. Without: decoding from the start of a function that Go's table or a symbol tells of does.
 *      c. None of these tells of a function there, and at least ALONE of the ways lead to it.
 *   3. Decoding from no start of a function around it leads past it.
 */
#include "code/code_finder.h"

#include "code/consensus.h"
#include "code/function_tables.h"
#include "code/insn.h"
#include "code/scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Percent of the ways. */
#define UNWOUND 30
#define ALONE   40
#define NOISE   15 /* what constants and distances in code reach by accident */

struct code_finder {
    struct code_file file;
    bool is_read; /* what is below */
    bool is_elf;
    struct elf_layout elf;
    bool has_unwind_index;
    struct unwind_table unwind;
    struct go_table go;
    struct file_window window;
};

/* What decoding from a function's start says. */
enum verdict {
    NOT_COVERED,
    LANDS,
    UNCLEAR, /* it does not get there */
    PASSES,
};

struct candidate {
    size_t at; /* of its 0f */
    struct consensus consensus;
    enum verdict unwind, named, path; /* `named` by Go's table or a symbol */
};

struct search {
    struct code_finder *finder;
    const struct code_range *range;
    struct candidate *v;
    size_t n, cap;
    uint64_t left; /* instructions to decode: tables that lie could make it endless */
};

int code_finder_new(const struct code_file *file, struct code_finder **ret)
{
    struct code_finder *finder = calloc(1, sizeof *finder);
    if (finder == NULL)
        return -ENOMEM;
    finder->file = *file;
    finder->window.file = &finder->file;
    *ret = finder;
    return 0;
}

void code_finder_free(struct code_finder *finder)
{
    free(finder);
}

void code_sites_done(struct code_sites *sites)
{
    free(sites->v);
    *sites = (struct code_sites){0};
}

/* Room for one more of `size` bytes each in an array; 0 or -ENOMEM. */
static int make_room(void **v, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return 0;
    size_t more = *cap == 0 ? 16 : *cap * 2;
    void *grown = reallocarray(*v, more, size);
    if (grown == NULL)
        return -ENOMEM;
    *v = grown;
    *cap = more;
    return 0;
}

static int collect(struct search *s)
{
    const uint8_t *code = s->range->bytes;
    size_t len = s->range->len;
    for (size_t at = scan_next(code, len, 0); at < len; at = scan_next(code, len, at + 1)) {
        struct candidate c = {.at = at};
        if (!consensus_at(code, len, at, &c.consensus))
            continue;
        int r = make_room((void **)&s->v, s->n, &s->cap, sizeof *s->v);
        if (r < 0)
            return r;
        s->v[s->n++] = c;
    }
    return 0;
}

static void read_file(struct code_finder *f)
{
    if (f->is_read)
        return;
    f->is_read = true;
    f->window.ahead = sizeof f->window.bytes;
    f->is_elf = elf_layout_read(&f->window, &f->elf);
    f->has_unwind_index = f->is_elf && unwind_table_open(&f->window, &f->elf, &f->unwind);
    if (f->is_elf)
        go_table_open(&f->window, &f->elf, &f->go);
}

/* Decoding from a function's start. */
struct walk {
    size_t at;
    bool lost;
};

static enum verdict walk_to(struct search *s, struct walk *w, struct candidate *c)
{
    const uint8_t *code = s->range->bytes;
    size_t size;
    while (!w->lost && w->at <= c->at) {
        if (s->left == 0 ||
            insn_decode(code + w->at, s->range->len - w->at, &size) == INSN_UNKNOWN) {
            w->lost = true;
            break;
        }
        s->left--;
        if (w->at + size > c->at) {
            if (!consensus_begins(code, s->range->len, w->at, c->at))
                return PASSES;
            c->consensus.start = w->at;
            return LANDS;
        }
        w->at += size;
    }
    return w->lost ? UNCLEAR : PASSES;
}

/* The strongest of two: past it once is past it. */
static void note(enum verdict *known, enum verdict one)
{
    if (one > *known && !(*known == LANDS && one == UNCLEAR))
        *known = one;
}

static uint64_t file_offset(const struct search *s, const struct candidate *c)
{
    return s->range->file_offset + c->at;
}

static size_t first_candidate_from(const struct search *s, uint64_t offset)
{
    size_t low = 0, high = s->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (file_offset(s, &s->v[mid]) < offset)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* What one function says of the candidates in it. */
static void ask_function(struct search *s, const struct file_function *f, bool is_unwound)
{
    size_t i = first_candidate_from(s, f->offset);
    if (i == s->n || file_offset(s, &s->v[i]) - f->offset >= f->size)
        return;
    struct walk walk = {.lost = f->offset < s->range->file_offset};
    if (!walk.lost)
        walk.at = (size_t)(f->offset - s->range->file_offset);
    for (; i < s->n && file_offset(s, &s->v[i]) - f->offset < f->size; i++) {
        struct candidate *c = &s->v[i];
        note(is_unwound ? &c->unwind : &c->named, walk_to(s, &walk, c));
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

/* Candidates that are in one function are asked about together: the next to look up is behind it.
 */
static void ask_unwind_index(struct search *s)
{
    struct code_finder *f = s->finder;
    struct file_function function;
    f->window.ahead = 512;
    for (size_t i = 0; i < s->n;) {
        uint64_t offset = file_offset(s, &s->v[i]);
        size_t next = i + 1;
        if (unwind_table_find(&f->window, &f->elf, &f->unwind, offset, &function)) {
            ask_function(s, &function, true);
            next = first_candidate_from(s, function.offset + function.size);
        }
        i = next > i ? next : i + 1;
    }
}

static void ask_go(struct search *s)
{
    struct code_finder *f = s->finder;
    struct file_function function;
    f->window.ahead = 512;
    for (size_t i = 0; i < s->n;) {
        uint64_t offset = file_offset(s, &s->v[i]);
        size_t next = i + 1;
        if (go_table_find(&f->window, &f->elf, &f->go, offset, &function)) {
            ask_function(s, &function, false);
            next = first_candidate_from(s, function.offset + function.size);
        }
        i = next > i ? next : i + 1;
    }
}

static void ask_tables(struct search *s)
{
    struct code_finder *f = s->finder;
    if (f->has_unwind_index) {
        ask_unwind_index(s);
    } else {
        f->window.ahead = sizeof f->window.bytes;
        unwind_table_each(&f->window, &f->elf, ask_unwound, s);
    }
    ask_go(s);
    f->window.ahead = sizeof f->window.bytes;
    symbol_table_each(&f->window, &f->elf, ask_named, s);
}

enum answer { NO, PERHAPS, YES };

static enum answer by_votes(const struct candidate *c)
{
    return c->consensus.percent >= ALONE ? YES : c->consensus.percent >= NOISE ? PERHAPS : NO;
}

static enum answer in_file(const struct search *s, const struct candidate *c)
{
    const struct elf_layout *elf = &s->finder->elf;
    uint64_t start = s->range->file_offset + c->consensus.start;
    if (c->unwind == PASSES || c->named == PASSES)
        return NO;
    bool is_covered = c->unwind != NOT_COVERED || (!elf->has_sections && c->named != NOT_COVERED);
    if (!is_covered && !elf_is_code(elf, start, c->at + 2 - c->consensus.start))
        return elf->has_sections || by_votes(c) == NO ? NO : PERHAPS;
    if (c->unwind != NOT_COVERED)
        return c->unwind == LANDS && c->consensus.percent >= UNWOUND ? YES : PERHAPS;
    if (c->named != NOT_COVERED)
        return c->named == LANDS ? YES : PERHAPS;
    return by_votes(c);
}

static enum answer without_file(const struct candidate *c)
{
    switch (c->path) {
    case LANDS:
        return YES;
    case PASSES:
        return NO;
    case UNCLEAR:
    case NOT_COVERED:
        break;
    }
    return by_votes(c);
}

static int add_site(const struct search *s, const struct candidate *c, struct code_sites *sites)
{
    struct machine_insn insn;
    size_t start = c->consensus.start;
    machine_insn_at(s->range->bytes + start, s->range->len - start, &insn);
    insn.offset = start;
    int r = make_room((void **)&sites->v, sites->n, &sites->cap, sizeof *sites->v);
    if (r == 0)
        sites->v[sites->n++] = insn;
    return r;
}

static int decide(const struct search *s, struct code_sites *sites)
{
    bool has_file = s->finder != NULL && s->finder->is_elf;
    for (size_t i = 0; i < s->n; i++) {
        const struct candidate *c = &s->v[i];
        enum answer answer = has_file ? in_file(s, c) : without_file(c);
        int r = answer == YES ? add_site(s, c, sites) : 0;
        if (r < 0)
            return r;
        sites->uncertain += answer == PERHAPS;
    }
    return 0;
}

int code_find(struct code_finder *finder, const struct code_range *range, struct code_sites *sites)
{
    struct search s = {.finder = finder, .range = range, .left = 1000000 + range->len * 8};
    int r = collect(&s);
    if (r == 0 && s.n > 0) {
        if (finder != NULL)
            read_file(finder);
        if (finder != NULL && finder->is_elf)
            ask_tables(&s);
        r = decide(&s, sites);
    }
    free(s.v);
    return r;
}

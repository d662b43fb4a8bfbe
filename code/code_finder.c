/* Owns the rule by which bytes are taken for an instruction.
 *
 *   1. The place is in a section that is executed, or in a function that the file's unwind
 *      information (or Go's table) tells of: data may lie in an executable segment, too.
 *   2. a. With unwind information: decoding from the function's start leads to it, and so do at
 *         least UNWOUND percent of the ways before it, or a path through the function that
 *         follows its jumps.
 *      b. Without: decoding from the start of a function that Go's table or a symbol tells of does.
 *      c. None of these tells of a function there, at least ALONE percent of the ways lead to it,
 *         and what is around it looks like code. (Tables of constants lie in .text, too.)
 *   3. Decoding from no start of a function around it leads past it.
 *
 * Of code without a file nothing is known but where it was executed. A path from there leads to the
 * instruction, and UNWOUND percent of the ways; or c. */
#include "code/code_finder.h"

#include "code/code_paths.h"
#include "code/consensus.h"
#include "code/insn.h"
#include "code/likely_code.h"
#include "code/room.h"
#include "code/search.h"

#include <errno.h>
#include <stdlib.h>

/* Percent of the ways. */
#define UNWOUND 30
#define ALONE   50
#define NOISE   15 /* what constants and distances in code reach by accident */

#define LONGEST 15  /* bytes of an instruction */
#define WINDOW  64  /* before a candidate, of which the ways are followed */
#define AROUND  256 /* bytes that tell whether it looks like code there */

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

static int add_candidate(struct search *s, size_t at)
{
    struct candidate c = {.at = at};
    search_need(s, at > LONGEST ? at - LONGEST : 0, at + LONGEST + 1);
    if (!consensus_is_possible(s->wanted, s->range->bytes, s->range->len, at))
        return 0;
    int r = make_room((void **)&s->v, s->n, &s->cap, sizeof *s->v);
    if (r == 0)
        s->v[s->n++] = c;
    return r;
}

static bool is_full(const struct search *s)
{
    return s->most > 0 && s->n == s->most;
}

static int collect_marked(struct search *s)
{
    const struct code_range *range = s->range;
    const struct code_marks *marks = range->marks;
    uint64_t first = range->file_offset - range->marks_offset;
    int r = 0;
    for (size_t i = code_marks_first(marks, first);
         r == 0 && !is_full(s) && i < marks->n && marks->v[i] - first < range->len; i++)
        r = add_candidate(s, (size_t)(marks->v[i] - first));
    return r;
}

static int collect(struct search *s)
{
    const uint8_t *code = s->range->bytes;
    size_t len = s->range->len;
    size_t (*next)(const uint8_t *, size_t, size_t) = s->wanted->next;
    int r = 0;
    if (s->range->room != NULL)
        return collect_marked(s);
    for (size_t at = next(code, len, 0); at < len && r == 0 && !is_full(s);
         at = next(code, len, at + 1))
        r = add_candidate(s, at);
    return r;
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

/* Of most places the file's tables say that they are none, and a vote takes as long as a hundred of
 * them: only those that are left have one. */
static void hold_vote(struct search *s, struct candidate *c)
{
    struct consensus vote;
    search_need(s, c->at > WINDOW ? c->at - WINDOW : 0, c->at + LONGEST + 1);
    consensus_at(s->wanted, s->range->bytes, s->range->len, c->at, &vote);
    c->consensus.percent = vote.percent;
    if (c->unwind != LANDS && c->named != LANDS)
        c->consensus.start = vote.start;
}

static enum answer by_votes(struct search *s, const struct candidate *c)
{
    const struct code_range *range = s->range;
    size_t start = c->consensus.start;
    search_need(s, start > AROUND ? start - AROUND : 0, start + AROUND);
    if (c->consensus.percent >= ALONE && likely_code_around(range->bytes, range->len, start))
        return YES;
    return c->consensus.percent >= NOISE ? PERHAPS : NO;
}

/* Whether a path from the start of its function leads to it. 1, 0 or -ENOMEM. */
static int is_reached(struct search *s, const struct candidate *c)
{
    uint64_t from = c->function.offset - s->range->file_offset, entry = 0;
    uint64_t len = s->range->len - from;
    struct code_paths paths;
    if (len > c->function.size)
        len = c->function.size;
    if (len > s->left)
        return 0;
    s->left -= len;
    search_need(s, from, from + len);
    int r = code_paths_follow(s->range->bytes + from, (size_t)len, &entry, 1, &paths);
    if (r < 0)
        return r;
    r = c->at < from + len && code_paths_begin(&paths, c->consensus.start - (size_t)from);
    code_paths_done(&paths);
    return r;
}

static int in_unwound_function(struct search *s, const struct candidate *c)
{
    if (c->unwind != LANDS)
        return PERHAPS;
    if (c->consensus.percent >= UNWOUND)
        return YES;
    int r = is_reached(s, c);
    return r < 0 ? r : r > 0 ? YES : PERHAPS;
}

/* An answer or -ENOMEM; so are those below. */
static int in_file(struct search *s, struct candidate *c)
{
    const struct elf_layout *elf = &s->finder->elf;
    if (c->unwind == PASSES || c->named == PASSES)
        return NO;
    hold_vote(s, c);
    uint64_t start = s->range->file_offset + c->consensus.start;
    bool is_covered = c->unwind != NOT_COVERED || (!elf->has_sections && c->named != NOT_COVERED);
    if (!is_covered && !elf_is_code(elf, start, c->at + 2 - c->consensus.start))
        return elf->has_sections || by_votes(s, c) == NO ? NO : PERHAPS;
    if (c->unwind != NOT_COVERED)
        return in_unwound_function(s, c);
    if (c->named != NOT_COVERED)
        return c->named == LANDS ? YES : PERHAPS;
    return by_votes(s, c);
}

/* Whether the instruction that paths lead to, or through, at c is c. */
static enum verdict ask_paths(const struct search *s, const struct code_paths *paths,
                              struct candidate *c)
{
    const struct code_range *range = s->range;
    enum verdict verdict = NOT_COVERED;
    size_t size;
    for (size_t i = c->at > LONGEST ? c->at - LONGEST : 0; i <= c->at; i++) {
        if (!code_paths_begin(paths, i) ||
            insn_decode(range->bytes + i, range->len - i, &size) == INSN_UNKNOWN ||
            i + size <= c->at)
            continue;
        if (!s->wanted->begins(range->bytes, range->len, i, c->at))
            return PASSES;
        c->consensus.start = i;
        verdict = LANDS;
    }
    return verdict;
}

static int without_file(struct search *s, const struct code_paths *paths, struct candidate *c)
{
    hold_vote(s, c);
    switch (ask_paths(s, paths, c)) {
    case LANDS:
        return c->consensus.percent >= UNWOUND ? YES : PERHAPS;
    case PASSES:
        return NO;
    case UNCLEAR:
    case NOT_COVERED:
        break;
    }
    return by_votes(s, c);
}

/* answer: one or -ENOMEM. */
static int tell(const struct search *s, const struct candidate *c, int answer)
{
    return answer < 0 ? answer : s->take(s->ctx, s->range, c, (enum answer)answer);
}

static int decide_in_file(struct search *s)
{
    int r = 0;
    search_ask_tables(s);
    for (size_t i = 0; i < s->n && r == 0; i++)
        r = tell(s, &s->v[i], in_file(s, &s->v[i]));
    return r;
}

static int decide_without_file(struct search *s)
{
    const struct code_range *range = s->range;
    struct code_paths paths;
    search_need(s, 0, range->len);
    int r = code_paths_follow(range->bytes, range->len, range->entries, range->n_entries, &paths);
    if (r < 0)
        return r;
    for (size_t i = 0; i < s->n && r == 0; i++)
        r = tell(s, &s->v[i], without_file(s, &paths, &s->v[i]));
    code_paths_done(&paths);
    return r;
}

static int run(struct search *s)
{
    int r = collect(s);
    if (r < 0 || s->n == 0)
        return r;
    if (s->finder != NULL)
        read_file(s->finder);
    return s->finder != NULL && s->finder->is_elf ? decide_in_file(s) : decide_without_file(s);
}

int search_run(struct search *s)
{
    s->left = 1000000 + s->range->len * 8;
    if (s->range->room != NULL && (s->filled = calloc(s->range->len / 4096 / 8 + 1, 1)) == NULL)
        return -ENOMEM;
    int r = run(s);
    free(s->filled);
    free(s->v);
    return r;
}

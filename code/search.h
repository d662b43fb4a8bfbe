/* One search through a piece of code, and what is known of each place. Private to code/. */
#ifndef REPRISE_CODE_SEARCH_H
#define REPRISE_CODE_SEARCH_H

#include "code/code_finder.h"
#include "code/consensus.h"
#include "code/function_tables.h"
#include "code/wanted.h"

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

/* What decoding from a function's start says; of two, the greater counts. */
enum verdict {
    NOT_COVERED,
    UNCLEAR, /* it does not get there */
    LANDS,
    PASSES,
};

struct candidate {
    size_t at; /* of its mark */
    struct consensus consensus;
    enum verdict unwind, named;    /* `named` by Go's table or a symbol */
    struct file_function function; /* the one that unwind information tells of */
};

/* What follows for a candidate. */
enum answer { NO, PERHAPS, YES };

enum { SEARCH_STRETCHES = 1024 };

struct search {
    const struct wanted *wanted;
    size_t most; /* candidates that are looked at; 0: all */
    struct code_finder *finder;
    const struct code_range *range;
    /* Takes what was decided, in the order of places. 0 or -ENOMEM, which ends the search. */
    int (*take)(void *ctx, const struct code_range *range, const struct candidate *c,
                enum answer answer);
    void *ctx;
    struct candidate *v;
    size_t n, cap;
    uint8_t *filled; /* a bit for each page of the room that was read */
    /* stretches.c: the range in stretches of 2^shift bytes, and the first candidate in each or
     * behind it. */
    size_t stretches[SEARCH_STRETCHES + 1];
    unsigned shift;
    uint64_t left; /* instructions to decode: tables that lie could make it endless */
};

static inline uint64_t search_offset(const struct search *s, const struct candidate *c)
{
    return s->range->file_offset + c->at;
}

/* code_finder.c: goes through the range. The fields up to `ctx` are set, the others zero. 0 or
 * -ENOMEM. */
int search_run(struct search *s);

/* sparse_room.c: makes sure that the bytes [from, to) of the range are there, as far as it goes;
 * what the file does not yield is zeros. Where there is no room, all are. */
void search_need(struct search *s, uint64_t from, uint64_t to);

/* stretches.c: the number of the first candidate that is not before the offset in the file; once
 * the candidates are complete, and noted. */
void search_note_stretches(struct search *s);
size_t search_first_from(const struct search *s, uint64_t offset);
/* Whether a candidate may be in there: quick, and mostly there is none. */
static inline bool search_may_be_in(const struct search *s, const struct file_function *f)
{
    if (f->offset < s->range->file_offset)
        return true;
    uint64_t at = f->offset - s->range->file_offset;
    if (at >= s->range->len)
        return false;
    uint64_t end = f->size < s->range->len - at ? at + f->size : s->range->len;
    size_t first = s->stretches[at >> s->shift], behind = s->stretches[((end - 1) >> s->shift) + 1];
    return first < behind;
}

/* function_walks.c: fills in what the file's tables say of each candidate. The finder's file has
 * been read, and is an ELF file. */
void search_ask_tables(struct search *s);

#endif

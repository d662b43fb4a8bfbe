/* What is known of redirecting in code of one content, wherever and by whomever it is mapped: which
 * syscall instructions are executed, and what changes so that they lead to the stub. */
#ifndef REPRISE_TASK_REDIRECT_BOOK_H
#define REPRISE_TASK_REDIRECT_BOOK_H

#include "task/redirect.h"

#define REDIRECT_ID      16 /* bytes of a content's name */
#define REDIRECT_SITES   256
#define REDIRECT_ALL_MAX (REDIRECT_SITES * (REDIRECT_CHANGES - 1) + 1)

struct redirect_site {
    uint64_t offset; /* behind the instruction */
    unsigned hits;
    bool is_planned;
    uint16_t first, n; /* of its changes; the hop is needed, too */
    uint64_t entry;
    uint8_t entry_len;
    bool has_mov;    /* the entry sets the number first */
    uint64_t filler; /* the jump behind the code; 0: none */
};

/* An instruction that reads the time stamp counter. Where it leads is no secret of who plans it, so
 * that others find in the code what is changed for it; only the room that it takes is taken. */
#define REDIRECT_READS      64
#define REDIRECT_READ_KINDS 2
struct redirect_known_read {
    uint64_t offset;
    bool is_planned;
    uint16_t first,
        n; /* of its changes, the hop's not among them; the last is at the instruction */
    uint8_t kind;
    uint64_t moved; /* the new place of what stood behind it, in the change before the last; or 0 */
};

struct redirect_known_change {
    struct redirect_change new;
    uint8_t was[REDIRECT_BYTES];
};

struct redirect_book {
    struct redirect_book *next;
    uint8_t id[REDIRECT_ID];
    uint64_t start, len; /* of the code in that content */
    bool is_stuck;       /* nothing more can be redirected */
    bool has_room;
    struct redirect_room room;
    struct redirect_site sites[REDIRECT_SITES];
    size_t n_sites;
    struct redirect_known_read reads[REDIRECT_READS];
    size_t n_reads;
    struct redirect_known_change changes[REDIRECT_ALL_MAX];
    size_t n_changes;
    size_t hop_change; /* number of that of the calls' hop, if there is one */
    struct redirect_read_hop {
        uint64_t offset; /* 0: not there */
        size_t change;
    } read_hops[REDIRECT_READ_KINDS];
};

/* The book of this code, new if there is none yet: `size` bytes, zeroed, which begin with the book.
 * NULL: there are too many, or no memory. Free with redirect_books_free, which frees the list. */
struct redirect_book *redirect_books_get(struct redirect_book **list, size_t size,
                                         const uint8_t id[REDIRECT_ID], uint64_t start,
                                         uint64_t len);
void redirect_books_free(struct redirect_book **list);

/* The instruction that ends at `offset` has made the call `nr`, by a stop. The second time it is
 * planned how it comes to the stub instead. `code` reads it with some, all or none of the changes
 * made. Returns the site if it is planned, now or since some time. */
const struct redirect_site *redirect_book_hit(struct redirect_book *b,
                                              const struct redirect_code *code, uint64_t offset,
                                              int64_t nr, uint64_t stub);

/* How the instruction comes to the code that reads in its place: planned once, whether it works or
 * not. `kind` tells apart where instructions lead. NULL: it stays. */
const struct redirect_known_read *redirect_book_read(struct redirect_book *b,
                                                     const struct redirect_code *code,
                                                     const struct redirect_read *read,
                                                     uint8_t kind);

/* In bytes of the code from `offset` on: puts what was there before. made: which changes are there;
 * NULL: all. */
void redirect_book_undo(const struct redirect_book *b, const bool *made, uint64_t offset,
                        uint8_t *bytes, uint64_t len);

/* The distance from an address in the code back to the program's own: where the task that stands at
 * `offset`, on the way to the stub with rcx as given, may go on instead. False: it is not on that
 * way. `base` is where the code begins. */
bool redirect_book_way_back(const struct redirect_book *b, const bool *made, uint64_t base,
                            uint64_t offset, uint64_t rcx, uint64_t *ret_ip);

#endif

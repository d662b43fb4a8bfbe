/* The hashes of pages as they were in the last round, for use in the next one. In each round pages
 * come in the order of their addresses, each at most once. */
#ifndef REPRISE_TASK_KNOWN_PAGES_H
#define REPRISE_TASK_KNOWN_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct known_page {
    uint64_t addr;
    uint64_t low, high; /* the two halves of its hash */
    bool zero;          /* nothing but zeros: low and high mean nothing */
    bool stale;         /* its content may be another by now */
};

/* Zeroed: nothing is known. */
struct known_pages {
    struct known_page *last, *next; /* of the last round, of this one */
    size_t n_last, n_next;
    size_t cap_last, cap_next;
    size_t at; /* where this round stands in the last one */
};

/* The page as it was in the last round, or NULL. */
const struct known_page *known_pages_find(struct known_pages *k, uint64_t addr);
/* The page as it is in this round. 0 or -ENOMEM. */
int known_pages_add(struct known_pages *k, const struct known_page *page);
/* Ends the round, which becomes the last one. */
void known_pages_turn(struct known_pages *k);
/* What the last round told of the pages in a range does not hold any more. */
void known_pages_spoil(struct known_pages *k, uint64_t addr, uint64_t len);
void known_pages_done(struct known_pages *k);

#endif

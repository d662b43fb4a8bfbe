/* Owns the table of page hashes. Knows nothing of memory. */
#include "task/known_pages.h"

#include "base/page.h"

#include <errno.h>
#include <stdlib.h>

/* The first page of the last round at addr or above, from index `low` on. */
static size_t lower_bound(const struct known_pages *k, size_t low, uint64_t addr)
{
    size_t high = k->n_last;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (k->last[mid].addr < addr)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

const struct known_page *known_pages_find(struct known_pages *k, uint64_t addr)
{
    if (k->at < k->n_last && k->last[k->at].addr < addr) { /* mostly it is the one behind */
        k->at++;
        if (k->at < k->n_last && k->last[k->at].addr < addr)
            k->at = lower_bound(k, k->at, addr);
    }
    const struct known_page *page = k->at < k->n_last ? &k->last[k->at] : NULL;
    return page != NULL && page->addr == addr && !page->stale ? page : NULL;
}

int known_pages_add(struct known_pages *k, const struct known_page *page)
{
    if (k->n_next == k->cap_next) {
        size_t cap = k->cap_next > 0 ? k->cap_next * 2 : 1024;
        struct known_page *next = reallocarray(k->next, cap, sizeof *next);
        if (next == NULL)
            return -ENOMEM;
        k->next = next;
        k->cap_next = cap;
    }
    k->next[k->n_next++] = *page;
    return 0;
}

void known_pages_turn(struct known_pages *k)
{
    struct known_pages old = *k;
    *k = (struct known_pages){.last = old.next,
                              .n_last = old.n_next,
                              .cap_last = old.cap_next,
                              .next = old.last,
                              .cap_next = old.cap_last};
}

void known_pages_spoil(struct known_pages *k, uint64_t addr, uint64_t len)
{
    uint64_t end;
    if (__builtin_add_overflow(addr, len, &end))
        end = UINT64_MAX;
    for (size_t i = lower_bound(k, 0, addr & ~(PAGE - 1)); i < k->n_last && k->last[i].addr < end;
         i++)
        k->last[i].stale = true;
}

void known_pages_done(struct known_pages *k)
{
    free(k->last);
    free(k->next);
    *k = (struct known_pages){0};
}

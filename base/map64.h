/* A hash map from 64-bit keys to pointers. The map does not own what it points to. */
#ifndef REPRISE_BASE_MAP64_H
#define REPRISE_BASE_MAP64_H

#include <stddef.h>
#include <stdint.h>

struct map64_slot {
    uint64_t key;
    void *value; /* NULL: free, MAP64_GONE: was taken out */
};

/* Zeroed is an empty map. */
struct map64 {
    struct map64_slot *slots;
    size_t cap;  /* power of two, or 0 */
    size_t used; /* slots that are not free, those taken out included */
    size_t len;
};

void map64_done(struct map64 *m);

/* The value, or NULL. */
void *map64_get(const struct map64 *m, uint64_t key);

/* Sets or replaces; value is not NULL. 0 or -ENOMEM with the map unchanged. */
int map64_put(struct map64 *m, uint64_t key, void *value);

/* Takes the value out and returns it, or NULL. */
void *map64_take(struct map64 *m, uint64_t key);

/* Walks the map: start with *pos = 0; NULL at the end. The map may not grow meanwhile;
 * taking out is allowed. */
void *map64_next(const struct map64 *m, size_t *pos);

/* The same with the key; the value may be replaced, but not by NULL. */
struct map64_slot *map64_next_slot(const struct map64 *m, size_t *pos);

#endif

/* Owns the search in a sorted table. Whoever looks up all suspicious places of a file asks for one
 * behind the other, some functions apart. So a search begins where the last one ended, in steps
 * that double, and the table is read in blocks, each a few times at most. To halve all of the table
 * for each place takes a read for nearly each step. */
#include "code/sorted_table.h"

#define BLOCK 4096u

void sorted_table_open(struct sorted_table *t, const struct code_file *file, struct file_span span,
                       size_t entry_size, uint64_t (*start)(const uint8_t *entry), uint64_t base)
{
    *t = (struct sorted_table){.span = span,
                               .entry_size = entry_size,
                               .start = start,
                               .base = base,
                               .window = {.file = file}};
}

const uint8_t *sorted_table_entry(struct sorted_table *t, uint64_t i)
{
    uint64_t at = i * t->entry_size, block = at - at % BLOCK, left = t->span.size - block;
    size_t len = left < BLOCK ? (size_t)left : BLOCK;
    const uint8_t *p = file_window_at(&t->window, t->span.offset + block, len);
    return p != NULL ? p + at % BLOCK : NULL;
}

bool sorted_table_start(struct sorted_table *t, uint64_t i, uint64_t *ret)
{
    const uint8_t *entry = sorted_table_entry(t, i);
    if (entry == NULL)
        return false;
    *ret = t->base + t->start(entry);
    return true;
}

/* Entries between which the wanted one is: the one at `low` does not begin behind the address,
 * unless it is the first; the one at `high` does, unless it is behind the end. */
struct bounds {
    uint64_t low, high;
};

static bool narrow(struct sorted_table *t, uint64_t address, uint64_t i, struct bounds *b)
{
    uint64_t start;
    if (!sorted_table_start(t, i, &start))
        return false;
    if (start <= address)
        b->low = i;
    else
        b->high = i;
    return true;
}

/* Steps that double, from where the last search ended. */
static bool step_up(struct sorted_table *t, uint64_t address, struct bounds *b)
{
    uint64_t end = b->high;
    if (!narrow(t, address, t->last, b))
        return false;
    for (uint64_t step = 1; b->high == end && step < end - b->low; step *= 2)
        if (!narrow(t, address, b->low + step, b))
            return false;
    return true;
}

bool sorted_table_find(struct sorted_table *t, uint64_t address, uint64_t *ret_i)
{
    uint64_t start;
    struct bounds b = {0};
    if (t->span.size == 0)
        return false;
    b.high = t->span.size / t->entry_size;
    if (!step_up(t, address, &b))
        return false;
    while (b.high - b.low > 1)
        if (!narrow(t, address, b.low + (b.high - b.low) / 2, &b))
            return false;
    t->last = b.low;
    *ret_i = b.low;
    return sorted_table_start(t, b.low, &start) && start <= address;
}

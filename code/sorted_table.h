/* A table of functions that is sorted by where they begin. Private to code/. */
#ifndef REPRISE_CODE_SORTED_TABLE_H
#define REPRISE_CODE_SORTED_TABLE_H

#include "code/elf_layout.h"

/* What is zeroed has no entries. */
struct sorted_table {
    struct file_span span;
    size_t entry_size;                       /* a power of two, at most 16 */
    uint64_t (*start)(const uint8_t *entry); /* where its function begins, counted from `base` */
    uint64_t base;                           /* an address */
    uint64_t last;                           /* where the last search ended */
    struct file_window window;
};

/* The span is inside of the file. */
void sorted_table_open(struct sorted_table *t, const struct code_file *file, struct file_span span,
                       size_t entry_size, uint64_t (*start)(const uint8_t *entry), uint64_t base);

/* Entry `i`, of which there are span.size / entry_size; valid until the next call. NULL: it cannot
 * be read. */
const uint8_t *sorted_table_entry(struct sorted_table *t, uint64_t i);
/* The address where its function begins; false: it cannot be read. */
bool sorted_table_start(struct sorted_table *t, uint64_t i, uint64_t *ret);

/* The last entry that does not begin behind the address; false: there is none, or it cannot be
 * read. Fastest for addresses that ascend from call to call. */
bool sorted_table_find(struct sorted_table *t, uint64_t address, uint64_t *ret_i);

#endif

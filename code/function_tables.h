/* Where functions are, as an ELF file tells it in three ways. What contradicts itself or points out
 * of the file is left out. Private to code/. */
#ifndef REPRISE_CODE_FUNCTION_TABLES_H
#define REPRISE_CODE_FUNCTION_TABLES_H

#include "code/sorted_table.h"

/* unwind_table.c: what exceptions and debuggers unwind by, in stripped files too. */
struct unwind_table {
    struct sorted_table index;
    struct known_cie {
        uint64_t offset; /* 0: none */
        uint8_t encoding;
    } cie; /* the last one that was read: mostly, all functions share it */
};
/* False: there is no index, only unwind_table_each() can be used. */
bool unwind_table_open(struct file_window *w, const struct elf_layout *elf,
                       struct unwind_table *ret);
/* The function that the byte at `offset` is in. */
bool unwind_table_find(struct file_window *w, const struct elf_layout *elf,
                       struct unwind_table *table, uint64_t offset, struct file_function *ret);
void unwind_table_each(struct file_window *w, const struct elf_layout *elf, file_function_fn *each,
                       void *ctx);

/* go_table.c: what Go's runtime unwinds by. */
struct go_table {
    struct sorted_table functions; /* without entries: there is none */
};
void go_table_open(struct file_window *w, const struct elf_layout *elf, struct go_table *ret);
bool go_table_find(const struct elf_layout *elf, struct go_table *table, uint64_t offset,
                   struct file_function *ret);

/* symbol_table.c: functions with a size in .symtab and .dynsym. */
void symbol_table_each(struct file_window *w, const struct elf_layout *elf, file_function_fn *each,
                       void *ctx);

#endif

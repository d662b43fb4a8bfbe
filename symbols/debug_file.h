/* One ELF file and its debug information. Private to symbols/. Used in a reader
 * (confine/reader.h) alone: opens no file, and may die of what it reads. */
#ifndef REPRISE_SYMBOLS_DEBUG_FILE_H
#define REPRISE_SYMBOLS_DEBUG_FILE_H

#include "symbols/code_places.h"

#define BUILD_ID_MAX 64

struct debug_file;

/* `content` stays the caller's, must outlive it, and is written to. NULL: no ELF file, or out of
 * memory. */
struct debug_file *debug_file_open(uint8_t *content, uint64_t size);
void debug_file_free(struct debug_file *d);

/* The length of its build id, if its debug information was split off; else 0. */
size_t debug_file_split_id(const struct debug_file *d, uint8_t ret_id[BUILD_ID_MAX]);
/* What was split off; of a file with another build id nothing is taken. */
void debug_file_add_split(struct debug_file *d, uint8_t *content, uint64_t size);

/* As code_places_find(). */
int debug_file_find(struct debug_file *d, uint64_t at, bool after, struct code_place *place);

#endif

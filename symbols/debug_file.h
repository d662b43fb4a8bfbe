/* One ELF file and its debug information. Private to symbols/. */
#ifndef REPRISE_SYMBOLS_DEBUG_FILE_H
#define REPRISE_SYMBOLS_DEBUG_FILE_H

#include "symbols/code_places.h"

struct debug_file;

/* `content` stays the caller's and must outlive it. NULL: no ELF file, or out of memory. */
struct debug_file *debug_file_open(uint8_t *content, uint64_t size);
void debug_file_free(struct debug_file *d);

/* As code_places_find(). */
int debug_file_find(struct debug_file *d, uint64_t at, bool after, struct code_place *place);

#endif

/* Stands in for debug_file.c where elfutils is not there: no symbols. */
#include "symbols/debug_file.h"

#include <stddef.h>

bool code_places_have_symbols(void)
{
    return false;
}

struct debug_file *debug_file_open(uint8_t *content, uint64_t size)
{
    (void)content;
    (void)size;
    return NULL;
}

void debug_file_free(struct debug_file *d)
{
    (void)d;
}

size_t debug_file_split_id(const struct debug_file *d, uint8_t ret_id[BUILD_ID_MAX])
{
    (void)d;
    (void)ret_id;
    return 0;
}

void debug_file_add_split(struct debug_file *d, uint8_t *content, uint64_t size)
{
    (void)d;
    (void)content;
    (void)size;
}

int debug_file_find(struct debug_file *d, uint64_t at, bool after, struct code_place *place)
{
    (void)d;
    (void)at;
    (void)after;
    (void)place;
    return 0;
}

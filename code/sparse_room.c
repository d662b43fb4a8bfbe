/* Owns the reading of those pages only that a search asks for: code is large, and what decides lies
 * in little of it. */
#include "code/search.h"

#include "base/page.h"

#include <string.h>

static bool is_filled(const struct search *s, size_t page)
{
    return (s->filled[page / 8] >> page % 8 & 1) != 0;
}

static void fill(struct search *s, size_t from, size_t to)
{
    const struct code_range *range = s->range;
    const struct code_file *file = &s->finder->file;
    size_t end = to * PAGE < range->len ? to * PAGE : range->len;
    uint8_t *at = range->room + from * PAGE;
    if (!file->read(file->ctx, range->file_offset + from * PAGE, at, end - from * PAGE))
        memset(at, 0, end - from * PAGE);
    for (size_t page = from; page < to; page++)
        s->filled[page / 8] |= (uint8_t)(1 << page % 8);
}

void search_need(struct search *s, uint64_t from, uint64_t to)
{
    if (s->range->room == NULL)
        return;
    size_t page = (size_t)(from / PAGE);
    size_t end = (size_t)(((to < s->range->len ? to : s->range->len) + PAGE - 1) / PAGE);
    while (page < end) {
        size_t next = page + 1;
        if (!is_filled(s, page)) {
            while (next < end && !is_filled(s, next))
                next++;
            fill(s, page, next);
        }
        page = next;
    }
}

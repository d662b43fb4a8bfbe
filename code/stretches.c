/* Owns the way from a place in the file to the candidates there. Of the functions that a large
 * table tells of, most have none: that has to be seen fast, so only a stretch is searched. */
#include "code/search.h"

void search_note_stretches(struct search *s)
{
    size_t i = 0;
    s->shift = 0;
    while (s->range->len >> s->shift >= SEARCH_STRETCHES)
        s->shift++;
    for (size_t stretch = 0; stretch < SEARCH_STRETCHES; stretch++) {
        while (i < s->n && s->v[i].at >> s->shift < stretch)
            i++;
        s->stretches[stretch] = i;
    }
    s->stretches[SEARCH_STRETCHES] = s->n;
}

size_t search_first_from(const struct search *s, uint64_t offset)
{
    if (offset <= s->range->file_offset)
        return 0;
    uint64_t at = offset - s->range->file_offset, stretch = at >> s->shift;
    if (stretch >= SEARCH_STRETCHES)
        return s->n;
    size_t low = s->stretches[stretch], high = s->stretches[stretch + 1];
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (s->v[mid].at < at)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Owns the order of the list. */
#include "recorder/code_areas.h"

#include "base/no_memory.h"

#include <stdlib.h>
#include <string.h>

void code_areas_done(struct code_areas *a)
{
    free(a->v);
    *a = (struct code_areas){0};
}

static void reserve(struct code_areas *a, size_t n)
{
    if (n <= a->cap)
        return;
    size_t cap = a->cap > 0 ? a->cap * 2 : 16;
    while (cap < n)
        cap *= 2;
    struct code_area *v = reallocarray(a->v, cap, sizeof *v);
    if (v == NULL)
        no_memory(); /* nobody would know what the program cannot execute */
    a->v = v;
    a->cap = cap;
}

void code_areas_copy(struct code_areas *to, const struct code_areas *from)
{
    *to = (struct code_areas){0};
    if (from->n == 0)
        return;
    reserve(to, from->n);
    memcpy(to->v, from->v, from->n * sizeof *from->v);
    to->n = from->n;
}

size_t code_areas_first(const struct code_areas *a, uint64_t addr)
{
    size_t low = 0, high = a->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (a->v[middle].end <= addr)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct code_area *code_areas_find(const struct code_areas *a, uint64_t addr)
{
    size_t i = code_areas_first(a, addr);
    return i < a->n && a->v[i].start <= addr ? &a->v[i] : NULL;
}

struct code_area code_area_part(const struct code_area *area, uint64_t start, uint64_t end)
{
    struct code_area part = *area;
    part.pristine = part.pristine && start <= area->start && end >= area->end;
    if (start > part.start) {
        part.offset += start - part.start;
        part.start = start;
    }
    if (end < part.end)
        part.end = end;
    return part;
}

static void insert(struct code_areas *a, size_t i, const struct code_area *area)
{
    reserve(a, a->n + 1);
    memmove(&a->v[i + 1], &a->v[i], (a->n - i) * sizeof *a->v);
    a->v[i] = *area;
    a->n++;
}

static void erase(struct code_areas *a, size_t i)
{
    a->n--;
    memmove(&a->v[i], &a->v[i + 1], (a->n - i) * sizeof *a->v);
}

void code_areas_remove(struct code_areas *a, uint64_t start, uint64_t end)
{
    for (size_t i = code_areas_first(a, start); i < a->n && a->v[i].start < end;) {
        struct code_area whole = a->v[i];
        erase(a, i);
        if (whole.start < start) {
            struct code_area left = code_area_part(&whole, whole.start, start);
            insert(a, i++, &left);
        }
        if (whole.end > end) {
            struct code_area right = code_area_part(&whole, end, whole.end);
            insert(a, i++, &right);
        }
    }
}

/* What was made at run time comes page by page. */
static bool join(struct code_area *left, const struct code_area *right)
{
    bool same = left->end == right->start && left->state == right->state &&
                left->prot == right->prot && left->tells == right->tells && left->known == NULL &&
                right->known == NULL && !left->pristine && !right->pristine;
    if (same)
        left->end = right->end;
    return same;
}

void code_areas_put(struct code_areas *a, const struct code_area *area)
{
    code_areas_remove(a, area->start, area->end);
    size_t i = code_areas_first(a, area->start);
    insert(a, i, area);
    if (i + 1 < a->n && join(&a->v[i], &a->v[i + 1]))
        erase(a, i + 1);
    if (i > 0 && join(&a->v[i - 1], &a->v[i]))
        erase(a, i);
}

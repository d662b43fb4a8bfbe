/* Owns the scratch memory of address spaces, and who has which part of it. Makes no ptrace request.
 */
#include "recorder/scratch_areas.h"

#include "base/no_memory.h"
#include "base/page.h"
#include "recorder/scratch.h"

#include <stdlib.h>

void scratch_areas_done(struct scratch_areas *a)
{
    free(a->areas);
    free(a->unused);
    *a = (struct scratch_areas){0};
}

void scratch_areas_copy(struct scratch_areas *dst, const struct scratch_areas *src)
{
    *dst = (struct scratch_areas){0};
    if (src->n_areas == 0)
        return;
    dst->areas = calloc(src->n_areas, sizeof *dst->areas);
    if (dst->areas == NULL)
        no_memory();
    dst->n_areas = src->n_areas;
    for (size_t i = 0; i < src->n_areas; i++) {
        dst->areas[i] = src->areas[i];
        dst->areas[i].used = dst->areas[i].start;
    }
}

bool scratch_contains(const struct task *t, uint64_t addr)
{
    const struct scratch_areas *a = &t->space->scratch;
    for (size_t i = 0; i < a->n_areas; i++)
        if (addr >= a->areas[i].start && addr < a->areas[i].end)
            return true;
    return false;
}

void scratch_areas_add(struct scratch_areas *a, uint64_t start, uint64_t len)
{
    struct scratch_area *areas = reallocarray(a->areas, a->n_areas + 1, sizeof *areas);
    if (areas == NULL)
        no_memory();
    a->areas = areas;
    areas[a->n_areas++] = (struct scratch_area){.start = start, .end = start + len, .used = start};
}

void scratch_forget(struct task *t, uint64_t addr, uint64_t len)
{
    struct scratch_areas *a = &t->space->scratch;
    uint64_t end = len < UINT64_MAX - addr ? addr + len : UINT64_MAX;
    for (size_t i = 0; i < a->n_areas; i++)
        if (addr < a->areas[i].end && a->areas[i].start < end)
            scratch_areas_done(a); /* of what is in use the kernel will tell */
}

/* ---- slots: each task keeps one, as long as it is large enough ---- */

static bool take_unused(struct scratch_areas *a, uint64_t len, struct scratch_slot *ret)
{
    for (size_t i = 0; i < a->n_unused; i++) {
        if (a->unused[i].len < len || a->unused[i].len / 4 > len)
            continue;
        *ret = a->unused[i];
        a->unused[i] = a->unused[--a->n_unused];
        return true;
    }
    return false;
}

void scratch_give_back(struct task *t)
{
    if (t->scratch.len == 0 || t->space == NULL)
        return;
    struct scratch_areas *a = &t->space->scratch;
    bool there = scratch_contains(t, t->scratch.addr);
    if (there && a->n_unused == a->unused_cap) {
        a->unused_cap = a->unused_cap > 0 ? a->unused_cap * 2 : 16;
        a->unused = reallocarray(a->unused, a->unused_cap, sizeof *a->unused);
        if (a->unused == NULL)
            no_memory();
    }
    if (there)
        a->unused[a->n_unused++] = t->scratch;
    t->scratch = (struct scratch_slot){0};
}

bool scratch_take(struct task *t, uint64_t len)
{
    struct scratch_areas *a = &t->space->scratch;
    if (t->scratch.len >= len && scratch_contains(t, t->scratch.addr))
        return true;
    scratch_give_back(t);
    uint64_t size = PAGE;
    while (size < len)
        size *= 2;
    if (take_unused(a, size, &t->scratch))
        return true;
    for (size_t i = 0; i < a->n_areas; i++) {
        struct scratch_area *area = &a->areas[i];
        if (area->end - area->used < size)
            continue;
        t->scratch = (struct scratch_slot){.addr = area->used, .len = size};
        area->used += size;
        return true;
    }
    return false;
}

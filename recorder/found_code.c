/* Owns what is read around a page so that its instructions can be told from its data. */
#include "recorder/found_code.h"

#include "base/no_memory.h"
#include "base/page.h"
#include "recorder/code_watch.h"

#include <assert.h>

#define AROUND      256u /* bytes before a page that tell where its instructions begin */
#define ENTRIES_MAX 64u

/* What was found is executed, too, and leads to more. */
static void find_all(struct code_range *range, uint64_t entry, struct code_sites *ret)
{
    uint64_t entries[ENTRIES_MAX] = {entry};
    range->entries = entries;
    range->n_entries = entry < range->len;
    for (size_t before = SIZE_MAX; ret->n != before && ret->n + 1 < ENTRIES_MAX;) {
        before = ret->n;
        for (size_t i = 0; i < before; i++)
            entries[range->n_entries + i] = ret->v[i].offset;
        struct code_range wider = *range;
        wider.n_entries += before;
        code_sites_done(ret);
        if (code_find(NULL, &wider, ret) < 0)
            no_memory();
    }
}

void found_code_look(struct recorder *r, struct task *t, uint64_t start, uint64_t end,
                     uint64_t entry, struct code_sites *ret)
{
    uint8_t bytes[AROUND + PAGE + FOUND_INSN_MAX];
    uint64_t from = start >= AROUND ? start - AROUND : start;
    assert(end - start <= PAGE);
    long n = tracee_read(t->tid, from, bytes, end - from + FOUND_INSN_MAX);
    if (n <= (long)(start - from)) {
        from = start;
        n = tracee_read(t->tid, from, bytes, end - from + FOUND_INSN_MAX);
    }
    *ret = (struct code_sites){0};
    if (n <= 0)
        return;
    code_watch_undo(t, from, bytes, (size_t)n);
    struct code_range range = {.bytes = bytes, .len = (size_t)n};
    find_all(&range, entry - from, ret);
    r->n_uncertain += ret->uncertain;
    for (size_t i = 0; i < ret->n; i++)
        ret->v[i].offset += from;
}

/* Owns what is noted of an address space. Shared memory stays noted where it once was. */
#include "replayer/space_use.h"

#include <stdlib.h>
#include <string.h>

#define SPANS_MAX 32 /* with more, it may be anywhere */

struct space_use {
    unsigned refs;
    uint64_t n_calls;
    size_t n_spans; /* SPANS_MAX + 1: too many */
    struct {
        uint64_t start, end;
    } spans[SPANS_MAX];
};

struct space_use *space_use_new(void)
{
    struct space_use *u = calloc(1, sizeof *u);
    if (u != NULL)
        u->refs = 1;
    return u;
}

struct space_use *space_use_ref(struct space_use *u)
{
    u->refs++;
    return u;
}

struct space_use *space_use_copy(const struct space_use *u)
{
    struct space_use *copy = malloc(sizeof *copy);
    if (copy == NULL)
        return NULL;
    *copy = *u;
    copy->refs = 1;
    return copy;
}

void space_use_unref(struct space_use *u)
{
    if (u != NULL && --u->refs == 0)
        free(u);
}

void space_use_note_call(struct space_use *u)
{
    u->n_calls++;
}

uint64_t space_use_calls(const struct space_use *u)
{
    return u->n_calls;
}

void space_use_note_shared(struct space_use *u, uint64_t addr, uint64_t len)
{
    for (size_t i = 0; i < u->n_spans && i < SPANS_MAX; i++)
        if (u->spans[i].start <= addr && addr + len <= u->spans[i].end)
            return;
    if (u->n_spans < SPANS_MAX) {
        u->spans[u->n_spans].start = addr;
        u->spans[u->n_spans].end = addr + len;
    }
    u->n_spans += u->n_spans <= SPANS_MAX;
}

bool space_use_may_share(const struct space_use *u, uint64_t addr, uint64_t len)
{
    for (size_t i = 0; i < u->n_spans && i < SPANS_MAX; i++)
        if (addr < u->spans[i].end && u->spans[i].start < addr + len)
            return true;
    return u->n_spans > SPANS_MAX;
}

bool space_use_shares(const struct space_use *u)
{
    return u != NULL && u->n_spans > 0;
}

/* Owns the protection of code under a check. Knows nothing of points. */
#include "replayer/code_guard.h"

#include "base/page.h"
#include "replayer/task_memory.h"
#include "replayer/zygote.h"
#include "task/made_calls.h"

#include <errno.h>
#include <sys/mman.h>

/* Where a mapping shows the pages of the code that lie in m; false: it does not. */
static bool find_alias(const struct code_guard *g, const struct map *m, const struct map *other,
                       uint64_t *ret)
{
    if (other != m &&
        (!m->shared || !other->shared || m->dev != other->dev || m->ino != other->ino))
        return false;
    uint64_t offset = m->offset + (g->page - m->start); /* in the file */
    if (offset + g->len <= other->offset || offset >= other->offset + (other->end - other->start))
        return false;
    *ret = other->start + (offset - other->offset);
    return true;
}

static int protect(struct replayer *r, struct rtask *t, const struct guard_range *range, int prot)
{
    return (int)zygote_call(r, t->pid, NR_MPROTECT, range->addr, range->len, (uint64_t)prot, 0, 0,
                            0);
}

/* 1, 0: there are too many, or one that shows only a part; or -errno. */
static int close_aliases(struct code_guard *g, struct replayer *r, struct rtask *t,
                         const struct maps *maps, const struct map *m)
{
    for (size_t i = 0; i < maps->n; i++) {
        const struct map *other = &maps->v[i];
        uint64_t addr;
        if ((other->prot & PROT_WRITE) == 0 || !find_alias(g, m, other, &addr))
            continue;
        if (g->n_closed == GUARD_ALIASES || addr < other->start || addr + g->len > other->end)
            return 0;
        struct guard_range range = {addr, g->len, other->prot};
        int err = protect(r, t, &range, other->prot & ~PROT_WRITE);
        if (err < 0)
            return err;
        g->closed[g->n_closed++] = range;
    }
    return 1;
}

/* Puts a private copy in the place of shared pages. */
static int copy_shared(struct code_guard *g, struct replayer *r, struct rtask *t)
{
    uint8_t code[GUARD_PAGES * PAGE];
    int err = tracee_read_all(t->pid, g->page, code, g->len);
    if (err < 0)
        return err;
    int64_t got = zygote_call(r, t->pid, NR_MREMAP, g->page, g->len, g->len,
                              MREMAP_MAYMOVE | MREMAP_FIXED, g->stash, 0);
    if (got < 0)
        return (int)got;
    g->shared = true;
    got = zygote_call(r, t->pid, NR_MMAP, g->page, g->len, PROT_READ | PROT_WRITE | PROT_EXEC,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, (uint64_t)-1, 0);
    return got < 0 ? (int)got : task_memory_write(r, t->pid, g->page, code, g->len);
}

int code_guard_close(struct code_guard *g, struct replayer *r, struct rtask *t,
                     const struct maps *maps, uint64_t start, uint64_t end, uint64_t stash)
{
    const struct map *m = maps_find(maps, start);
    *g = (struct code_guard){.page = start & ~(PAGE - 1), .stash = stash};
    if (m == NULL || end > m->end || (m->prot & PROT_EXEC) == 0)
        return 0;
    if (!m->shared && (m->prot & PROT_WRITE) == 0)
        return 1;
    g->len = ((end + PAGE - 1) & ~(PAGE - 1)) - g->page;
    int err = close_aliases(g, r, t, maps, m);
    if (err > 0 && m->shared && copy_shared(g, r, t) < 0)
        err = -EFAULT;
    if (err <= 0) {
        int reopened = code_guard_open(g, r, t);
        return reopened < 0 ? reopened : err;
    }
    return 1;
}

int code_guard_open(struct code_guard *g, struct replayer *r, struct rtask *t)
{
    int err = 0;
    if (g->shared) {
        int64_t got = zygote_call(r, t->pid, NR_MREMAP, g->stash, g->len, g->len,
                                  MREMAP_MAYMOVE | MREMAP_FIXED, g->page, 0);
        err = got < 0 ? (int)got : 0;
    }
    for (size_t i = 0; err >= 0 && i < g->n_closed; i++)
        err = protect(r, t, &g->closed[i], g->closed[i].prot);
    *g = (struct code_guard){0};
    return err;
}

bool code_guard_stops(const struct code_guard *g, uint64_t addr)
{
    for (size_t i = 0; i < g->n_closed; i++)
        if (addr >= g->closed[i].addr && addr - g->closed[i].addr < g->closed[i].len)
            return true;
    return false;
}

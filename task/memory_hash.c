/* Owns which memory counts and how it is summed up. Knows nothing of who compares it. */
#include "task/memory_hash.h"

#include "base/buf.h"
#include "task/maps.h"
#include "task/present_pages.h"
#include "task/tracee.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>

#define PAGE  4096ull
/* Sixteen pages: so many process_vm_readv pins at a time without allocating, and so few stay in the
 * cache until they are hashed (mm/process_vm_access.c, PVM_MAX_PP_ARRAY_COUNT). Larger batches take
 * twice the time. */
#define BATCH (16 * PAGE)

struct walk {
    pid_t tid;
    const struct memory_span *dead;
    size_t n_dead;
    uint8_t *buf; /* BATCH bytes */
    bool ended;   /* nothing can be read from here to the end of the mapping */
    struct memory_hash sum;
};

static bool is_zero(const uint8_t *page)
{
    return page[0] == 0 && memcmp(page, page + 1, PAGE - 1) == 0;
}

/* Clears what of [addr, addr + len) is dead. */
static void clear_dead(const struct memory_span *dead, size_t n, uint64_t addr, uint8_t *bytes,
                       uint64_t len)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t start = dead[i].addr > addr ? dead[i].addr : addr;
        uint64_t end = dead[i].addr + dead[i].len;
        if (end > addr + len)
            end = addr + len;
        if (start < end)
            memset(bytes + (start - addr), 0, end - start);
    }
}

static void add_page(struct memory_hash *sum, uint64_t addr, const uint8_t *page)
{
    if (is_zero(page))
        return;
    XXH128_hash_t h = XXH3_128bits_withSeed(page, PAGE, addr);
    sum->low += h.low64;
    sum->high += h.high64;
    sum->pages++;
}

static int add_run(void *ctx, uint64_t start, uint64_t end)
{
    struct walk *w = ctx;
    for (uint64_t at = start; at < end && !w->ended;) {
        uint64_t len = end - at < BATCH ? end - at : BATCH;
        long n = tracee_read(w->tid, at, w->buf, len);
        uint64_t got = n > 0 ? (uint64_t)n & ~(PAGE - 1) : 0;
        w->ended = got < len; /* behind the end of a file */
        clear_dead(w->dead, w->n_dead, at, w->buf, got);
        for (uint64_t i = 0; i < got; i += PAGE)
            add_page(&w->sum, at + i, w->buf + i);
        at += len;
    }
    return 0;
}

/* Pages of files and of shared memory have content though the process never touched them. */
static bool only_present_count(const struct map *m)
{
    return m->ino == 0 && !m->shared;
}

static int add_mapping(struct walk *w, int pagemap, const struct map *m)
{
    w->ended = false;
    if (only_present_count(m))
        return present_pages_scan(pagemap, m->start, m->end, add_run, w);
    return add_run(w, m->start, m->end);
}

static int add_mappings(struct walk *w, int pagemap, const struct maps *maps)
{
    int err = 0;
    for (size_t i = 0; err == 0 && i < maps->n; i++)
        if ((maps->v[i].prot & PROT_WRITE) != 0)
            err = add_mapping(w, pagemap, &maps->v[i]);
    return err;
}

int memory_hash_take(pid_t tid, const struct memory_span *dead, size_t n_dead,
                     struct memory_hash *ret)
{
    struct walk w = {.tid = tid, .dead = dead, .n_dead = n_dead};
    struct buf buf = {0};
    struct maps maps = {0};
    int pagemap = present_pages_open(tid);
    int err = pagemap < 0 ? pagemap : buf_reserve(&buf, BATCH);
    w.buf = buf.data;
    if (err == 0)
        err = maps_read(tid, &maps);
    if (err == 0)
        err = add_mappings(&w, pagemap, &maps);
    if (pagemap >= 0)
        close(pagemap);
    maps_done(&maps);
    buf_done(&buf);
    if (err == 0)
        *ret = w.sum;
    return err;
}

bool memory_hash_equal(const struct memory_hash *a, const struct memory_hash *b)
{
    return a->low == b->low && a->high == b->high && a->pages == b->pages;
}

int memory_hash_page(pid_t tid, uint64_t addr, const struct memory_span *dead, size_t n_dead,
                     uint64_t *ret)
{
    uint8_t page[PAGE];
    int err = tracee_read_all(tid, addr, page, PAGE);
    if (err < 0)
        return err;
    clear_dead(dead, n_dead, addr, page, PAGE);
    *ret = XXH3_64bits(page, PAGE);
    return 0;
}

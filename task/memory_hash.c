/* Owns which memory counts and how it is summed up. Knows nothing of who compares it. */
#include "task/memory_hash.h"

#include "base/buf.h"
#include "base/page.h"
#include "task/maps.h"
#include "task/present_pages.h"
#include "task/tracee.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>

/* Sixteen pages: so many process_vm_readv pins at a time without allocating, and so few stay in the
 * cache until they are hashed (mm/process_vm_access.c, PVM_MAX_PP_ARRAY_COUNT). Larger batches take
 * twice the time. */
#define BATCH (16 * PAGE)

struct walk {
    pid_t tid;
    const struct memory_span *dead;
    size_t n_dead;
    uint8_t *buf;              /* BATCH bytes */
    bool ended;                /* nothing can be read from here to the end of the mapping */
    struct known_pages *known; /* of the watched mapping at hand; else NULL */
    bool all_new;              /* that mapping was not watched before */
    uint64_t there, read;      /* pages in mappings that may be watched */
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

/* Where from addr on the first page begins that has a dead byte: at most `end`. */
static uint64_t dead_from(const struct walk *w, uint64_t addr, uint64_t end)
{
    for (size_t i = 0; i < w->n_dead; i++) {
        const struct memory_span *d = &w->dead[i];
        uint64_t first = d->addr & ~(PAGE - 1);
        if (d->len > 0 && d->addr + d->len > addr && first < end)
            end = first > addr ? first : addr;
    }
    return end;
}

/* Scratch memory is, and not worth to be watched. */
static bool is_dead(const struct walk *w, const struct map *m)
{
    for (size_t i = 0; i < w->n_dead; i++)
        if (w->dead[i].addr <= m->start && w->dead[i].addr + w->dead[i].len >= m->end)
            return true;
    return false;
}

static void add_hash(struct memory_hash *sum, const struct known_page *page)
{
    if (page->zero)
        return;
    sum->low += page->low;
    sum->high += page->high;
    sum->pages++;
}

static int add_page(struct walk *w, uint64_t addr, const uint8_t *bytes)
{
    struct known_page page = {.addr = addr, .zero = is_zero(bytes)};
    if (!page.zero) {
        XXH128_hash_t h = XXH3_128bits_withSeed(bytes, PAGE, addr);
        page.low = h.low64;
        page.high = h.high64;
    }
    add_hash(&w->sum, &page);
    /* what is dead of a page changes from one time to the next */
    bool keep = w->known != NULL && dead_from(w, addr, addr + PAGE) > addr;
    return keep ? known_pages_add(w->known, &page) : 0;
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
        w->read += got / PAGE;
        for (uint64_t i = 0; i < got; i += PAGE) {
            int err = add_page(w, at + i, w->buf + i);
            if (err < 0)
                return err;
        }
        at += len;
    }
    return 0;
}

/* ---- pages that were not written since the last time ---- */

/* Adds what is known of [start, end). Where it ends, at a page that has to be read, or -ENOMEM. */
static int add_known(struct walk *w, uint64_t start, uint64_t end, uint64_t *ret_end)
{
    uint64_t live = dead_from(w, start, end), at = start;
    for (const struct known_page *page;
         at < live && (page = known_pages_find(w->known, at)) != NULL; at += PAGE) {
        int err = known_pages_add(w->known, page);
        if (err < 0)
            return err;
        add_hash(&w->sum, page);
    }
    *ret_end = at;
    return 0;
}

static bool is_known(struct walk *w, uint64_t addr)
{
    return dead_from(w, addr, addr + PAGE) > addr && known_pages_find(w->known, addr) != NULL;
}

static int add_watched_run(void *ctx, uint64_t start, uint64_t end, bool written)
{
    struct walk *w = ctx;
    w->there += (end - start) / PAGE;
    if (written || w->all_new)
        return add_run(w, start, end);
    for (uint64_t at = start; at < end && !w->ended;) {
        int err = add_known(w, at, end, &at);
        uint64_t from = at;
        while (err == 0 && at < end && !is_known(w, at))
            at += PAGE;
        if (err == 0)
            err = add_run(w, from, at);
        if (err < 0)
            return err;
    }
    return 0;
}

static int add_watched(struct walk *w, struct memory_watch *watch, int pagemap, const struct map *m)
{
    w->known = memory_watch_pages(watch);
    int err = present_pages_scan_written(pagemap, m->start, m->end, add_watched_run, w);
    if (err == -EPERM && memory_watch_map(watch, m) == 0) {
        w->all_new = true;
        err = present_pages_scan_written(pagemap, m->start, m->end, add_watched_run, w);
        w->all_new = false;
    }
    w->known = NULL;
    return err;
}

/* Pages of files and of shared memory have content though the process never touched them. */
static bool only_present_count(const struct map *m)
{
    return m->ino == 0 && !m->shared;
}

static int add_present_run(void *ctx, uint64_t start, uint64_t end)
{
    struct walk *w = ctx;
    w->there += (end - start) / PAGE;
    return add_run(w, start, end);
}

static int add_mapping(struct walk *w, struct memory_watch *watch, int pagemap, const struct map *m)
{
    w->ended = false;
    uint64_t read = w->read;
    bool fits = memory_watch_fits(m) && !is_dead(w, m);
    int err = -EPERM;
    if (fits && memory_watch_is_on(watch))
        err = add_watched(w, watch, pagemap, m);
    if (err == -EPERM && only_present_count(m))
        err = present_pages_scan(pagemap, m->start, m->end, fits ? add_present_run : add_run, w);
    else if (err == -EPERM)
        err = add_run(w, m->start, m->end);
    if (!fits)
        w->read = read;
    return err;
}

static int add_mappings(struct walk *w, struct memory_watch *watch, int pagemap,
                        const struct maps *maps)
{
    int err = 0;
    for (size_t i = 0; err == 0 && i < maps->n; i++)
        if ((maps->v[i].prot & PROT_WRITE) != 0)
            err = add_mapping(w, watch, pagemap, &maps->v[i]);
    return err;
}

static int take(struct walk *w, struct memory_watch *watch)
{
    struct buf buf = {0};
    struct maps maps = {0};
    int pagemap = present_pages_open(w->tid);
    int err = pagemap < 0 ? pagemap : buf_reserve(&buf, BATCH);
    w->buf = buf.data;
    if (err == 0)
        err = maps_read(w->tid, &maps);
    if (err == 0)
        err = add_mappings(w, watch, pagemap, &maps);
    if (pagemap >= 0)
        close(pagemap);
    maps_done(&maps);
    buf_done(&buf);
    return err;
}

int memory_hash_take(pid_t tid, const struct memory_span *dead, size_t n_dead,
                     struct memory_watch *watch, struct memory_hash *ret)
{
    struct walk w = {.tid = tid, .dead = dead, .n_dead = n_dead};
    int err = take(&w, watch);
    if (err < 0 && memory_watch_is_on(watch)) { /* it is not known any more what was written */
        memory_watch_stop(watch);
        w = (struct walk){.tid = tid, .dead = dead, .n_dead = n_dead};
        err = take(&w, watch);
    }
    if (err < 0)
        return err;
    memory_watch_note_hash(watch, w.there, w.read);
    *ret = w.sum;
    return 0;
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

/* Owns the comparison of memory before and after a call. Private writable mappings and shared
 * anonymous ones are compared; pages not present before are taken as zeros. */
#include "recorder/snapshot.h"

#include "base/page.h"
#include "recorder/scratch.h"
#include "recorder/stub_calls.h"
#include "task/present_pages.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BATCH 512 /* pages looked at in one go */

struct page_run {
    uint64_t start;
    uint64_t n_pages;
    bool present; /* false: zeros, no data kept */
    size_t data;  /* offset in `data` */
};

struct snapshot {
    struct page_run *runs;
    size_t n, cap;
    struct buf data;
};

/* Not what the recorder keeps for waiting calls: replay has no such memory, and calls of others
 * that end meanwhile write there. */
static bool is_watched(const struct task *t, const struct map *m)
{
    if (scratch_contains(t, m->start) || stub_calls_owns(t, m->start))
        return false;
    if ((m->prot & PROT_WRITE) == 0 || (m->prot & PROT_READ) == 0)
        return false;
    return !m->shared || m->ino == 0 || strncmp(m->name, "/dev/zero", 9) == 0;
}

/* The mapping being taken. */
struct taking {
    struct snapshot *s;
    pid_t tid;
    uint64_t at; /* all before this is taken */
};

static int push(struct snapshot *s, struct page_run run)
{
    if (run.n_pages == 0)
        return 0;
    if (s->n == s->cap) {
        size_t cap = s->cap > 0 ? s->cap * 2 : 64;
        struct page_run *runs = reallocarray(s->runs, cap, sizeof *runs);
        if (runs == NULL)
            return -ENOMEM;
        s->runs = runs;
        s->cap = cap;
    }
    s->runs[s->n++] = run;
    return 0;
}

static int take_present(void *ctx, uint64_t start, uint64_t end)
{
    struct taking *taking = ctx;
    struct snapshot *s = taking->s;
    struct page_run absent = {.start = taking->at, .n_pages = (start - taking->at) / PAGE};
    struct page_run run = {.start = start, .present = true, .data = s->data.len};
    taking->at = end;
    int err = push(s, absent);
    if (err == 0)
        err = buf_reserve(&s->data, end - start);
    if (err < 0)
        return err;
    /* what lies behind the end of a file cannot be read, nor written by the kernel */
    long n = tracee_read(taking->tid, start, s->data.data + s->data.len, end - start);
    run.n_pages = n > 0 ? (uint64_t)n / PAGE : 0;
    s->data.len += run.n_pages * PAGE;
    return push(s, run);
}

/* A private file's page that was never touched holds the file's content: all its pages count. */
static bool take_map(struct snapshot *s, pid_t tid, int pagemap, const struct map *m)
{
    struct taking taking = {.s = s, .tid = tid, .at = m->start};
    if (m->ino != 0)
        return take_present(&taking, m->start, m->end) == 0;
    if (present_pages_scan(pagemap, m->start, m->end, take_present, &taking) < 0)
        return false;
    struct page_run rest = {.start = taking.at, .n_pages = (m->end - taking.at) / PAGE};
    return push(s, rest) == 0;
}

struct snapshot *snapshot_take(const struct task *t)
{
    pid_t tid = t->tid;
    struct snapshot *s = calloc(1, sizeof *s);
    struct maps maps = {0};
    int pagemap = present_pages_open(tid);
    bool ok = s != NULL && pagemap >= 0 && maps_read(tid, &maps) == 0;
    for (size_t i = 0; ok && i < maps.n; i++)
        if (is_watched(t, &maps.v[i]))
            ok = take_map(s, tid, pagemap, &maps.v[i]);
    if (pagemap >= 0)
        close(pagemap);
    maps_done(&maps);
    if (!ok) {
        snapshot_free(s);
        return NULL;
    }
    return s;
}

void snapshot_free(struct snapshot *s)
{
    if (s == NULL)
        return;
    free(s->runs);
    buf_done(&s->data);
    free(s);
}

/* A comparison under way. */
struct changes {
    struct recorder *r;
    struct task *t;
    struct emit_list *out;
    bool prove;
    size_t n_told; /* ranges of out that the table gave */
};

static bool is_told(const struct changes *c, uint64_t addr)
{
    for (size_t i = 0; i < c->n_told; i++) {
        const Reprise__Range *range = c->out->v[i];
        if (addr >= range->addr && addr - range->addr < range->len)
            return true;
    }
    return false;
}

static void complain(const struct changes *c, uint64_t addr, size_t len)
{
    const struct call *call = &c->t->call;
    recorder_warn(
        c->r,
        "paranoid: process %d: %s (%lld) wrote %zu bytes at %#llx that the table does not "
        "tell (arguments %#llx, %#llx, %#llx, result %lld)",
        (int)c->t->pid, call->row != NULL ? call->row->name : "?", (long long)call->call.nr, len,
        (unsigned long long)addr, (unsigned long long)call->call.args[0],
        (unsigned long long)call->call.args[1], (unsigned long long)call->call.args[2],
        (long long)call->call.result);
}

static void compare_page(struct changes *c, uint64_t addr, const uint8_t *old, const uint8_t *new)
{
    size_t gap = c->prove ? 0 : 16; /* nearer stretches are one */
    for (size_t i = 0; i < PAGE;) {
        if (old[i] == new[i] || (c->prove && is_told(c, addr + i))) {
            i++;
            continue;
        }
        size_t end = i + 1;
        for (size_t k = end; k < PAGE && k <= end + gap; k++)
            if (old[k] != new[k] && !(c->prove && is_told(c, addr + k)))
                end = k + 1;
        if (c->prove)
            complain(c, addr + i, end - i);
        Reprise__Range *range = emit_memory(c->r, c->t->tid, addr + i, end - i);
        if (range != NULL)
            emit_push(c->r, c->out, range);
        i = end;
    }
}

static void compare_present(struct changes *c, const struct snapshot *s, const struct page_run *run,
                            struct buf *now)
{
    for (uint64_t k = 0; k < run->n_pages; k += BATCH) {
        uint64_t left = run->n_pages - k, at = run->start + k * PAGE;
        size_t len = (left < BATCH ? (size_t)left : BATCH) * PAGE;
        buf_clear(now);
        if (buf_reserve(now, len) < 0 || tracee_read(c->t->tid, at, now->data, len) != (long)len)
            continue;
        const uint8_t *old = s->data.data + run->data + k * PAGE;
        for (size_t p = 0; p < len; p += PAGE)
            if (memcmp(old + p, now->data + p, PAGE) != 0)
                compare_page(c, at + p, old + p, now->data + p);
    }
}

/* Pages that were not there before were zero. */
static int compare_new(void *ctx, uint64_t start, uint64_t end)
{
    static const uint8_t zeros[PAGE];
    struct changes *c = ctx;
    for (uint64_t at = start; at < end; at += PAGE) {
        uint8_t page[PAGE];
        if (tracee_read_all(c->t->tid, at, page, PAGE) == 0)
            compare_page(c, at, zeros, page);
    }
    return 0;
}

static void compare(struct changes *c, const struct snapshot *s)
{
    int pagemap = present_pages_open(c->t->tid);
    struct buf now = {0};
    for (size_t i = 0; i < s->n; i++) {
        const struct page_run *run = &s->runs[i];
        if (run->present)
            compare_present(c, s, run, &now);
        else if (pagemap >= 0)
            present_pages_scan(pagemap, run->start, run->start + run->n_pages * PAGE, compare_new,
                               c);
    }
    if (pagemap >= 0)
        close(pagemap);
    buf_done(&now);
}

void snapshot_diff(struct recorder *r, struct task *t, const struct snapshot *s,
                   struct emit_list *out)
{
    struct changes c = {.r = r, .t = t, .out = out};
    compare(&c, s);
}

void snapshot_prove(struct recorder *r, struct task *t, const struct snapshot *s,
                    struct emit_list *out)
{
    struct changes c = {.r = r, .t = t, .out = out, .prove = true, .n_told = out->n};
    compare(&c, s);
}

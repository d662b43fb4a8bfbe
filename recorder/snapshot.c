/* Owns the comparison of memory before and after a call. Private writable mappings and shared
 * anonymous ones are compared; pages not present before are taken as zeros. */
#include "recorder/snapshot.h"

#include "recorder/calls.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE  4096ull
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

static bool is_watched(const struct map *m)
{
    if ((m->prot & PROT_WRITE) == 0 || (m->prot & PROT_READ) == 0)
        return false;
    return !m->shared || m->ino == 0 || strncmp(m->name, "/dev/zero", 9) == 0;
}

static int open_pagemap(pid_t tid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/pagemap", (int)tid);
    return open(path, O_RDONLY | O_CLOEXEC);
}

/* Joins the run to the last one, unless that is of another mapping (before `first`). */
static bool push_run(struct snapshot *s, size_t first, struct page_run run)
{
    if (s->n > first) {
        struct page_run *last = &s->runs[s->n - 1];
        bool joins = last->present == run.present &&
                     last->start + last->n_pages * PAGE == run.start &&
                     (!run.present || last->data + last->n_pages * PAGE == run.data);
        if (joins) {
            last->n_pages += run.n_pages;
            return true;
        }
    }
    if (s->n == s->cap) {
        size_t cap = s->cap > 0 ? s->cap * 2 : 64;
        struct page_run *runs = reallocarray(s->runs, cap, sizeof *runs);
        if (runs == NULL)
            return false;
        s->runs = runs;
        s->cap = cap;
    }
    s->runs[s->n++] = run;
    return true;
}

/* A private file's page that was never touched holds the file's content: all pages count. */
static bool take_map(struct snapshot *s, pid_t tid, int pagemap, const struct map *m)
{
    uint64_t words[BATCH];
    size_t first = s->n;
    for (uint64_t at = m->start; at < m->end; at += BATCH * PAGE) {
        uint64_t left = (m->end - at) / PAGE;
        size_t n = left < BATCH ? (size_t)left : BATCH;
        bool known = pread(pagemap, words, n * 8, (off_t)(at / PAGE * 8)) == (ssize_t)(n * 8);
        for (size_t i = 0; i < n; i++) {
            struct page_run run = {.start = at + i * PAGE, .n_pages = 1};
            run.present = !known || m->ino != 0 || (words[i] >> 62) != 0;
            run.data = s->data.len;
            if (!push_run(s, first, run))
                return false;
            if (run.present) {
                if (buf_reserve(&s->data, PAGE) < 0)
                    return false;
                s->data.len += PAGE;
            }
        }
    }
    for (size_t i = first; i < s->n; i++) {
        struct page_run *run = &s->runs[i];
        if (!run->present)
            continue;
        /* what lies behind the end of a file cannot be read, nor written by the kernel */
        long n = tracee_read(tid, run->start, s->data.data + run->data, run->n_pages * PAGE);
        run->n_pages = n > 0 ? (uint64_t)n / PAGE : 0;
    }
    return true;
}

struct snapshot *snapshot_take(pid_t tid)
{
    struct snapshot *s = calloc(1, sizeof *s);
    struct maps maps = {0};
    int pagemap = open_pagemap(tid);
    bool ok = s != NULL && pagemap >= 0 && maps_read(tid, &maps) == 0;
    for (size_t i = 0; ok && i < maps.n; i++)
        if (is_watched(&maps.v[i]))
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

static void found(struct changes *c, uint64_t addr, size_t len)
{
    if (c->prove) {
        while (len > 0 && is_told(c, addr)) {
            addr++;
            len--;
        }
        if (len == 0)
            return;
        const struct call *call = &c->t->call;
        recorder_warn(c->r,
                      "paranoid: process %d: %s (%lld) wrote %zu bytes at %#llx that the table "
                      "does not tell (arguments %#llx, %#llx, %#llx, result %lld)",
                      (int)c->t->pid, call->row != NULL ? call->row->name : "?",
                      (long long)call->call.nr, len, (unsigned long long)addr,
                      (unsigned long long)call->call.args[0],
                      (unsigned long long)call->call.args[1],
                      (unsigned long long)call->call.args[2], (long long)call->call.result);
    }
    Reprise__Range *range = emit_memory(c->r, c->t->tid, addr, len);
    if (range != NULL)
        emit_push(c->r, c->out, range);
}

static void compare_page(struct changes *c, uint64_t addr, const uint8_t *old, const uint8_t *new)
{
    static const size_t gap = 16; /* nearer stretches are one */
    for (size_t i = 0; i < PAGE;) {
        if (old[i] == new[i]) {
            i++;
            continue;
        }
        size_t end = i + 1;
        for (size_t k = end; k < PAGE && k < end + gap; k++)
            if (old[k] != new[k])
                end = k + 1;
        found(c, addr + i, end - i);
        i = end;
    }
}

static void compare(struct changes *c, const struct snapshot *s)
{
    static const uint8_t zeros[PAGE];
    int pagemap = open_pagemap(c->t->tid);
    struct buf now = {0};
    for (size_t i = 0; i < s->n; i++) {
        const struct page_run *run = &s->runs[i];
        for (uint64_t k = 0; k < run->n_pages; k += BATCH) {
            uint64_t left = run->n_pages - k, at = run->start + k * PAGE, words[BATCH];
            size_t n = left < BATCH ? (size_t)left : BATCH;
            bool known = pread(pagemap, words, n * 8, (off_t)(at / PAGE * 8)) == (ssize_t)(n * 8);
            if (run->present) {
                buf_clear(&now);
                if (buf_reserve(&now, n * PAGE) < 0 ||
                    tracee_read(c->t->tid, at, now.data, n * PAGE) != (long)(n * PAGE))
                    continue;
            }
            for (size_t p = 0; p < n; p++) {
                uint8_t page[PAGE];
                if (run->present) {
                    const uint8_t *old = s->data.data + run->data + (k + p) * PAGE;
                    if (memcmp(old, now.data + p * PAGE, PAGE) != 0)
                        compare_page(c, at + p * PAGE, old, now.data + p * PAGE);
                } else if (known && (words[p] >> 62) != 0 &&
                           tracee_read_all(c->t->tid, at + p * PAGE, page, PAGE) == 0) {
                    compare_page(c, at + p * PAGE, zeros, page);
                }
            }
        }
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

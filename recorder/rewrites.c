/* Owns the order of the list, and the bytes in the tasks. */
#include "recorder/rewrites.h"

#include "base/no_memory.h"
#include "task/tracee.h"

#include <stdlib.h>
#include <string.h>

void rewrites_done(struct rewrites *w)
{
    free(w->v);
    *w = (struct rewrites){0};
}

static void reserve(struct rewrites *w, size_t n)
{
    if (n <= w->cap)
        return;
    size_t cap = w->cap * 2 > n ? w->cap * 2 : n + 16;
    struct rewrite *v = reallocarray(w->v, cap, sizeof *v);
    if (v == NULL)
        no_memory(); /* nobody would know what to answer */
    w->v = v;
    w->cap = cap;
}

void rewrites_copy(struct rewrites *to, const struct rewrites *from)
{
    *to = (struct rewrites){0};
    if (from->n == 0)
        return;
    reserve(to, from->n);
    memcpy(to->v, from->v, from->n * sizeof *from->v);
    to->n = from->n;
}

size_t rewrites_first(const struct rewrites *w, uint64_t addr)
{
    size_t low = 0, high = w->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (w->v[middle].addr < addr)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint64_t rewrites_begin(const struct rewrites *w, uint64_t addr)
{
    size_t i = rewrites_first(w, addr);
    const struct rewrite *before = i > 0 ? &w->v[i - 1] : NULL;
    return before != NULL && before->addr + before->insn.len > addr ? before->addr : addr;
}

const struct rewrite *rewrites_find(const struct rewrites *w, uint64_t addr)
{
    size_t i = rewrites_first(w, addr);
    return i < w->n && w->v[i].addr == addr && !w->v[i].is_covered ? &w->v[i] : NULL;
}

bool rewrite_is_whole(const struct rewrite *r, const uint8_t *rest, size_t len)
{
    size_t behind = r->insn.len - 1u;
    return memcmp(rest, r->original + 1, len < behind ? len : behind) == 0;
}

bool rewrites_make(struct rewrites *w, pid_t tid, uint64_t addr, const struct machine_insn *insn)
{
    static const uint8_t int3 = REWRITE_INT3;
    struct rewrite new = {.addr = addr, .insn = *insn};
    struct machine_insn now;
    size_t i = rewrites_first(w, addr);
    bool is_new = i == w->n || w->v[i].addr != addr;
    if (insn->len > sizeof new.original ||
        tracee_read_all(tid, addr, new.original, insn->len) < 0 ||
        !machine_insn_at(new.original, insn->len, &now) || now.kind != insn->kind ||
        now.len != insn->len || tracee_write(tid, addr, &int3, 1) < 0)
        return false;
    if (is_new) {
        reserve(w, w->n + 1);
        memmove(&w->v[i + 1], &w->v[i], (w->n - i) * sizeof *w->v);
        w->n++;
    }
    w->v[i] = new;
    return true;
}

void rewrites_forget(struct rewrites *w, uint64_t start, uint64_t end)
{
    size_t i = rewrites_first(w, start), behind = rewrites_first(w, end);
    memmove(&w->v[i], &w->v[behind], (w->n - behind) * sizeof *w->v);
    w->n -= behind - i;
}

/* True: the program's own byte is there now, and was not before. */
static bool restore(const struct rewrite *at, pid_t tid)
{
    uint8_t now;
    return !at->is_covered && tracee_read_all(tid, at->addr, &now, 1) == 0 && now == REWRITE_INT3 &&
           tracee_write(tid, at->addr, at->original, 1) == 0;
}

void rewrites_unmake(struct rewrites *w, pid_t tid, uint64_t start, uint64_t end,
                     void (*restored)(void *ctx, const struct rewrite *r), void *ctx)
{
    for (size_t i = rewrites_first(w, start); i < w->n && w->v[i].addr < end; i++)
        if (restore(&w->v[i], tid))
            restored(ctx, &w->v[i]);
    rewrites_forget(w, start, end);
}

void rewrites_restore(const struct rewrites *w, pid_t tid)
{
    for (size_t i = 0; i < w->n; i++)
        (void)restore(&w->v[i], tid);
}

void rewrites_written(struct rewrites *w, pid_t tid, uint64_t start, uint64_t end)
{
    static const uint8_t int3 = REWRITE_INT3;
    for (size_t i = rewrites_first(w, start); i < w->n && w->v[i].addr < end; i++) {
        struct rewrite *at = &w->v[i];
        uint8_t now = at->original[0];
        at->is_covered = tracee_read_all(tid, at->addr, &now, 1) < 0 || now != at->original[0] ||
                         tracee_write(tid, at->addr, &int3, 1) < 0;
    }
}

void rewrites_undo(const struct rewrites *w, uint64_t addr, uint8_t *bytes, size_t len)
{
    for (size_t i = rewrites_first(w, addr); i < w->n && w->v[i].addr - addr < len; i++) {
        size_t at = w->v[i].addr - addr;
        if (!w->v[i].is_covered && bytes[at] == REWRITE_INT3 &&
            rewrite_is_whole(&w->v[i], bytes + at + 1, len - at - 1))
            bytes[at] = w->v[i].original[0];
    }
}

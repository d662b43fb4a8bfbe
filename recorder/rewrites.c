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

size_t rewrites_first_in(const struct rewrites *w, uint64_t addr)
{
    size_t i = rewrites_first(w, addr);
    return i > 0 && addr - w->v[i - 1].addr < w->v[i - 1].n_now ? i - 1 : i;
}

bool rewrite_is_jump(const struct rewrite *at)
{
    return at->insn.kind == MACHINE_NONE || at->n_now > 1;
}

struct rewrite *rewrites_find(const struct rewrites *w, uint64_t addr)
{
    size_t i = rewrites_first(w, addr);
    return i < w->n && w->v[i].addr == addr && !w->v[i].is_covered && !rewrite_is_jump(&w->v[i])
               ? &w->v[i]
               : NULL;
}

void rewrites_note(struct rewrites *w, const struct rewrite *there)
{
    size_t i = rewrites_first(w, there->addr);
    if (i == w->n || w->v[i].addr != there->addr) {
        reserve(w, w->n + 1);
        memmove(&w->v[i + 1], &w->v[i], (w->n - i) * sizeof *w->v);
        w->n++;
    }
    w->v[i] = *there;
}

bool rewrite_is_whole(const struct rewrite *r, const uint8_t *rest, size_t len)
{
    size_t behind = r->insn.len - 1u;
    return memcmp(rest, r->original + 1, len < behind ? len : behind) == 0;
}

bool rewrites_make(struct rewrites *w, pid_t tid, uint64_t addr, const struct machine_insn *insn)
{
    static const uint8_t int3 = REWRITE_INT3;
    struct rewrite new = {.addr = addr, .insn = *insn, .now = {int3}, .n_now = 1};
    struct machine_insn now;
    if (insn->len > sizeof new.original ||
        tracee_read_all(tid, addr, new.original, insn->len) < 0 ||
        !machine_insn_at(new.original, insn->len, &now) || now.kind != insn->kind ||
        now.len != insn->len || tracee_write(tid, addr, &int3, 1) < 0)
        return false;
    rewrites_note(w, &new);
    return true;
}

bool rewrites_put(struct rewrites *w, pid_t tid, uint64_t addr, const uint8_t *bytes, size_t len)
{
    size_t i = rewrites_first(w, addr);
    struct rewrite new = {.addr = addr};
    if (i < w->n && w->v[i].addr == addr)
        new = w->v[i];
    if (len > new.insn.len && tracee_read_all(tid, addr + new.insn.len, new.original + new.insn.len,
                                              len - new.insn.len) < 0)
        return false;
    memcpy(new.now, bytes, len);
    new.n_now = (uint8_t)len;
    if (tracee_write(tid, addr, bytes, len) < 0)
        return false;
    rewrites_note(w, &new);
    return true;
}

static void erase(struct rewrites *w, size_t i)
{
    w->n--;
    memmove(&w->v[i], &w->v[i + 1], (w->n - i) * sizeof *w->v);
}

void rewrites_stop_jumps(struct rewrites *w, pid_t tid, uint64_t start, uint64_t end,
                         uint64_t kept_start, uint64_t kept_end,
                         void (*changed)(void *ctx, uint64_t addr, uint8_t byte), void *ctx)
{
    for (size_t i = rewrites_first_in(w, start); i < w->n && w->v[i].addr < end;) {
        struct rewrite *at = &w->v[i];
        bool is_insn = at->insn.kind != MACHINE_NONE;
        if (at->moved != 0) {
            i++;
            continue;
        }
        for (size_t k = 0; rewrite_is_jump(at) && k < at->n_now; k++) {
            uint8_t byte = k == 0 && is_insn ? REWRITE_INT3 : at->original[k];
            uint64_t addr = at->addr + k;
            if ((addr < kept_start || addr >= kept_end) && tracee_write(tid, addr, &byte, 1) == 0)
                changed(ctx, addr, byte);
        }
        at->now[0] = REWRITE_INT3;
        at->n_now = 1;
        if (is_insn)
            i++;
        else
            erase(w, i);
    }
}

void rewrites_forget(struct rewrites *w, uint64_t start, uint64_t end)
{
    size_t i = rewrites_first(w, start), behind = rewrites_first(w, end);
    if (i == behind) /* there may be no list yet */
        return;
    memmove(&w->v[i], &w->v[behind], (w->n - behind) * sizeof *w->v);
    w->n -= behind - i;
}

/* True: the program's own bytes are there now, and were not before. */
static bool restore(const struct rewrite *at, pid_t tid)
{
    uint8_t now[REWRITE_MAX];
    return !at->is_covered && at->insn.kind != MACHINE_NONE &&
           tracee_read_all(tid, at->addr, now, at->n_now) == 0 &&
           memcmp(now, at->now, at->n_now) == 0 &&
           tracee_write(tid, at->addr, at->original, at->n_now) == 0;
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

/* An int3 that the rest of the instruction does not follow is the program's own. */
static void undo(const struct rewrite *at, uint64_t addr, uint8_t *bytes, size_t len)
{
    uint64_t first = at->addr - addr;
    if (!rewrite_is_jump(at) && first < len &&
        !rewrite_is_whole(at, bytes + first + 1, len - first - 1))
        return;
    for (size_t k = 0; k < at->n_now; k++) {
        uint64_t offset = at->addr + k - addr;
        if (offset < len && bytes[offset] == at->now[k])
            bytes[offset] = at->original[k];
    }
}

void rewrites_undo(const struct rewrites *w, uint64_t addr, uint8_t *bytes, size_t len)
{
    for (size_t i = rewrites_first_in(w, addr);
         i < w->n && (w->v[i].addr < addr || w->v[i].addr - addr < len); i++)
        if (!w->v[i].is_covered)
            undo(&w->v[i], addr, bytes, len);
}

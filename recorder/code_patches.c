/* Owns the list of code mappings of an address space, what is changed in them, and the plans for
 * each file. Knows nothing of calls but their numbers. */
#include "recorder/code_patches.h"

#include "base/no_memory.h"
#include "base/scope.h"
#include "format/blob_id.h"
#include "recorder/call_stub.h"
#include "recorder/code_watch.h"
#include "task/proc.h"
#include "task/redirect_book.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CODES_MAX 64

struct code {
    uint64_t start, end;
    struct redirect_book *book;
    bool is_changed;
    bool made[REDIRECT_ALL_MAX];
};

struct code_patches {
    size_t n;
    struct code *codes[CODES_MAX];
};

static bool is_plain_code(const Reprise__Mapping *m)
{
    const uint32_t wanted = PROT_READ | PROT_EXEC;
    return (m->prot & (wanted | PROT_WRITE)) == wanted && m->blob.len == BLOB_ID_SIZE &&
           m->object == 0 && m->n_content == 0 && (m->flags & MAP_SHARED) == 0 &&
           (m->valid_len == 0 || m->valid_len == m->len) && m->len <= REDIRECT_CODE_MAX;
}

/* ---- address spaces ---- */

struct code_patches *code_patches_copy(const struct code_patches *p)
{
    if (p == NULL)
        return NULL;
    struct code_patches *copy = calloc(1, sizeof *copy);
    for (size_t i = 0; copy != NULL && i < p->n; i++) {
        copy->codes[i] = malloc(sizeof *copy->codes[i]);
        if (copy->codes[i] == NULL)
            no_memory(); /* nobody would know what is changed in the copied memory */
        *copy->codes[i] = *p->codes[i];
    }
    if (copy == NULL)
        no_memory();
    copy->n = p->n;
    return copy;
}

void code_patches_free(struct code_patches *p)
{
    for (size_t i = 0; p != NULL && i < p->n; i++)
        free(p->codes[i]);
    free(p);
}

void code_patches_add(struct recorder *r, struct task *t, const Reprise__Mapping *m)
{
    struct stub_state *stub = &t->space->stub;
    if (!stub->mapped || !is_plain_code(m))
        return;
    struct code_patches *p = stub->patches;
    if (p == NULL)
        p = stub->patches = calloc(1, sizeof *p);
    struct redirect_book *b =
        redirect_books_get(&r->code_books, sizeof *b, m->blob.data, m->blob_offset, m->len);
    struct code *c = p != NULL && b != NULL && p->n < CODES_MAX ? calloc(1, sizeof *c) : NULL;
    if (c == NULL)
        return; /* its calls stop */
    c->start = m->addr;
    c->end = m->addr + m->len;
    c->book = b;
    p->codes[p->n++] = c;
}

static struct code *find_code(const struct task *t, uint64_t ip)
{
    const struct code_patches *p = t->space->stub.patches;
    for (size_t i = 0; p != NULL && i < p->n; i++)
        if (ip >= p->codes[i]->start && ip < p->codes[i]->end)
            return p->codes[i];
    return NULL;
}

/* ---- changing ---- */

static int open_memory(const struct task *t)
{
    /* private pages are written whatever protects them */
    return open(proc_path(t->tid, "mem").s, O_RDWR | O_CLOEXEC);
}

/* As far as it is before an offset: entries stand behind all else. */
static void restore(const struct task *t, struct code *c, uint64_t before)
{
    int mem SCOPE_CLOSE = -1;
    for (size_t i = c->book->n_changes; i-- > 0;) {
        const struct redirect_known_change *change = &c->book->changes[i];
        if (!c->made[i] || change->new.offset >= before)
            continue;
        if (mem < 0 && (mem = open_memory(t)) < 0)
            return; /* gone */
        if (pwrite(mem, change->was, change->new.len, (off_t)(c->start + change->new.offset)) < 0)
            return;
        c->made[i] = false;
    }
}

void code_patches_drop(struct task *t)
{
    struct code_patches *p = t->space->stub.patches;
    for (size_t i = 0; p != NULL && i < p->n; i++) {
        struct code *c = p->codes[i];
        uint64_t first_entry = c->book->room.hop;
        restore(t, c, first_entry);
        t->space->stub.tell_codes = t->space->stub.tell_codes || c->is_changed;
        c->is_changed = false;
    }
}

/* All that a site needs, or nothing. */
static bool make_changes(const struct task *t, struct code *c, const struct redirect_site *s)
{
    int mem SCOPE_CLOSE = open_memory(t);
    bool ok = mem >= 0;
    for (size_t i = 0; ok && i < 1u + s->n; i++) {
        size_t k = i == 0 ? c->book->hop_change : s->first + i - 1;
        const struct redirect_change *change = &c->book->changes[k].new;
        if (c->made[k])
            continue;
        ok = pwrite(mem, change->bytes, change->len, (off_t)(c->start + change->offset)) ==
             change->len;
        c->made[k] = ok;
    }
    return ok;
}

struct reading {
    const struct task *t;
    const struct code *c;
};

static bool read_code(void *ctx, uint64_t offset, uint8_t *bytes, size_t len)
{
    const struct reading *at = ctx;
    uint64_t addr = at->c->start + offset;
    if (tracee_read_all(at->t->tid, addr, bytes, len) < 0)
        return false;
    code_watch_undo(at->t, addr, bytes, len); /* an int3 would hide where instructions begin */
    return true;
}

size_t code_patches_changed(const struct task *t, struct call_code *ret, size_t max)
{
    const struct code_patches *p = t->space->stub.patches;
    size_t n = 0;
    for (size_t i = 0; p != NULL && i < p->n && n < max; i++)
        if (p->codes[i]->is_changed)
            ret[n++] = (struct call_code){.start = p->codes[i]->start, .end = p->codes[i]->end};
    return n;
}

bool code_patches_change(const struct task *t, uint64_t addr, uint64_t len)
{
    const struct code_patches *p = t->space->stub.patches;
    for (size_t i = 0; p != NULL && i < p->n; i++)
        if (p->codes[i]->is_changed && addr < p->codes[i]->end && len > 0 &&
            addr + len > p->codes[i]->start)
            return true;
    return false;
}

/* A first change is one more for the stub to know of, which knows a few. */
static bool may_change(struct task *t, struct code *c)
{
    struct call_code changed[CALL_CODES_PATCHED];
    if (c->is_changed)
        return true;
    if (code_patches_changed(t, changed, CALL_CODES_PATCHED) == CALL_CODES_PATCHED)
        return false;
    t->space->stub.tell_codes = t->space->stub.reached = true;
    return c->is_changed = true;
}

/* Whether another task is about to make its interrupted call again, by this very instruction: it
 * must not come to the stub, which the one with the token may be using. */
static bool is_restarted_at(const struct recorder *r, const struct task *t, uint64_t ip)
{
    size_t pos = 0;
    for (const struct task *i; t->group->n_tasks > 1 && (i = map64_next(&r->tasks, &pos)) != NULL;)
        if (i != t && i->space == t->space && i->call.restarting && regs_ip(&i->call.regs) == ip)
            return true;
    return false;
}

void code_patches_hit(struct recorder *r, struct task *t, uint64_t ip, int64_t nr)
{
    struct code *c = t->space->stub.off ? NULL : find_code(t, ip);
    if (c == NULL || is_restarted_at(r, t, ip))
        return;
    struct reading at = {.t = t, .c = c};
    const struct redirect_code code = {.read = read_code, .ctx = &at, .len = c->book->len};
    const struct redirect_site *s =
        redirect_book_hit(c->book, &code, ip - c->start, nr, call_stub_at(call_stub_enter));
    if (s != NULL && may_change(t, c) && !make_changes(t, c, s)) {
        restore(t, c, UINT64_MAX);
        c->book->is_stuck = true;
    }
}

void code_patches_touch(struct task *t, uint64_t addr, uint64_t len)
{
    struct code_patches *p = t->space->stub.patches;
    uint64_t end = len > UINT64_MAX - addr ? UINT64_MAX : addr + len;
    for (size_t i = 0; p != NULL && i < p->n;) {
        struct code *c = p->codes[i];
        if (c->start >= end || addr >= c->end) {
            i++;
            continue;
        }
        restore(t, c, UINT64_MAX);
        t->space->stub.tell_codes = t->space->stub.tell_codes || c->is_changed;
        free(c);
        p->codes[i] = p->codes[--p->n];
    }
}

/* ---- looking ---- */

bool code_patches_are_at(const struct task *t, uint64_t ip)
{
    const struct code *c = find_code(t, ip);
    for (size_t i = 0; c != NULL && i < c->book->n_changes; i++)
        if (c->made[i] &&
            ip - c->start - c->book->changes[i].new.offset < c->book->changes[i].new.len)
            return true;
    return false;
}

bool code_patches_leave(const struct task *t, struct user_regs_struct *regs)
{
    const struct code *c = find_code(t, regs_ip(regs));
    uint64_t ip;
    if (c == NULL || !redirect_book_way_back(c->book, c->made, c->start, regs_ip(regs) - c->start,
                                             regs_way_back(regs), &ip))
        return false;
    regs_set_ip(regs, ip);
    return true;
}

void code_patches_undo(const struct task *t, uint64_t addr, uint8_t *bytes, size_t len)
{
    const struct code_patches *p = t->space->stub.patches;
    for (size_t i = 0; p != NULL && i < p->n; i++) {
        const struct code *c = p->codes[i];
        uint64_t skip = addr < c->start ? c->start - addr : 0;
        if (skip < len && addr < c->end)
            redirect_book_undo(c->book, c->made, addr + skip - c->start, bytes + skip, len - skip);
    }
}

/* Owns the list of code mappings of an address space, what is changed in them, and the plans for
 * each file. Knows nothing of calls but their numbers. */
#include "recorder/code_patches.h"

#include "base/no_memory.h"
#include "base/scope.h"
#include "format/blob_id.h"
#include "recorder/call_stub.h"
#include "task/redirect.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FILES_MAX   256
#define SITES_MAX   256
#define CHANGES_MAX (SITES_MAX * (REDIRECT_CHANGES - 1) + 1)
#define CODES_MAX   64
#define HITS        2 /* of a site in all processes: one that comes once is not worth it */
#define CALL_SIZE   2
#define MOV_SIZE    5
#define HOP_SIZE    13

struct site {
    uint64_t offset; /* behind the instruction */
    unsigned hits;
    bool is_planned;
    uint16_t first, n; /* of its changes */
    uint64_t entry;
    uint8_t entry_len;
    bool has_mov;
    uint64_t filler; /* 0: none */
};

struct change {
    uint64_t offset;
    uint8_t len, was[REDIRECT_BYTES], bytes[REDIRECT_BYTES];
};

struct code_file {
    struct code_file *next;
    uint8_t id[BLOB_ID_SIZE];
    uint64_t blob_offset, len;
    bool has_room, is_stuck;
    struct redirect_room room;
    struct site sites[SITES_MAX];
    size_t n_sites;
    struct change changes[CHANGES_MAX]; /* the first is the hop */
    size_t n_changes;
};

struct code {
    uint64_t start, end;
    struct code_file *file;
    bool is_changed;
    bool made[CHANGES_MAX];
};

struct code_patches {
    size_t n;
    struct code *codes[CODES_MAX];
};

/* ---- files ---- */

static bool is_plain_code(const Reprise__Mapping *m)
{
    const uint32_t wanted = PROT_READ | PROT_EXEC;
    return (m->prot & (wanted | PROT_WRITE)) == wanted && m->blob.len == BLOB_ID_SIZE &&
           m->object == 0 && m->n_content == 0 && (m->flags & MAP_SHARED) == 0 &&
           (m->valid_len == 0 || m->valid_len == m->len) && m->len <= REDIRECT_CODE_MAX;
}

static struct code_file *find_file(struct recorder *r, const Reprise__Mapping *m)
{
    size_t n = 0;
    for (struct code_file *f = r->code_files; f != NULL; f = f->next, n++)
        if (memcmp(f->id, m->blob.data, BLOB_ID_SIZE) == 0 && f->blob_offset == m->blob_offset &&
            f->len == m->len)
            return f;
    struct code_file *f = n < FILES_MAX ? calloc(1, sizeof *f) : NULL;
    if (f == NULL)
        return NULL;
    memcpy(f->id, m->blob.data, BLOB_ID_SIZE);
    f->blob_offset = m->blob_offset;
    f->len = m->len;
    f->next = r->code_files;
    r->code_files = f;
    return f;
}

void code_files_free(struct recorder *r)
{
    for (struct code_file *f = r->code_files, *next; f != NULL; f = next) {
        next = f->next;
        free(f);
    }
    r->code_files = NULL;
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
    struct code_file *f = find_file(r, m);
    struct code *c = p != NULL && f != NULL && p->n < CODES_MAX ? calloc(1, sizeof *c) : NULL;
    if (c == NULL)
        return; /* its calls stop */
    c->start = m->addr;
    c->end = m->addr + m->len;
    c->file = f;
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
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", (int)t->tid);
    return open(path, O_RDWR | O_CLOEXEC); /* private pages are written whatever protects them */
}

/* As far as it is before an offset: entries stand behind all else. */
static void restore(const struct task *t, struct code *c, uint64_t before)
{
    int mem SCOPE_CLOSE = -1;
    for (size_t i = c->file->n_changes; i-- > 0;) {
        const struct change *change = &c->file->changes[i];
        if (!c->made[i] || change->offset >= before)
            continue;
        if (mem < 0 && (mem = open_memory(t)) < 0)
            return; /* gone */
        if (pwrite(mem, change->was, change->len, (off_t)(c->start + change->offset)) < 0)
            return;
        c->made[i] = false;
    }
}

void code_patches_drop(struct task *t)
{
    struct code_patches *p = t->space->stub.patches;
    for (size_t i = 0; p != NULL && i < p->n; i++) {
        struct code *c = p->codes[i];
        uint64_t first_entry = c->file->n_changes > 0 ? c->file->changes[0].offset : 0;
        restore(t, c, first_entry);
        t->space->stub.tell_codes = t->space->stub.tell_codes || c->is_changed;
        c->is_changed = false;
    }
}

/* All that a site needs, or nothing. */
static bool make_changes(const struct task *t, struct code *c, const struct site *s)
{
    int mem SCOPE_CLOSE = open_memory(t);
    bool ok = mem >= 0;
    for (size_t i = 0; ok && i < 1u + s->n; i++) {
        size_t k = i == 0 ? 0 : s->first + i - 1;
        const struct change *change = &c->file->changes[k];
        if (c->made[k])
            continue;
        ok = pwrite(mem, change->bytes, change->len, (off_t)(c->start + change->offset)) ==
             change->len;
        c->made[k] = ok;
    }
    return ok;
}

/* ---- planning ---- */

struct reading {
    const struct task *t;
    const struct code *c;
};

/* The code with all changes, whether they are made there or not. */
static bool read_code(void *ctx, uint64_t offset, uint8_t *bytes, size_t len)
{
    const struct reading *at = ctx;
    const struct code_file *f = at->c->file;
    if (tracee_read_all(at->t->tid, at->c->start + offset, bytes, len) < 0)
        return false;
    for (size_t i = 0; i < f->n_changes; i++)
        for (uint64_t k = 0; k < f->changes[i].len; k++)
            if (f->changes[i].offset + k - offset < len)
                bytes[f->changes[i].offset + k - offset] = f->changes[i].bytes[k];
    return true;
}

static struct site *find_site(struct code_file *f, uint64_t offset)
{
    for (size_t i = 0; i < f->n_sites; i++)
        if (f->sites[i].offset == offset)
            return &f->sites[i];
    if (f->n_sites == SITES_MAX)
        return NULL;
    f->sites[f->n_sites] = (struct site){.offset = offset};
    return &f->sites[f->n_sites++];
}

static bool add_change(const struct redirect_code *code, struct code_file *f,
                       const struct redirect_change *new)
{
    struct change *c = &f->changes[f->n_changes];
    *c = (struct change){.offset = new->offset, .len = new->len};
    memcpy(c->bytes, new->bytes, new->len);
    return code->read(code->ctx, c->offset, c->was, c->len) && f->n_changes++ < CHANGES_MAX;
}

/* The last change is at the instruction, or at the mov before it; the entry is the one before the
 * last, or, if there is a filler, before that. */
static void describe(struct site *s, const struct redirect_plan *plan)
{
    const struct redirect_change *last = &plan->v[plan->n - 1];
    s->has_mov = last->len == MOV_SIZE;
    if (!s->has_mov)
        s->filler = plan->v[plan->n - 2].offset;
    const struct redirect_change *entry = &plan->v[plan->n - (s->has_mov ? 2 : 3)];
    s->entry = entry->offset;
    s->entry_len = entry->len;
}

static void plan(const struct task *t, const struct code *c, struct site *s, int64_t nr)
{
    struct code_file *f = c->file;
    struct reading at = {.t = t, .c = c};
    struct redirect_code code = {.read = read_code, .ctx = &at, .len = f->len};
    struct redirect_plan new;
    if (!f->has_room && !(f->has_room = redirect_find_room(&code, &f->room))) {
        f->is_stuck = true;
        return;
    }
    if (f->n_changes + REDIRECT_CHANGES > CHANGES_MAX ||
        !redirect_make_plan(&code, s->offset, nr, call_stub_at(call_stub_enter), &f->room, &new))
        return;
    size_t first = f->n_changes;
    for (size_t i = 0; i < new.n; i++)
        if (!add_change(&code, f, &new.v[i])) {
            f->n_changes = first;
            f->is_stuck = true;
            return;
        }
    bool made_hop = first == 0;
    s->first = (uint16_t)(first + made_hop);
    s->n = (uint16_t)(new.n - made_hop);
    describe(s, &new);
    s->is_planned = true;
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
    struct call_code changed[CALL_CODES];
    if (c->is_changed)
        return true;
    if (code_patches_changed(t, changed, CALL_CODES) == CALL_CODES)
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
        if (i != t && i->space == t->space && i->call.restarting && i->call.regs.rip == ip)
            return true;
    return false;
}

void code_patches_hit(struct recorder *r, struct task *t, uint64_t ip, int64_t nr)
{
    struct code *c = t->space->stub.off ? NULL : find_code(t, ip);
    if (c == NULL || c->file->is_stuck || is_restarted_at(r, t, ip))
        return;
    struct site *s = find_site(c->file, ip - c->start);
    if (s == NULL || (!s->is_planned && s->hits >= HITS))
        return;
    s->hits += s->hits < HITS;
    if (s->hits == HITS && !s->is_planned)
        plan(t, c, s, nr);
    if (s->is_planned && may_change(t, c) && !make_changes(t, c, s)) {
        restore(t, c, UINT64_MAX);
        c->file->is_stuck = true;
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
    for (size_t i = 0; c != NULL && i < c->file->n_changes; i++)
        if (c->made[i] && ip - c->start - c->file->changes[i].offset < c->file->changes[i].len)
            return true;
    return false;
}

bool code_patches_leave(const struct task *t, struct user_regs_struct *regs)
{
    const struct code *c = find_code(t, regs->rip);
    if (c == NULL || c->file->n_changes == 0)
        return false;
    uint64_t offset = regs->rip - c->start;
    if (offset - c->file->room.hop < HOP_SIZE) {
        regs->rip = regs->rcx - CALL_SIZE;
        return true;
    }
    for (size_t i = 0; i < c->file->n_sites; i++) {
        const struct site *s = &c->file->sites[i];
        if (!s->is_planned || !c->made[s->first])
            continue;
        bool at_filler = s->filler != 0 && offset == s->filler;
        if (!at_filler && offset - s->entry >= s->entry_len)
            continue;
        bool before_mov = s->has_mov && offset == s->entry;
        regs->rip = c->start + s->offset - CALL_SIZE - (before_mov ? MOV_SIZE : 0);
        return true;
    }
    return false;
}

void code_patches_undo(const struct task *t, uint64_t addr, uint8_t *bytes, size_t len)
{
    const struct code_patches *p = t->space->stub.patches;
    for (size_t i = 0; p != NULL && i < p->n; i++) {
        const struct code *c = p->codes[i];
        if (c->start >= addr + len || addr >= c->end)
            continue;
        for (size_t k = 0; k < c->file->n_changes; k++)
            for (uint64_t b = 0; c->made[k] && b < c->file->changes[k].len; b++)
                if (c->start + c->file->changes[k].offset + b - addr < len)
                    bytes[c->start + c->file->changes[k].offset + b - addr] =
                        c->file->changes[k].was[b];
    }
}

/* Owns the list of code mappings of an address space, and which of them are of a changed copy. */
#include "replayer/call_sites.h"

#include "replayer/code_files.h"
#include "replayer/memory_files.h"
#include "replayer/zygote.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define CODES_MAX 256

struct code {
    uint64_t start, end;
    uint32_t prot;
    struct code_file *file;
    bool is_copy;
};

struct call_sites {
    unsigned refs;
    bool gave_up;
    size_t n;
    struct code codes[CODES_MAX];
};

struct call_sites *call_sites_new(void)
{
    struct call_sites *s = malloc(sizeof *s);
    if (s == NULL)
        return NULL;
    s->refs = 1;
    s->gave_up = false;
    s->n = 0;
    return s;
}

struct call_sites *call_sites_ref(struct call_sites *s)
{
    if (s != NULL)
        s->refs++;
    return s;
}

struct call_sites *call_sites_copy(const struct call_sites *s)
{
    if (s == NULL)
        return NULL;
    struct call_sites *copy = call_sites_new();
    if (copy == NULL)
        return NULL;
    copy->gave_up = s->gave_up;
    copy->n = s->n;
    memcpy(copy->codes, s->codes, s->n * sizeof *s->codes);
    return copy;
}

bool call_sites_has_room(const struct rtask *t)
{
    return t->sites != NULL && !t->sites->gave_up && t->sites->n < CODES_MAX;
}

void call_sites_unref(struct call_sites *s)
{
    if (s != NULL && --s->refs == 0)
        free(s);
}

void call_sites_add(struct rtask *t, const Reprise__Mapping *m, struct code_file *f, bool is_copy)
{
    struct call_sites *s = t->sites;
    assert(call_sites_has_room(t));
    s->codes[s->n++] = (struct code){.start = m->addr,
                                     .end = m->addr + m->len,
                                     .prot = m->prot & (PROT_READ | PROT_WRITE | PROT_EXEC),
                                     .file = f,
                                     .is_copy = is_copy};
}

static int map(struct replayer *r, struct rtask *t, struct code *c, int fd, uint64_t offset)
{
    int theirs = memory_file_in_tasks(r, fd);
    if (theirs < 0)
        return theirs;
    int64_t got = zygote_call(r, t->pid, SYS_mmap, c->start, c->end - c->start, c->prot,
                              MAP_PRIVATE | MAP_FIXED, (uint64_t)(int64_t)theirs, offset);
    if (got == (int64_t)c->start)
        return 0;
    return err_sys(r->err, got < 0 ? (int)-got : EFAULT, "cannot map code at %#llx",
                   (unsigned long long)c->start);
}

static int restore(struct replayer *r, struct rtask *t, struct code *c)
{
    int fd;
    uint64_t offset;
    if (!c->is_copy)
        return 0;
    int err = code_file_original(r, c->file, &fd, &offset);
    return err < 0 ? err : map(r, t, c, fd, offset);
}

int call_sites_hit(struct replayer *r, struct rtask *t, uint64_t ip, int64_t nr)
{
    struct call_sites *s = t->sites;
    for (size_t i = 0; s != NULL && i < s->n; i++) {
        struct code *c = &s->codes[i];
        if (ip < c->start || ip >= c->end)
            continue;
        if (!code_file_hit(r, c->file, ip - c->start, nr) || c->is_copy)
            return 0;
        c->is_copy = true;
        return map(r, t, c, code_file_fd(c->file), 0);
    }
    return 0;
}

int call_sites_touch(struct replayer *r, struct rtask *t, uint64_t addr, uint64_t len)
{
    struct call_sites *s = t->sites;
    for (size_t i = 0; s != NULL && i < s->n;) {
        struct code c = s->codes[i];
        if (c.start >= addr + len || addr >= c.end) {
            i++;
            continue;
        }
        s->codes[i] = s->codes[--s->n];
        int err = restore(r, t, &c);
        if (err < 0)
            return err;
    }
    return 0;
}

int call_sites_lift(struct replayer *r, struct rtask *t, uint64_t addr)
{
    struct call_sites *s = t->sites;
    for (size_t i = 0; s != NULL && i < s->n; i++) {
        struct code *c = &s->codes[i];
        if (addr < c->start || addr >= c->end)
            continue;
        int err = restore(r, t, c);
        c->is_copy = false;
        return err;
    }
    return 0;
}

int call_sites_give_up(struct replayer *r, struct rtask *t)
{
    if (t->sites == NULL || t->sites->gave_up)
        return 0;
    t->sites->gave_up = true;
    return call_sites_touch(r, t, 0, UINT64_MAX);
}

void call_sites_undo(const struct rtask *t, uint64_t addr, uint8_t *bytes, uint64_t len)
{
    const struct call_sites *s = t->sites;
    for (size_t i = 0; s != NULL && i < s->n; i++) {
        const struct code *c = &s->codes[i];
        if (!c->is_copy || c->start >= addr + len || addr >= c->end)
            continue;
        uint64_t skip = addr < c->start ? c->start - addr : 0;
        code_file_undo(c->file, addr + skip - c->start, bytes + skip, len - skip);
    }
}

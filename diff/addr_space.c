/* Owns the list of mappings of a process, sorted by address. Overlaps cannot be: what is mapped
 * replaces what was there. */
#include "diff/addr_space.h"

#include "diff/mixer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define TOKEN_STACK     0x737461636bu
#define TOKEN_HEAP      0x68656170u
#define TOKEN_ANONYMOUS 0x616e6f6eu

struct addr_space {
    size_t refs;
    struct addr_space_files *files;
    struct addr_space_region *v;
    size_t n, cap;
    uint64_t brk; /* 0: not known yet */
};

void addr_space_files_done(struct addr_space_files *files)
{
    for (size_t i = 0; i < files->n; i++)
        free(files->v[i].name);
    free(files->v);
    *files = (struct addr_space_files){0};
}

int addr_space_new(struct addr_space_files *files, struct addr_space **ret)
{
    struct addr_space *s = calloc(1, sizeof *s);
    if (s == NULL)
        return -ENOMEM;
    s->refs = 1;
    s->files = files;
    *ret = s;
    return 0;
}

struct addr_space *addr_space_ref(struct addr_space *s)
{
    s->refs++;
    return s;
}

void addr_space_unref(struct addr_space *s)
{
    if (s == NULL || --s->refs > 0)
        return;
    free(s->v);
    free(s);
}

int addr_space_copy(const struct addr_space *s, struct addr_space **ret)
{
    struct addr_space *copy = calloc(1, sizeof *copy);
    if (copy == NULL)
        return -ENOMEM;
    *copy = *s;
    copy->refs = 1;
    copy->cap = s->n;
    copy->v = NULL;
    if (s->n > 0) {
        copy->v = malloc(s->n * sizeof *copy->v);
        if (copy->v == NULL) {
            free(copy);
            return -ENOMEM;
        }
        memcpy(copy->v, s->v, s->n * sizeof *copy->v);
    }
    *ret = copy;
    return 0;
}

/* The first region that ends above the address. */
static size_t place_of(const struct addr_space *s, uint64_t address)
{
    size_t low = 0, high = s->n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (s->v[mid].end <= address)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static int insert(struct addr_space *s, size_t at, const struct addr_space_region *region)
{
    if (s->n == s->cap) {
        size_t cap = s->cap * 2 + 32;
        struct addr_space_region *v = reallocarray(s->v, cap, sizeof *v);
        if (v == NULL)
            return -ENOMEM;
        s->v = v;
        s->cap = cap;
    }
    memmove(s->v + at + 1, s->v + at, (s->n - at) * sizeof *s->v);
    s->v[at] = *region;
    s->n++;
    return 0;
}

static int unmap(struct addr_space *s, uint64_t start, uint64_t len)
{
    if (s->n == 0)
        return 0;
    uint64_t end = start + len < start ? UINT64_MAX : start + len;
    size_t from = place_of(s, start);
    if (from < s->n && s->v[from].start < start) {
        if (s->v[from].end > end) {
            struct addr_space_region rest = s->v[from];
            rest.start = end;
            s->v[from].end = start;
            return insert(s, from + 1, &rest);
        }
        s->v[from].end = start;
        from++;
    }
    size_t to = from;
    while (to < s->n && s->v[to].end <= end)
        to++;
    if (to < s->n && s->v[to].start < end)
        s->v[to].start = end;
    memmove(s->v + from, s->v + to, (s->n - to) * sizeof *s->v);
    s->n -= to - from;
    return 0;
}

static int map(struct addr_space *s, const struct addr_space_region *region)
{
    if (region->end <= region->start)
        return 0;
    int r = unmap(s, region->start, region->end - region->start);
    return r < 0 ? r : insert(s, place_of(s, region->start), region);
}

static bool same_file(const struct addr_space_file *f, const Reprise__Mapping *m)
{
    return f->has_blob == (m->blob.len == sizeof f->blob) &&
           (!f->has_blob || memcmp(f->blob, m->blob.data, sizeof f->blob) == 0) &&
           f->blob_offset == m->file_offset - m->blob_offset && strlen(f->name) == m->name.len &&
           memcmp(f->name, m->name.data, m->name.len) == 0;
}

/* Few files are mapped, those of late most often. */
static int find_file(struct addr_space_files *files, const Reprise__Mapping *m, uint32_t *ret)
{
    for (size_t i = files->n; i > 0; i--) {
        if (!same_file(&files->v[i - 1], m))
            continue;
        *ret = (uint32_t)i;
        return 0;
    }
    if (files->n >= UINT16_MAX) { /* enough to tell symbols; a trace may lie */
        *ret = 0;
        return 0;
    }
    if (files->n == files->cap) {
        size_t cap = files->cap * 2 + 16;
        struct addr_space_file *v = reallocarray(files->v, cap, sizeof *v);
        if (v == NULL)
            return -ENOMEM;
        files->v = v;
        files->cap = cap;
    }
    struct addr_space_file *f = &files->v[files->n];
    *f = (struct addr_space_file){.name = strndup((const char *)m->name.data, m->name.len),
                                  .has_blob = m->blob.len == sizeof f->blob,
                                  .blob_offset = m->file_offset - m->blob_offset};
    if (f->name == NULL)
        return -ENOMEM;
    if (f->has_blob)
        memcpy(f->blob, m->blob.data, sizeof f->blob);
    *ret = (uint32_t)++files->n;
    return 0;
}

static bool is_name(const Reprise__Mapping *m, const char *name)
{
    return m->name.len == strlen(name) && memcmp(m->name.data, name, m->name.len) == 0;
}

static int add(struct addr_space *s, const Reprise__Mapping *m, bool heap,
               addr_space_hash *hash_name, void *ctx)
{
    struct addr_space_region region = {
        .start = m->addr,
        .end = m->addr + m->len < m->addr ? UINT64_MAX : m->addr + m->len,
        .base = m->addr,
        .token = TOKEN_ANONYMOUS,
    };
    if (heap || is_name(m, "[heap]")) {
        region.kind = SPACE_HEAP;
        region.token = TOKEN_HEAP;
        region.base = s->brk != 0 ? s->brk : m->addr;
    } else if (is_name(m, "[stack]")) {
        region.kind = SPACE_STACK;
        region.token = TOKEN_STACK;
    } else if (m->name.len > 0 && m->name.data[0] == '/') {
        region.kind = SPACE_FILE;
        region.token = hash_name(ctx, m->name.data, m->name.len);
        region.base = m->addr - m->file_offset;
        int r = find_file(s->files, m, &region.file);
        if (r < 0)
            return r;
    }
    return map(s, &region);
}

int addr_space_load(struct addr_space *s, const Reprise__Image *image, addr_space_hash *hash_name,
                    void *ctx)
{
    s->n = 0;
    s->brk = 0;
    for (size_t i = 0; image != NULL && i < image->n_mappings; i++) {
        int r = add(s, image->mappings[i], false, hash_name, ctx);
        if (r < 0)
            return r;
    }
    return 0;
}

/* What lies at [addr, addr + len) is found at new_addr from now on. */
static int move(struct addr_space *s, const Reprise__MapOp *op)
{
    size_t at = place_of(s, op->addr);
    if (at >= s->n || s->v[at].start > op->addr)
        return 0;
    struct addr_space_region region = s->v[at];
    region.base += op->new_addr - op->addr;
    region.start = op->new_addr;
    region.end =
        op->new_addr + op->new_len < op->new_addr ? UINT64_MAX : op->new_addr + op->new_len;
    bool keeps = (op->flags & MREMAP_DONTUNMAP) != 0 || op->len == 0;
    int r = keeps ? 0 : unmap(s, op->addr, op->len);
    return r < 0 ? r : map(s, &region);
}

int addr_space_change(struct addr_space *s, const Reprise__MapOp *op, bool heap,
                      addr_space_hash *hash_name, void *ctx)
{
    switch (op->op) {
    case REPRISE__MAP_OP__OP__MAP:
        return op->mapping != NULL ? add(s, op->mapping, heap, hash_name, ctx) : 0;
    case REPRISE__MAP_OP__OP__UNMAP:
        return unmap(s, op->addr, op->len);
    case REPRISE__MAP_OP__OP__REMAP:
        return move(s, op);
    case REPRISE__MAP_OP__OP__PROTECT: /* what is there stays there */
    case REPRISE__MAP_OP__OP__ADVISE:
    case REPRISE__MAP_OP__OP__TRUNCATE:
    case REPRISE__MAP_OP__OP__RESIZE:
    case REPRISE__MAP_OP__OP__OBJECT_WRITE:
    case REPRISE__MAP_OP__OP__PKEY_ALLOC:
    case REPRISE__MAP_OP__OP__PKEY_FREE:
    case _REPRISE__MAP_OP__OP_IS_INT_SIZE:
        break;
    }
    return 0;
}

void addr_space_note_brk(struct addr_space *s, uint64_t address)
{
    if (s->brk == 0)
        s->brk = address;
}

const struct addr_space_region *addr_space_find(const struct addr_space *s, uint64_t address)
{
    if (s == NULL)
        return NULL;
    size_t at = place_of(s, address);
    return at < s->n && s->v[at].start <= address ? &s->v[at] : NULL;
}

uint64_t addr_space_token(const struct addr_space *s, uint64_t address)
{
    const struct addr_space_region *region = addr_space_find(s, address);
    if (region == NULL)
        return s != NULL && s->brk != 0 && address == s->brk ? TOKEN_HEAP : 0;
    if (region->kind != SPACE_FILE)
        return region->token;
    uint64_t token = mix_u64(region->token, address - region->base);
    return token != 0 ? token : 1;
}

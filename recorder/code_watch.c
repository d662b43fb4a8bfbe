/* Owns what memory calls of the program mean for its code: what is held back, kept in mind or
 * forgotten, and what is given back for the time of a call. */
#include "recorder/code_watch.h"

#include "base/no_memory.h"
#include "base/page.h"
#include "recorder/code_hold.h"
#include "recorder/hot_reads.h"
#include "recorder/known_code.h"
#include "recorder/poke.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void code_watch_add_touched(struct code_watch *w, uint64_t start, uint64_t end)
{
    struct span *v = reallocarray(w->touched, w->n_touched + 1, sizeof *v);
    if (v == NULL)
        no_memory();
    v[w->n_touched++] = (struct span){start, end};
    w->touched = v;
}

struct code_watch *code_watch_copy(const struct code_watch *w)
{
    if (w == NULL)
        return NULL;
    struct code_watch *copy = calloc(1, sizeof *copy);
    if (copy == NULL)
        no_memory();
    code_areas_copy(&copy->areas, &w->areas);
    rewrites_copy(&copy->rewrites, &w->rewrites);
    copy->never_holds = w->never_holds;
    for (size_t i = 0; i < w->n_touched; i++)
        code_watch_add_touched(copy, w->touched[i].start, w->touched[i].end);
    copy->has_jumps = w->has_jumps;
    copy->no_jumps = w->no_jumps;
    copy->rewrites_reads = w->rewrites_reads;
    return copy;
}

void code_watch_free(struct code_watch *w)
{
    if (w == NULL)
        return;
    code_areas_done(&w->areas);
    rewrites_done(&w->rewrites);
    free(w->touched);
    free(w);
}

struct code_watch *code_watch_of(const struct recorder *r, struct task *t)
{
    struct space *s = t->space;
    if (r->options->no_patch || !s->has_vdso)
        return NULL;
    if (s->code == NULL && (s->code = calloc(1, sizeof *s->code)) == NULL)
        no_memory();
    return s->code;
}

/* ---- mappings come, change and go ---- */

/* Rewrites at once, where holding back is no use or not possible. */
static void rewrite_now(struct recorder *r, struct task *t, struct code_area area,
                        Reprise__Mapping *m)
{
    struct emit_list content = {0};
    for (size_t i = 0; i < m->n_content; i++)
        emit_push(r, &content, m->content[i]);
    area.state = AREA_SEEN;
    code_areas_put(&t->space->code->areas, &area);
    code_hold_rewrite_known(r, t, &area, &content);
    m->content = (Reprise__Range **)content.v;
    m->n_content = content.n;
}

static const struct known_code *known_of(struct recorder *r, const Reprise__Mapping *m,
                                         const char *path)
{
    struct blob_id id;
    if (path == NULL || m->blob.len != sizeof id.bytes || (m->prot & PROT_WRITE) != 0)
        return NULL;
    memcpy(id.bytes, m->blob.data, sizeof id.bytes);
    return known_code_get(r, path, &id, m->blob_offset, m->file_offset, m->len);
}

static bool is_plain(const struct recorder *r, const struct code_watch *w,
                     const struct known_code *known)
{
    for (size_t i = 0; i < known->sites.n; i++)
        if (code_hold_wants(r, w, known->sites.v[i].kind))
            return false;
    return known->sites.uncertain == 0;
}

void code_watch_mapped(struct recorder *r, struct task *t, Reprise__Mapping *m, const char *path,
                       struct emit_list *map, bool in_image)
{
    struct code_watch *w = code_watch_of(r, t);
    if (w == NULL)
        return;
    struct code_area area = {.start = m->addr, .end = m->addr + m->len, .prot = m->prot};
    code_watch_unmapped(t, m->addr, m->len);
    if ((m->flags & MAP_SHARED) != 0) {
        area.state = AREA_SHARED;
        code_areas_put(&w->areas, &area);
        return;
    }
    if ((m->prot & PROT_EXEC) == 0)
        return;
    area.known = known_of(r, m, path);
    area.pristine = area.known != NULL;
    if (area.known != NULL && (in_image || !code_hold_may(t) || is_plain(r, w, area.known)))
        rewrite_now(r, t, area, m);
    else if (!in_image)
        code_hold(r, t, area, map);
}

/* What becomes of a part of the range that has another permission from here on. */
static void protected_part(struct recorder *r, struct task *t, struct code_area part,
                           struct emit_list *map)
{
    struct code_areas *areas = &t->space->code->areas;
    part.pristine = false;
    if ((part.prot & PROT_EXEC) != 0) {
        code_hold(r, t, part, map);
    } else if (part.known != NULL) {
        part.state = AREA_IDLE;
        code_areas_put(areas, &part);
    } else {
        code_areas_remove(areas, part.start, part.end);
    }
}

void code_watch_protected(struct recorder *r, struct task *t, uint64_t addr, uint64_t len,
                          uint32_t prot, struct emit_list *map)
{
    struct code_watch *w = code_watch_of(r, t);
    uint64_t end = addr + len;
    if (w == NULL)
        return;
    for (uint64_t at = addr; at < end;) {
        size_t i = code_areas_first(&w->areas, at);
        const struct code_area *next =
            i < w->areas.n && w->areas.v[i].start < end ? &w->areas.v[i] : NULL;
        struct code_area part = {.start = at, .end = end, .prot = prot};
        if (next != NULL && next->start > at) {
            part.end = next->start;
        } else if (next != NULL) {
            part = code_area_part(next, at, end);
            part.prot = prot;
        }
        at = part.end;
        if (part.state != AREA_SHARED)
            protected_part(r, t, part, map);
    }
}

void code_watch_unmapped(struct task *t, uint64_t addr, uint64_t len)
{
    struct code_watch *w = t->space->code;
    if (w == NULL)
        return;
    code_areas_remove(&w->areas, addr, addr + len);
    rewrites_forget(&w->rewrites, addr, addr + len);
}

void code_watch_moved(struct recorder *r, struct task *t, uint64_t addr, uint64_t len,
                      uint64_t new_addr, uint64_t new_len, struct emit_list *map)
{
    struct code_watch *w = t->space->code;
    const struct code_area *old = w != NULL ? code_areas_find(&w->areas, addr) : NULL;
    struct code_area area = old != NULL ? code_area_part(old, addr, addr + len)
                                        : (struct code_area){.state = AREA_IDLE};
    if (w == NULL)
        return;
    code_watch_unmapped(t, addr, len);
    code_watch_unmapped(t, new_addr, new_len);
    if (area.state == AREA_IDLE)
        return;
    area.start = new_addr;
    area.end = new_addr + new_len;
    area.pristine = false;
    if (area.state == AREA_SHARED)
        code_areas_put(&w->areas, &area);
    else
        code_hold(r, t, area, map);
}

/* ---- around calls ---- */

struct restoring {
    struct recorder *r;
    struct emit_list out;
};

static void note_restored(void *ctx, const struct rewrite *rewrite)
{
    struct restoring *on = ctx;
    ProtobufCBinaryData byte = emit_copy(on->r, rewrite->original, 1);
    emit_push(on->r, &on->out, emit_bytes(on->r, rewrite->addr, byte.data, 1));
}

void code_watch_touch(struct recorder *r, struct task *t, uint64_t addr, uint64_t len)
{
    struct code_watch *w = t->space->code;
    uint64_t end = len > UINT64_MAX - addr ? UINT64_MAX : addr + len;
    if (w == NULL)
        return;
    addr = rewrites_begin(&w->rewrites, addr);
    if (!code_watch_changes(t, addr, end - addr))
        return;
    struct restoring on = {.r = r};
    hot_reads_stop_in(r, t, addr, end, &on.out);
    rewrites_unmake(&w->rewrites, t->tid, addr, end, note_restored, &on);
    code_watch_add_touched(w, addr, end);
    if (on.out.n > 0)
        poke_ranges_before_call(r, t, &on.out);
}

static void hold_again(struct recorder *r, struct task *t, const struct span *s,
                       struct emit_list *map)
{
    const struct code_areas *areas = &t->space->code->areas;
    uint64_t end = (s->end + PAGE - 1) & ~(PAGE - 1);
    for (uint64_t at = s->start & ~(PAGE - 1); at < end;) {
        size_t i = code_areas_first(areas, at);
        if (i == areas->n || areas->v[i].start >= end)
            return;
        struct code_area part = code_area_part(&areas->v[i], at, end);
        at = part.end;
        if (part.state != AREA_SEEN)
            continue;
        part.pristine = false;
        code_hold(r, t, part, map);
    }
}

void code_watch_settle(struct recorder *r, struct task *t, struct emit_list *map,
                       struct emit_list *out)
{
    struct code_watch *w = t->space->code;
    if (w == NULL)
        return;
    for (size_t i = 0; i < w->n_touched; i++)
        hold_again(r, t, &w->touched[i], map);
    w->n_touched = 0;
    code_hold_take_at_once(r, w, out);
}

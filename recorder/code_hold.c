/* Owns the way in which code is held back: its permission is taken, or, where that cannot be, its
 * instructions are rewritten at once; and the events that tell of it. */
#include "recorder/code_hold.h"

#include "base/page.h"
#include "recorder/emit_map.h"
#include "recorder/found_code.h"
#include "recorder/inject.h"
#include "recorder/known_code.h"
#include "recorder/state_saves.h"
#include "task/made_calls.h"

#include <sys/mman.h>

#define AT_ONCE_MAX (4u << 20) /* bytes */

/* ---- rewriting ---- */

bool code_hold_wants(const struct recorder *r, const struct code_watch *w,
                     enum machine_insn_kind kind)
{
    return known_code_wants(r, kind) || (w->rewrites_reads && machine_insn_reads_tsc(kind));
}

static void rewrite_one(struct recorder *r, struct task *t, uint64_t addr,
                        const struct machine_insn *insn, struct emit_list *out)
{
    if (state_saves_restore_at(t, addr) ||
        !rewrites_make(&t->space->code->rewrites, t->tid, addr, insn))
        return;
    r->n_rewritten++;
    uint8_t *int3 = emit_alloc(r, 1);
    *int3 = REWRITE_INT3;
    emit_push(r, out, emit_bytes(r, addr, int3, 1));
}

/* Whether the instruction can be executed to its end: one that begins in what was looked at may end
 * in what was not, and would fault there. */
static bool is_seen(const struct code_areas *areas, uint64_t addr, size_t len)
{
    const struct code_area *begin = code_areas_find(areas, addr);
    const struct code_area *end = code_areas_find(areas, addr + len - 1);
    return begin != NULL && end != NULL && begin->state == AREA_SEEN && end->state == AREA_SEEN;
}

/* As far as it is in the area, if only by its end, and still there. */
static void rewrite_in(struct recorder *r, struct task *t, const struct code_area *area,
                       uint64_t addr, const struct machine_insn *insn, struct emit_list *out)
{
    if (addr < area->end && addr + insn->len > area->start &&
        is_seen(&t->space->code->areas, addr, insn->len))
        rewrite_one(r, t, addr, insn, out);
}

void code_hold_rewrite_known(struct recorder *r, struct task *t, const struct code_area *area,
                             struct emit_list *out)
{
    const struct code_sites *sites = &area->known->sites;
    for (size_t i = 0; i < sites->n; i++)
        if (code_hold_wants(r, t->space->code, sites->v[i].kind))
            rewrite_in(r, t, area, area->start + (sites->v[i].offset - area->offset), &sites->v[i],
                       out);
}

void code_hold_rewrite_found(struct recorder *r, struct task *t, const struct code_area *area,
                             uint64_t ip, struct emit_list *out)
{
    for (uint64_t at = area->start; at < area->end; at += PAGE) {
        struct code_sites sites;
        found_code_look(r, t, at, at + PAGE, ip, &sites);
        for (size_t i = 0; i < sites.n; i++)
            if (code_hold_wants(r, t->space->code, sites.v[i].kind))
                rewrite_in(r, t, area, sites.v[i].offset, &sites.v[i], out);
        code_sites_done(&sites);
    }
}

/* ---- holding back ---- */

bool code_hold_may(const struct task *t)
{
    return !t->space->code->never_holds && !t->filtered && !t->strict;
}

int64_t code_hold_protect(struct task *t, const struct code_area *area, uint32_t prot)
{
    const uint64_t args[6] = {area->start, area->end - area->start, prot};
    return inject_call(t, NR_MPROTECT, args);
}

void code_hold_tell_protection(struct recorder *r, const struct code_area *area, uint32_t prot,
                               struct emit_list *map)
{
    Reprise__MapOp *op = emit_map_op(r, REPRISE__MAP_OP__OP__PROTECT, map);
    op->addr = area->start;
    op->len = area->end - area->start;
    op->prot = prot;
    op->by_recorder = true;
}

void code_hold(struct recorder *r, struct task *t, struct code_area area, struct emit_list *map)
{
    struct code_watch *w = t->space->code;
    uint32_t without = area.prot & ~(uint32_t)PROT_EXEC;
    bool held = code_hold_may(t) && code_hold_protect(t, &area, without) == 0;
    area.state = held ? AREA_HELD : AREA_SEEN;
    code_areas_put(&w->areas, &area);
    if (held)
        code_hold_tell_protection(r, &area, without, map);
    else if (area.known != NULL)
        code_hold_rewrite_known(r, t, &area, &w->at_once);
    else if (area.end - area.start <= AT_ONCE_MAX)
        code_hold_rewrite_found(r, t, &area, 0, &w->at_once);
}

/* The first fetch of the page will tell. */
void code_hold_doubts(struct recorder *r, struct task *t, const struct code_area *area,
                      struct emit_list *map)
{
    const struct code_sites *sites = &area->known->sites;
    for (size_t i = 0; i < sites->uncertain; i++) {
        uint64_t page = (area->start + (sites->doubts[i] - area->offset)) & ~(PAGE - 1);
        struct code_area part = code_area_part(area, page, page + PAGE);
        if (sites->doubts[i] < area->offset || part.start >= part.end)
            continue;
        part.known = NULL;
        part.pristine = false;
        code_hold(r, t, part, map);
    }
}

void code_hold_take_at_once(struct recorder *r, struct code_watch *w, struct emit_list *out)
{
    for (size_t i = 0; i < w->at_once.n; i++)
        emit_push(r, out, w->at_once.v[i]);
    w->at_once = (struct emit_list){0};
}

void code_watch_emit_remade(struct recorder *r, const struct code_area *area, struct emit_list *out,
                            struct emit_list *map)
{
    const struct known_code *k = area->known;
    Reprise__Mapping *m =
        emit_mapping(r, area->start, area->end - area->start, area->prot, MAP_PRIVATE, map);
    m->blob = emit_copy(r, k->id.bytes, BLOB_ID_SIZE);
    m->blob_offset = k->start + area->offset;
    m->content = (Reprise__Range **)out->v;
    m->n_content = out->n;
    *out = (struct emit_list){0};
}

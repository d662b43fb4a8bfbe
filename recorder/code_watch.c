/* Owns the decision what is held back, and the events that tell of it. */
#include "recorder/code_watch.h"

#include "base/no_memory.h"
#include "recorder/code_watch_private.h"
#include "recorder/emit_map.h"
#include "recorder/forced_signals.h"
#include "recorder/found_code.h"
#include "recorder/group.h"
#include "recorder/hot_reads.h"
#include "recorder/inject.h"
#include "recorder/known_code.h"
#include "recorder/loop.h"
#include "recorder/poke.h"
#include "recorder/signals.h"
#include "recorder/state_saves.h"
#include "vdso/clock_ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define PAGE           4096ull
#define LOOKS_MAX      256u
#define VAIN_LOOKS_MAX 64u
#define AT_ONCE_MAX    (4u << 20) /* bytes */

static void add_touched(struct code_watch *w, uint64_t start, uint64_t end)
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
        add_touched(copy, w->touched[i].start, w->touched[i].end);
    copy->has_jumps = w->has_jumps;
    copy->no_jumps = w->no_jumps;
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

/* NULL: nothing is rewritten in this program. */
static struct code_watch *watch_of(const struct recorder *r, struct task *t)
{
    struct space *s = t->space;
    if (r->options->no_patch || !s->has_vdso)
        return NULL;
    if (s->code == NULL && (s->code = calloc(1, sizeof *s->code)) == NULL)
        no_memory();
    return s->code;
}

static bool may_hold(const struct task *t)
{
    return !t->space->code->never_holds && !t->filtered && !t->strict;
}

/* ---- rewriting ---- */

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

static void rewrite_known(struct recorder *r, struct task *t, const struct code_area *area,
                          struct emit_list *out)
{
    const struct code_sites *sites = &area->known->sites;
    for (size_t i = 0; i < sites->n; i++)
        rewrite_in(r, t, area, area->start + (sites->v[i].offset - area->offset), &sites->v[i],
                   out);
}

/* ip: where an instruction begins; 0: not known. */
static void rewrite_found(struct recorder *r, struct task *t, const struct code_area *area,
                          uint64_t ip, struct emit_list *out)
{
    for (uint64_t at = area->start; at < area->end; at += PAGE) {
        struct code_sites sites;
        found_code_look(r, t, at, at + PAGE, ip, &sites);
        for (size_t i = 0; i < sites.n; i++)
            if (known_code_wants(r, sites.v[i].kind))
                rewrite_in(r, t, area, sites.v[i].offset, &sites.v[i], out);
        code_sites_done(&sites);
    }
}

/* ---- holding back ---- */

static int64_t protect(struct task *t, const struct code_area *area, uint32_t prot)
{
    const uint64_t args[6] = {area->start, area->end - area->start, prot};
    return inject_call(t, SYS_mprotect, args);
}

static void emit_protect(struct recorder *r, const struct code_area *area, uint32_t prot,
                         struct emit_list *map)
{
    Reprise__MapOp *op = emit_map_op(r, REPRISE__MAP_OP__OP__PROTECT, map);
    op->addr = area->start;
    op->len = area->end - area->start;
    op->prot = prot;
    op->by_recorder = true;
}

static void hold(struct recorder *r, struct task *t, struct code_area area, struct emit_list *map)
{
    struct code_watch *w = t->space->code;
    uint32_t without = area.prot & ~(uint32_t)PROT_EXEC;
    bool held = may_hold(t) && protect(t, &area, without) == 0;
    area.state = held ? AREA_HELD : AREA_SEEN;
    code_areas_put(&w->areas, &area);
    if (held)
        emit_protect(r, &area, without, map);
    else if (area.known != NULL)
        rewrite_known(r, t, &area, &w->at_once);
    else if (area.end - area.start <= AT_ONCE_MAX)
        rewrite_found(r, t, &area, 0, &w->at_once);
}

/* Where the file does not tell what is an instruction, the first fetch of the page will. */
static void hold_doubts(struct recorder *r, struct task *t, const struct code_area *area,
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
        hold(r, t, part, map);
    }
}

static void take_at_once(struct recorder *r, struct code_watch *w, struct emit_list *out)
{
    for (size_t i = 0; i < w->at_once.n; i++)
        emit_push(r, out, w->at_once.v[i]);
    w->at_once = (struct emit_list){0};
}

/* Rewrites at once, where holding back is no use or not possible. */
static void rewrite_now(struct recorder *r, struct task *t, struct code_area area,
                        Reprise__Mapping *m)
{
    struct emit_list content = {0};
    for (size_t i = 0; i < m->n_content; i++)
        emit_push(r, &content, m->content[i]);
    area.state = AREA_SEEN;
    code_areas_put(&t->space->code->areas, &area);
    rewrite_known(r, t, &area, &content);
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

static bool is_plain(const struct known_code *known)
{
    return known->sites.n == 0 && known->sites.uncertain == 0;
}

void code_watch_mapped(struct recorder *r, struct task *t, Reprise__Mapping *m, const char *path,
                       struct emit_list *map, bool in_image)
{
    struct code_watch *w = watch_of(r, t);
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
    if (area.known != NULL && (in_image || !may_hold(t) || is_plain(area.known)))
        rewrite_now(r, t, area, m);
    else if (!in_image)
        hold(r, t, area, map);
}

/* What becomes of a part of the range that has another permission from here on. */
static void protected_part(struct recorder *r, struct task *t, struct code_area part,
                           struct emit_list *map)
{
    struct code_areas *areas = &t->space->code->areas;
    part.pristine = false;
    if ((part.prot & PROT_EXEC) != 0) {
        hold(r, t, part, map);
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
    struct code_watch *w = watch_of(r, t);
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
        hold(r, t, area, map);
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
    add_touched(w, addr, end);
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
        hold(r, t, part, map);
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
    take_at_once(r, w, out);
}

/* ---- the first fetch ---- */

/* Of an instruction that begins at rip: it may end in the next page. */
static bool is_fetch(const siginfo_t *info, const struct user_regs_struct *regs)
{
    return info->si_code == SEGV_ACCERR && (uint64_t)info->si_addr - regs->rip < FOUND_INSN_MAX;
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

/* Who makes code in memory that can be written all the time makes more of it, and perhaps in the
 * same page: HotSpot asks for the CPU's features in one stub, and for its name in the next. It is
 * held back again at the next call, more often where such code was found once. */
static void look_again(struct code_watch *w, struct code_area *page, bool found)
{
    if ((page->prot & PROT_WRITE) == 0)
        return;
    page->tells = page->tells || found;
    unsigned *n = page->tells ? &w->n_looks : &w->n_vain_looks;
    code_areas_put(&w->areas, page);
    if ((*n)++ < (page->tells ? LOOKS_MAX : VAIN_LOOKS_MAX))
        add_touched(w, page->start, page->end);
}

/* Gives the permission back, rewrites, and tells what was done. ip: where an instruction begins; 0:
 * not known. 0 or -errno. */
static int64_t give_back(struct recorder *r, struct task *t, struct code_area area, uint64_t ip,
                         struct emit_list *map, struct emit_list *out)
{
    struct emit_list changed = {0};
    int64_t err = protect(t, &area, area.prot);
    if (err < 0)
        return err;
    area.state = AREA_SEEN;
    code_areas_put(&t->space->code->areas, &area);
    if (area.known != NULL)
        rewrite_known(r, t, &area, &changed);
    else
        rewrite_found(r, t, &area, ip, &changed);
    if (area.known == NULL)
        look_again(t->space->code, &area, changed.n > 0);
    if (area.pristine)
        code_watch_emit_remade(r, &area, &changed, map);
    else
        emit_protect(r, &area, area.prot, map);
    for (size_t i = 0; i < changed.n; i++)
        emit_push(r, out, changed.v[i]);
    if (area.known != NULL)
        hold_doubts(r, t, &area, map);
    take_at_once(r, t->space->code, out);
    t->space->stub.tell_codes = t->space->stub.tell_codes || t->space->stub.mapped;
    return 0;
}

static void give_up(struct recorder *r, const struct task *t, int64_t err)
{
    if (err != -ESRCH)
        recorder_give_up(r, (int)-err, "process %d cannot be given back its permission to execute",
                         (int)t->pid);
}

static int64_t look(struct recorder *r, struct task *t, struct code_area area, uint64_t ip)
{
    struct emit_list map = {0}, out = {0};
    int64_t err = give_back(r, t, area, ip, &map, &out);
    if (err < 0)
        return err;
    Reprise__Fetch fetch = REPRISE__FETCH__INIT;
    fetch.ip = ip;
    fetch.map = (Reprise__MapOp **)map.v;
    fetch.n_map = map.n;
    fetch.out = (Reprise__Range **)out.v;
    fetch.n_out = out.n;
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.body_case = REPRISE__EVENT__BODY_FETCH;
    e.fetch = &fetch;
    emit_event(r, t, &e);
    return 0;
}

bool code_watch_take_fetch(struct recorder *r, struct task *t, const siginfo_t *info,
                           const struct user_regs_struct *regs)
{
    struct code_watch *w = t->space->code;
    uint64_t addr = (uint64_t)info->si_addr;
    const struct code_area *held =
        w != NULL && is_fetch(info, regs) ? code_areas_find(&w->areas, addr) : NULL;
    if (held == NULL || held->state != AREA_HELD)
        return false;
    struct code_area area = *held;
    if (area.known == NULL)
        area = code_area_part(held, addr & ~(PAGE - 1), (addr & ~(PAGE - 1)) + PAGE);
    int64_t err = look(r, t, area, regs->rip);
    if (err < 0) {
        give_up(r, t, err);
        return true;
    }
    forced_signals_mend(t, SIGSEGV);
    t->signal_imminent = false;
    t->regs = *regs;
    if (t->held != NULL && t->traced == NULL)
        signals_deliver_held(r, t);
    else if (t->traced != NULL || !group_yield(r, t))
        task_resume(r, t, 0);
    return true;
}

static const struct code_area *first_held(const struct code_watch *w, uint64_t start, uint64_t end)
{
    for (size_t i = code_areas_first(&w->areas, start); i < w->areas.n && w->areas.v[i].start < end;
         i++)
        if (w->areas.v[i].state == AREA_HELD)
            return &w->areas.v[i];
    return NULL;
}

/* Without the look at it, which is still to come. */
static int64_t lend(struct recorder *r, struct task *t, struct code_area area,
                    struct emit_list *map)
{
    int64_t err = protect(t, &area, area.prot);
    if (err < 0)
        return err;
    area.state = AREA_SEEN;
    area.pristine = false;
    code_areas_put(&t->space->code->areas, &area);
    emit_protect(r, &area, area.prot, map);
    return 0;
}

/* Undoes the call that the task enters, gives back what is held in [start, end), and lets the task
 * make the call again. */
static void give_back_before_call(struct recorder *r, struct task *t, uint64_t start, uint64_t end,
                                  bool for_good)
{
    const struct code_watch *w = t->space->code;
    struct user_regs_struct entry = t->call.regs;
    struct emit_list map = {0}, out = {0};
    int64_t err = 0;
    if (!signals_undo_entry(r, t, &entry))
        return;
    for (const struct code_area *held; err == 0 && (held = first_held(w, start, end)) != NULL;)
        err = for_good ? give_back(r, t, *held, 0, &map, &out) : lend(r, t, *held, &map);
    if (err < 0)
        give_up(r, t, err);
    poke_map(r, t, &map, &out);
    task_resume(r, t, 0);
}

bool code_watch_release(struct recorder *r, struct task *t)
{
    struct code_watch *w = watch_of(r, t);
    if (w == NULL || w->never_holds)
        return false;
    w->never_holds = true;
    if (first_held(w, 0, UINT64_MAX) == NULL)
        return false;
    give_back_before_call(r, t, 0, UINT64_MAX, true);
    return true;
}

bool code_watch_lend(struct recorder *r, struct task *t)
{
    struct code_watch *w = t->space->code;
    const struct user_regs_struct *regs = &t->call.regs;
    uint64_t end;
    if (w == NULL || __builtin_add_overflow(regs->rdi, regs->rsi, &end) ||
        first_held(w, regs->rdi, end) == NULL)
        return false;
    add_touched(w, regs->rdi, end);
    give_back_before_call(r, t, regs->rdi, end, false);
    return true;
}

/* ---- looking ---- */

const struct rewrite *code_watch_trapped(const struct task *t, const siginfo_t *info,
                                         const struct user_regs_struct *regs)
{
    const struct code_watch *w = t->space->code;
    bool by_int3 = w != NULL && info->si_signo == SIGTRAP && info->si_code == SI_KERNEL;
    const struct rewrite *at = by_int3 ? rewrites_find(&w->rewrites, regs->rip - 1) : NULL;
    uint8_t rest[FOUND_INSN_MAX];
    if (at == NULL)
        return NULL;
    long n = tracee_read(t->tid, regs->rip, rest, at->insn.len - 1u);
    return n >= 0 && rewrite_is_whole(at, rest, (size_t)n) ? at : NULL;
}

void code_watch_undo(const struct task *t, uint64_t addr, uint8_t *bytes, size_t len)
{
    if (t->space->code != NULL)
        rewrites_undo(&t->space->code->rewrites, addr, bytes, len);
}

/* Whether code of which no file tells was looked at there. */
static bool is_found_code(const struct code_watch *w, uint64_t addr)
{
    const struct code_area *area = code_areas_find(&w->areas, addr);
    return area != NULL && area->state == AREA_SEEN && area->known == NULL;
}

void code_watch_written(struct recorder *r, struct task *t, uint64_t addr, uint64_t len)
{
    struct code_watch *w = t->space->code;
    if (w == NULL || len == 0)
        return;
    hot_reads_written(r, t, addr, addr + len);
    rewrites_written(&w->rewrites, t->tid, addr, addr + len);
    if (is_found_code(w, addr) || is_found_code(w, addr + len - 1))
        add_touched(w, addr, addr + len);
}

void code_watch_poked(struct recorder *r, struct task *t)
{
    struct emit_list map = {0}, out = {0};
    if (t->space->code == NULL || t->space->code->n_touched == 0 || t->call.active ||
        t->call.restarting)
        return;
    code_watch_settle(r, t, &map, &out);
    if (map.n + out.n > 0)
        poke_map(r, t, &map, &out);
}

uint64_t code_watch_held_until(const struct task *t, uint64_t addr, bool *ret_held)
{
    const struct code_areas *areas = &t->space->code->areas;
    size_t i = code_areas_first(areas, addr);
    while (i < areas->n && areas->v[i].state != AREA_HELD)
        i++;
    *ret_held = i < areas->n && areas->v[i].start <= addr;
    return i == areas->n ? UINT64_MAX : *ret_held ? areas->v[i].end : areas->v[i].start;
}

bool code_watch_changes(const struct task *t, uint64_t addr, uint64_t len)
{
    const struct code_watch *w = t->space->code;
    size_t i = w != NULL ? rewrites_first_in(&w->rewrites, addr) : 0;
    return w != NULL && i < w->rewrites.n &&
           (w->rewrites.v[i].addr < addr || w->rewrites.v[i].addr - addr < len);
}

/* Those less than `gap` apart are in one. */
static size_t spans_by(const struct rewrites *w, uint64_t gap, struct call_code *ret, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++) {
        uint64_t addr = w->v[i].addr, end = addr + w->v[i].n_now;
        if (addr - VDSO_ADDR < VDSO_SIZE) /* nobody hands that over */
            continue;
        if (n > 0 && addr - ret[n - 1].end < gap) {
            ret[n - 1].end = end;
            continue;
        }
        if (n == max)
            return max + 1;
        ret[n++] = (struct call_code){.start = addr, .end = end};
    }
    return n;
}

size_t code_watch_spans(const struct task *t, struct call_code *ret, size_t max)
{
    const struct code_watch *w = t->space->code;
    if (w == NULL)
        return 0;
    for (uint64_t gap = PAGE;; gap *= 16) {
        size_t n = spans_by(&w->rewrites, gap, ret, max);
        if (n <= max)
            return n;
    }
}

/* ---- the end ---- */

bool code_watch_step_back(struct task *t, const siginfo_t *info)
{
    const struct code_watch *w = t->space != NULL ? t->space->code : NULL;
    struct user_regs_struct regs;
    if (w == NULL || tracee_get_regs(t->tid, &regs) < 0)
        return false;
    if (code_watch_trapped(t, info, &regs) != NULL) {
        forced_signals_mend(t, SIGTRAP);
        return tracee_set_reg(t->tid, REG_INDEX(rip), regs.rip - 1) == 0;
    }
    const struct code_area *area = info->si_signo == SIGSEGV && is_fetch(info, &regs)
                                       ? code_areas_find(&w->areas, (uint64_t)info->si_addr)
                                       : NULL;
    if (area == NULL || area->state != AREA_HELD)
        return false;
    forced_signals_mend(t, SIGSEGV);
    return true;
}

void code_watch_leave(struct task *t)
{
    struct code_watch *w = t->space->code;
    if (w == NULL)
        return;
    rewrites_restore(&w->rewrites, t->tid);
    for (size_t i = 0; i < w->areas.n; i++)
        if (w->areas.v[i].state == AREA_HELD)
            (void)protect(t, &w->areas.v[i], w->areas.v[i].prot);
}

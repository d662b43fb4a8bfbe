/* Owns the answers to whoever asks what is rewritten or held back, has written to code, or has met
 * what the recorder left there. */
#include "recorder/code_watch.h"

#include "base/page.h"
#include "recorder/code_hold.h"
#include "recorder/forced_signals.h"
#include "recorder/found_code.h"
#include "recorder/hot_reads.h"
#include "recorder/known_code.h"
#include "recorder/poke.h"
#include "vdso/clock_ring.h"

const struct rewrite *code_watch_trapped(const struct task *t, const siginfo_t *info,
                                         const struct user_regs_struct *regs)
{
    const struct code_watch *w = t->space->code;
    bool by_int3 = w != NULL && info->si_signo == SIGTRAP && info->si_code == SI_KERNEL;
    const struct rewrite *at = by_int3 ? rewrites_find(&w->rewrites, regs_ip(regs) - 1) : NULL;
    uint8_t rest[FOUND_INSN_MAX];
    if (at == NULL)
        return NULL;
    long n = tracee_read(t->tid, regs_ip(regs), rest, at->insn.len - 1u);
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
        code_watch_add_touched(w, addr, addr + len);
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

bool code_watch_is_whole(const struct task *t, const struct code_area *area)
{
    const struct rewrites *w = &t->space->code->rewrites;
    if (area->state != AREA_SEEN || !area->pristine || area->known == NULL || area->offset != 0 ||
        area->end - area->start != area->known->len)
        return false;
    for (size_t i = rewrites_first_in(w, area->start); i < w->n && w->v[i].addr < area->end; i++)
        if (w->v[i].is_covered)
            return false;
    return true;
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
        return tracee_set_reg(t->tid, REGS_IP, regs_ip(&regs) - 1) == 0;
    }
    const struct code_area *area = info->si_signo == SIGSEGV && code_watch_is_fetch(info, &regs)
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
            (void)code_hold_protect(t, &w->areas.v[i], w->areas.v[i].prot);
}

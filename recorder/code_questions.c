/* Owns what follows when somebody has written to code, or has met what the recorder left there. */
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

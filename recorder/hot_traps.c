/* Owns the decision when reads that trap are rewritten, and which threads need no traps any more.
 */
#include "recorder/hot_traps.h"

#include "recorder/agenda.h"
#include "recorder/code_hold.h"
#include "recorder/forced_signals.h"
#include "recorder/inject.h"
#include "recorder/known_code.h"
#include "recorder/poke.h"
#include "task/made_calls.h"
#include "vdso/clock_ring.h"
#include "vdso/tsc_read.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <x86intrin.h>

#define TRAPS 256u
#define TRIES 8u /* after so many traps each: code comes and goes */

/* ---- turning to rewriting ---- */

static bool is_certain(const struct code_watch *w)
{
    for (size_t i = 0; i < w->areas.n; i++) {
        const struct code_area *area = &w->areas.v[i];
        bool executed_unseen = area->state == AREA_SHARED && (area->prot & PROT_EXEC) != 0;
        if (executed_unseen || (area->known != NULL && area->known->doubts_reads))
            return false;
    }
    return true;
}

static bool is_due(struct recorder *r, const struct task *t)
{
    struct code_watch *w = t->space->code;
    if (w == NULL || w->rewrites_reads || w->no_jumps || w->never_holds || t->filtered ||
        t->strict || t->traced != NULL || known_code_wants(r, MACHINE_RDTSC))
        return false;
    return w->n_traps < TRAPS * TRIES && ++w->n_traps % TRAPS == 0;
}

/* What was looked at already is rewritten now, or looked at again. */
static void rewrite_all(struct recorder *r, struct task *t, struct emit_list *map,
                        struct emit_list *out)
{
    struct code_watch *w = t->space->code;
    w->rewrites_reads = true;
    for (uint64_t at = 0;;) {
        size_t i = code_areas_first(&w->areas, at);
        if (i == w->areas.n)
            break;
        struct code_area area = w->areas.v[i];
        at = area.end;
        if (area.state == AREA_SEEN && area.known != NULL)
            code_hold_rewrite_known(r, t, &area, out);
        else if (area.state == AREA_SEEN)
            code_hold(r, t, area, map);
    }
    code_hold_take_at_once(r, w, out);
    t->space->stub.tell_codes = t->space->stub.tell_codes || t->space->stub.mapped;
}

static bool is_known_at(const struct code_area *area, uint64_t addr)
{
    const struct code_sites *sites = &area->known->sites;
    for (size_t i = 0; i < sites->n; i++)
        if (area->start + sites->v[i].offset == addr)
            return machine_insn_reads_tsc(sites->v[i].kind);
    return false;
}

void hot_traps_count(struct recorder *r, struct task *t, uint64_t addr,
                     const struct user_regs_struct *regs)
{
    if (!is_due(r, t))
        return;
    const struct code_area *area = code_areas_find(&t->space->code->areas, addr);
    if (area == NULL || !code_watch_is_whole(t, area) || !is_known_at(area, addr) ||
        !is_certain(t->space->code))
        return;
    struct emit_list map = {0}, out = {0};
    rewrite_all(r, t, &map, &out);
    poke_remade(r, t, &map, &out, regs, regs);
}

/* ---- the threads ---- */

/* Length of the instruction of vdso/tsc_read.h at the address; 0: it is none of these. */
static unsigned read_at(uint64_t ip)
{
    if (ip == VDSO_ADDR + TSC_READ_RDTSC + TSC_READ_SITE)
        return 2;
    return ip == VDSO_ADDR + TSC_READ_RDTSCP + TSC_READ_SITE ? 3 : 0;
}

/* rcx, which rdtscp changes, too, is free there. */
static void answer(struct task *t, struct user_regs_struct *regs, unsigned len)
{
    uint64_t tsc = __rdtsc();
    regs_set_wide(regs, tsc);
    regs_set_ip(regs, regs_ip(regs) + len);
    (void)tracee_set_regs(t->tid, regs);
}

bool hot_traps_take(struct recorder *r, struct task *t, const siginfo_t *info,
                    const struct user_regs_struct *before)
{
    const struct code_watch *w = t->space->code;
    struct user_regs_struct regs = *before;
    unsigned len = read_at(regs_ip(before));
    if (info->si_signo != SIGSEGV || info->si_code != SI_KERNEL || w == NULL || !w->has_jumps ||
        len == 0)
        return false;
    const uint64_t args[6] = {PR_SET_TSC, PR_TSC_ENABLE};
    if (t->filtered || t->strict || inject_call(t, NR_PRCTL, args) < 0)
        answer(t, &regs, len);
    forced_signals_mend(t, SIGSEGV);
    t->signals.imminent = false;
    t->regs = regs;
    task_resume(r, t, 0);
    return true;
}

/* Owns what happens when code that is held back is executed for the first time, and when it has to
 * be given back before: the permission, the look at it, and the event. */
#include "recorder/code_watch.h"

#include "base/page.h"
#include "recorder/agenda.h"
#include "recorder/code_hold.h"
#include "recorder/forced_signals.h"
#include "recorder/group.h"
#include "recorder/known_code.h"
#include "recorder/poke.h"
#include "recorder/signal_delivery.h"

#include <errno.h>
#include <sys/mman.h>

#define LOOKS_MAX      256u
#define VAIN_LOOKS_MAX 64u

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
        code_watch_add_touched(w, page->start, page->end);
}

/* Gives the permission back, rewrites, and tells what was done. ip: where an instruction begins; 0:
 * not known. 0 or -errno. */
static int64_t give_back(struct recorder *r, struct task *t, struct code_area area, uint64_t ip,
                         struct emit_list *map, struct emit_list *out)
{
    struct emit_list changed = {0};
    int64_t err = code_hold_protect(t, &area, area.prot);
    if (err < 0)
        return err;
    area.state = AREA_SEEN;
    code_areas_put(&t->space->code->areas, &area);
    if (area.known != NULL)
        code_hold_rewrite_known(r, t, &area, &changed);
    else
        code_hold_rewrite_found(r, t, &area, ip, &changed);
    if (area.known == NULL)
        look_again(t->space->code, &area, changed.n > 0);
    if (area.pristine)
        code_watch_emit_remade(r, &area, &changed, map);
    else
        code_hold_tell_protection(r, &area, area.prot, map);
    for (size_t i = 0; i < changed.n; i++)
        emit_push(r, out, changed.v[i]);
    if (area.known != NULL)
        code_hold_doubts(r, t, &area, map);
    code_hold_take_at_once(r, t->space->code, out);
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
        w != NULL && code_watch_is_fetch(info, regs) ? code_areas_find(&w->areas, addr) : NULL;
    if (held == NULL || held->state != AREA_HELD)
        return false;
    struct code_area area = *held;
    if (area.known == NULL)
        area = code_area_part(held, addr & ~(PAGE - 1), (addr & ~(PAGE - 1)) + PAGE);
    int64_t err = look(r, t, area, regs_ip(regs));
    if (err < 0) {
        give_up(r, t, err);
        return true;
    }
    forced_signals_mend(t, SIGSEGV);
    t->signals.imminent = false;
    t->regs = *regs;
    if (t->signals.held != NULL && t->traced == NULL)
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
    int64_t err = code_hold_protect(t, &area, area.prot);
    if (err < 0)
        return err;
    area.state = AREA_SEEN;
    area.pristine = false;
    code_areas_put(&t->space->code->areas, &area);
    code_hold_tell_protection(r, &area, area.prot, map);
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
    struct code_watch *w = code_watch_of(r, t);
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
    if (w == NULL || __builtin_add_overflow(regs_arg(regs, 0), regs_arg(regs, 1), &end) ||
        first_held(w, regs_arg(regs, 0), end) == NULL)
        return false;
    code_watch_add_touched(w, regs_arg(regs, 0), end);
    give_back_before_call(r, t, regs_arg(regs, 0), end, false);
    return true;
}

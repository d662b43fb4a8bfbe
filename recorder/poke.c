/* Owns the event for memory and registers that a task changes in another one: where in the other's
 * stream it belongs. */
#include "recorder/poke.h"

#include "recorder/call_entry.h"
#include "recorder/calls.h"
#include "recorder/emit.h"
#include "recorder/ptrace_state.h"
#include "recorder/snapshot.h"

#include <string.h>

/* Replay must have run the task to where it is. False: it is past all that. */
static bool find_place(struct recorder *r, struct task *t, Reprise__Poke *p)
{
    if (t->state == TASK_DYING)
        return false;
    if (t->traced != NULL && t->traced->stop.kind == PTRACE_STOP_ENTRY)
        p->at_call = true;
    else if (t->call.active || t->call.restarting)
        call_log_entry(r, t);
    return true;
}

static void emit_poke(struct recorder *r, struct task *t, Reprise__Poke *p)
{
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.body_case = REPRISE__EVENT__BODY_POKE;
    e.poke = p;
    emit_event(r, t, &e);
}

void poke_memory(struct recorder *r, struct task *t, uint64_t addr, uint64_t len)
{
    Reprise__Poke p = REPRISE__POKE__INIT;
    if (!find_place(r, t, &p))
        return;
    snapshot_free(t->call.before); /* what changes now is not the kernel's doing */
    t->call.before = NULL;
    struct emit_list out = {0};
    Reprise__Range *range = emit_memory(r, t->tid, addr, len);
    if (range == NULL)
        return;
    emit_push(r, &out, range);
    p.out = (Reprise__Range **)out.v;
    p.n_out = out.n;
    emit_poke(r, t, &p);
}

void poke_ranges(struct recorder *r, struct task *t, const struct emit_list *out)
{
    Reprise__Poke p = REPRISE__POKE__INIT;
    p.out = (Reprise__Range **)out->v;
    p.n_out = out->n;
    if (find_place(r, t, &p))
        emit_poke(r, t, &p);
}

static void changed_regs(struct recorder *r, const struct user_regs_struct *before,
                         const struct user_regs_struct *after, Reprise__Poke *p)
{
    struct emit_list list = {0};
    const unsigned long long *old = (const void *)before, *new = (const void *)after;
    for (uint32_t i = 0; i < sizeof *before / sizeof *old; i++) {
        if (old[i] == new[i] || (i == REG_INDEX(orig_rax) && !p->at_call))
            continue;
        Reprise__RegValue *v = emit_alloc(r, sizeof *v);
        reprise__reg_value__init(v);
        v->index = i;
        v->value = new[i];
        emit_push(r, &list, v);
    }
    p->regs = (Reprise__RegValue **)list.v;
    p->n_regs = list.n;
}

void poke_regs(struct recorder *r, struct task *t, const struct user_regs_struct *before)
{
    struct user_regs_struct after;
    if (tracee_get_regs(t->tid, &after) < 0 || memcmp(before, &after, sizeof after) == 0)
        return;               /* only the CPU's breakpoints may have been changed */
    if (t->call.restarting) { /* it goes on elsewhere, perhaps: the call ends here */
        struct user_regs_struct now = after;
        if (tracee_set_regs(t->tid, before) < 0)
            return;
        call_log_interrupted(r, t);
        if (tracee_set_regs(t->tid, &now) < 0)
            return;
        t->traced->call_was_cut = true;
    }
    Reprise__Poke p = REPRISE__POKE__INIT;
    if (!find_place(r, t, &p))
        return;
    changed_regs(r, before, &after, &p);
    if (!p.at_call)
        t->regs = after;
    if (p.n_regs > 0)
        emit_poke(r, t, &p);
}

void poke_xstate(struct recorder *r, struct task *t)
{
    Reprise__Poke p = REPRISE__POKE__INIT;
    if (!find_place(r, t, &p))
        return;
    p.xstate = emit_xstate(r, t->tid);
    emit_poke(r, t, &p);
}

void poke_debug_reg(struct recorder *r, struct task *t, uint32_t index, uint64_t value)
{
    Reprise__Poke p = REPRISE__POKE__INIT;
    if (!find_place(r, t, &p))
        return;
    Reprise__RegValue v = REPRISE__REG_VALUE__INIT, *list[] = {&v};
    v.index = index;
    v.value = value;
    p.regs = list;
    p.n_regs = 1;
    emit_poke(r, t, &p);
}

void poke_nothing(struct recorder *r, struct task *t)
{
    Reprise__Poke p = REPRISE__POKE__INIT;
    if (find_place(r, t, &p))
        emit_poke(r, t, &p);
}

void poke_map(struct recorder *r, struct task *t, const struct emit_list *map,
              const struct emit_list *out)
{
    Reprise__Poke p = REPRISE__POKE__INIT;
    p.map = (Reprise__MapOp **)map->v;
    p.n_map = map->n;
    p.out = (Reprise__Range **)out->v;
    p.n_out = out->n;
    emit_poke(r, t, &p);
}

void poke_remade(struct recorder *r, struct task *t, const struct emit_list *map,
                 const struct emit_list *out, const struct user_regs_struct *before,
                 const struct user_regs_struct *after)
{
    Reprise__Poke p = REPRISE__POKE__INIT;
    p.map = (Reprise__MapOp **)map->v;
    p.n_map = map->n;
    p.out = (Reprise__Range **)out->v;
    p.n_out = out->n;
    changed_regs(r, before, after, &p);
    emit_poke(r, t, &p);
}

void poke_ranges_before_call(struct recorder *r, struct task *t, const struct emit_list *out)
{
    Reprise__Poke p = REPRISE__POKE__INIT;
    p.at_call = true;
    p.out = (Reprise__Range **)out->v;
    p.n_out = out->n;
    emit_poke(r, t, &p);
}

void poke_before_call(struct recorder *r, struct task *t)
{
    static const struct emit_list nothing;
    poke_ranges_before_call(r, t, &nothing);
}

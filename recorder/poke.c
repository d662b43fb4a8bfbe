/* Owns the event for memory and registers that a task changes in another one: where in the other's
 * stream it belongs. */
#include "recorder/poke.h"

#include "recorder/call_entry.h"
#include "recorder/emit.h"
#include "recorder/ptrace_state.h"
#include "recorder/snapshot.h"

#include <string.h>

bool poke_find_place(struct recorder *r, struct task *t, Reprise__Poke *p)
{
    if (t->state == TASK_DYING)
        return false;
    if (t->traced != NULL && t->traced->stop.kind == PTRACE_STOP_ENTRY)
        p->at_call = true;
    else if (t->call.active || t->call.restarting)
        call_log_entry(r, t);
    return true;
}

void poke_emit(struct recorder *r, struct task *t, Reprise__Poke *p)
{
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.body_case = REPRISE__EVENT__BODY_POKE;
    e.poke = p;
    emit_event(r, t, &e);
}

void poke_memory(struct recorder *r, struct task *t, uint64_t addr, uint64_t len)
{
    Reprise__Poke p = REPRISE__POKE__INIT;
    if (!poke_find_place(r, t, &p))
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
    poke_emit(r, t, &p);
}

void poke_ranges(struct recorder *r, struct task *t, const struct emit_list *out)
{
    Reprise__Poke p = REPRISE__POKE__INIT;
    p.out = (Reprise__Range **)out->v;
    p.n_out = out->n;
    if (poke_find_place(r, t, &p))
        poke_emit(r, t, &p);
}

void poke_changed_regs(struct recorder *r, const struct user_regs_struct *before,
                       const struct user_regs_struct *after, Reprise__Poke *p)
{
    struct emit_list list = {0};
    const unsigned long long *old = (const void *)before, *new = (const void *)after;
    for (uint32_t i = 0; i < sizeof *before / sizeof *old; i++) {
        if (old[i] == new[i] || (i == REGS_NUMBER && !p->at_call))
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

void poke_xstate(struct recorder *r, struct task *t)
{
    Reprise__Poke p = REPRISE__POKE__INIT;
    if (!poke_find_place(r, t, &p))
        return;
    p.xstate = emit_xstate(r, t->tid);
    poke_emit(r, t, &p);
}

void poke_debug_reg(struct recorder *r, struct task *t, uint32_t index, uint64_t value)
{
    Reprise__Poke p = REPRISE__POKE__INIT;
    if (!poke_find_place(r, t, &p))
        return;
    Reprise__RegValue v = REPRISE__REG_VALUE__INIT, *list[] = {&v};
    v.index = index;
    v.value = value;
    p.regs = list;
    p.n_regs = 1;
    poke_emit(r, t, &p);
}

void poke_nothing(struct recorder *r, struct task *t)
{
    Reprise__Poke p = REPRISE__POKE__INIT;
    if (poke_find_place(r, t, &p))
        poke_emit(r, t, &p);
}

void poke_map(struct recorder *r, struct task *t, const struct emit_list *map,
              const struct emit_list *out)
{
    Reprise__Poke p = REPRISE__POKE__INIT;
    p.map = (Reprise__MapOp **)map->v;
    p.n_map = map->n;
    p.out = (Reprise__Range **)out->v;
    p.n_out = out->n;
    poke_emit(r, t, &p);
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
    poke_changed_regs(r, before, after, &p);
    poke_emit(r, t, &p);
}

void poke_ranges_before_call(struct recorder *r, struct task *t, const struct emit_list *out)
{
    Reprise__Poke p = REPRISE__POKE__INIT;
    p.at_call = true;
    p.out = (Reprise__Range **)out->v;
    p.n_out = out->n;
    poke_emit(r, t, &p);
}

void poke_before_call(struct recorder *r, struct task *t)
{
    static const struct emit_list nothing;
    poke_ranges_before_call(r, t, &nothing);
}

/* Owns where an int3 may stand for a moment in a recorded program. Runs nothing. */
#include "recorder/rep_stop.h"

#include "task/rep_span.h"

/* Other processes see what is mapped shared, and the instruction may read or write itself. */
static bool int3_is_private(struct recorder *r, const struct task *t,
                            const struct user_regs_struct *regs, const struct insn *insn)
{
    uint8_t code[INSN_MAX_LEN];
    uint64_t behind = insn->addr + insn->len;
    long n = tracee_read(t->tid, insn->addr, code, insn->len);
    if (n != insn->len || rep_may_touch(code, insn->len, regs, behind) ||
        maps_read(t->tid, &r->maps) < 0)
        return false;
    const struct map *m = maps_find(&r->maps, behind);
    return m != NULL && !m->shared;
}

bool rep_stop_set(struct recorder *r, const struct task *t, const struct user_regs_struct *regs,
                  const struct insn *insn, struct code_stop *ret)
{
    bool by_register = recorder_has(r, MACHINE_BREAKPOINTS);
    if (!by_register && !int3_is_private(r, t, regs, insn))
        return false;
    enum code_stop_kind kind = by_register ? CODE_STOP_REGISTER : CODE_STOP_INT3;
    return code_stop_set(t->tid, kind, insn->addr + insn->len, ret) == 0;
}

void rep_stop_clear(struct recorder *r, const struct task *t, struct code_stop *stop)
{
    const struct code_stop was = *stop;
    if (code_stop_clear(t->tid, stop) == 0 || was.kind != CODE_STOP_INT3)
        return;
    size_t pos = 0; /* it was killed: others may live on in the same memory */
    for (const struct task *i; (i = map64_next(&r->tasks, &pos)) != NULL;) {
        struct code_stop again = was;
        if (i != t && i->space == t->space && code_stop_clear(i->tid, &again) == 0)
            return;
    }
}

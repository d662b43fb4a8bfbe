/* Owns the names of trapped instructions. */
#include "decode/trap_text.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const names[] = {
    [REPRISE__TRAP__KIND__RDTSC] = "rdtsc",       [REPRISE__TRAP__KIND__RDTSCP] = "rdtscp",
    [REPRISE__TRAP__KIND__CPUID] = "cpuid",       [REPRISE__TRAP__KIND__RDRAND] = "rdrand",
    [REPRISE__TRAP__KIND__RDSEED] = "rdseed",     [REPRISE__TRAP__KIND__RDPID] = "rdpid",
    [REPRISE__TRAP__KIND__XGETBV] = "xgetbv",     [REPRISE__TRAP__KIND__FXSAVE] = "fxsave",
    [REPRISE__TRAP__KIND__XSAVE] = "xsave",       [REPRISE__TRAP__KIND__XRSTOR] = "xrstor",
    [REPRISE__TRAP__KIND__XSAVEOPT] = "xsaveopt", [REPRISE__TRAP__KIND__XSAVEC] = "xsavec",
};

const char *trap_name(Reprise__Trap__Kind kind)
{
    return (size_t)kind < sizeof names / sizeof names[0] ? names[kind] : "other";
}

bool trap_is_of_state(const Reprise__Trap *trap)
{
    return trap->kind >= REPRISE__TRAP__KIND__FXSAVE && trap->kind <= REPRISE__TRAP__KIND__XSAVEC;
}

/* What was saved, in bytes and where; or the size of the state that was restored. */
static void state_text(const Reprise__Trap *trap, char buf[TRAP_TEXT_MAX])
{
    uint64_t n = trap->xstate.len;
    for (size_t i = 0; i < trap->n_out; i++)
        n += trap->out[i]->len;
    snprintf(buf, TRAP_TEXT_MAX, "%" PRIu64 " bytes", n);
}

void trap_call_text(const Reprise__Trap *trap, char buf[TRAP_TEXT_MAX])
{
    const char *name = trap_name(trap->kind);
    if (trap->kind == REPRISE__TRAP__KIND__CPUID)
        snprintf(buf, TRAP_TEXT_MAX, "%s %#x, %#x", name, trap->leaf, trap->subleaf);
    else if (trap->kind == REPRISE__TRAP__KIND__XGETBV)
        snprintf(buf, TRAP_TEXT_MAX, "%s %u", name, trap->leaf);
    else
        snprintf(buf, TRAP_TEXT_MAX, "%s", name);
}

void trap_result_text(const Reprise__Trap *trap, char buf[TRAP_TEXT_MAX])
{
    const Reprise__CpuidLeaf *v = trap->cpuid;
    size_t n = 0;
    buf[0] = '\0';
    if (trap->kind == REPRISE__TRAP__KIND__CPUID && v != NULL)
        snprintf(buf, TRAP_TEXT_MAX, "%#x, %#x, %#x, %#x", v->eax, v->ebx, v->ecx, v->edx);
    else if (trap_is_of_state(trap))
        state_text(trap, buf);
    else if (trap->n_regs == 0)
        n += (size_t)snprintf(buf, TRAP_TEXT_MAX, "%" PRIu64, trap->tsc);
    if (trap->n_more > 0) /* read without a stop, in a row */
        snprintf(buf + n, TRAP_TEXT_MAX - n, " and %zu more", trap->n_more);
    for (size_t i = 0; i < trap->n_regs && n < TRAP_TEXT_MAX; i++)
        n += (size_t)snprintf(buf + n, TRAP_TEXT_MAX - n, "%s%#" PRIx64, i > 0 ? ", " : "",
                              trap->regs[i]->value);
}

/* Owns the question whether this machine can replay a trace. */
#include "replayer/replayer.h"

#include "task/cpu.h"

#include <errno.h>
#include <string.h>

static uint32_t reg_of(const Reprise__CpuidLeaf *l, uint8_t reg)
{
    const uint32_t v[] = {l->eax, l->ebx, l->ecx, l->edx};
    return v[reg & 3];
}

static uint32_t native_reg(const struct cpu_feature *f)
{
    struct cpuid_regs v = cpu_native(f->leaf, f->subleaf);
    const uint32_t regs[] = {v.eax, v.ebx, v.ecx, v.edx};
    return regs[f->reg & 3];
}

static const Reprise__CpuidLeaf *leaf_of(const Reprise__Cpu *cpu, uint32_t leaf, uint32_t subleaf)
{
    for (size_t i = 0; i < cpu->n_leaves; i++)
        if (cpu->leaves[i]->leaf == leaf && cpu->leaves[i]->subleaf == subleaf)
            return cpu->leaves[i];
    return NULL;
}

int replayer_can_replay(struct trace_reader *trace, const struct machine *machine, struct err *err)
{
    const Reprise__Header *h = trace_reader_header(trace);
    const Reprise__Cpu *cpu = h != NULL ? h->cpu_detail : NULL;
    if (cpu == NULL)
        return 0;
    const struct cpu_feature *f;
    for (size_t i = 0; (f = cpu_feature(i)) != NULL; i++) {
        const Reprise__CpuidLeaf *l = leaf_of(cpu, f->leaf, f->subleaf);
        if (l == NULL || (reg_of(l, f->reg) >> f->bit & 1) == 0)
            continue;
        if ((native_reg(f) >> f->bit & 1) == 0)
            return err_set(
                err, ENOTSUP,
                "this CPU lacks %s, which the recorded program was offered (recorded on: "
                "%s); record with --cpu=baseline for traces that replay widely",
                f->name, h->cpu);
    }
    if (cpu->cpuid_trapped && !machine->has[MACHINE_CPUID_TRAP])
        return err_set(err, ENOTSUP,
                       "this machine cannot trap the cpuid instruction (CPUID faulting), and the "
                       "recording holds its answers (recorded on: %s)",
                       h->cpu);
    return 0;
}

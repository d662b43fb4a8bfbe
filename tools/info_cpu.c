/* Owns which CPU features a trace was offered. */
#include "task/cpu.h"
#include "tools/info.h"

bool info_offers(const Reprise__Cpu *cpu, const struct cpu_feature *feature)
{
    for (size_t i = 0; cpu != NULL && i < cpu->n_leaves; i++) {
        const Reprise__CpuidLeaf *leaf = cpu->leaves[i];
        if (leaf->leaf != feature->leaf || leaf->subleaf != feature->subleaf)
            continue;
        const uint32_t regs[] = {leaf->eax, leaf->ebx, leaf->ecx, leaf->edx};
        return (regs[feature->reg & 3] >> feature->bit & 1) != 0;
    }
    return false;
}

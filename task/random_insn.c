/* Owns the execution of rdrand, rdseed and rdpid. */
#include "task/random_insn.h"

#include "task/cpu.h"

#define TRIES 32

bool random_insn_works(enum machine_insn_kind kind)
{
    if (kind == MACHINE_RDRAND)
        return (cpu_steady(1, 0).ecx >> 30 & 1) != 0;
    struct cpuid_regs seven = cpu_steady(7, 0);
    return kind == MACHINE_RDSEED ? (seven.ebx >> 18 & 1) != 0 : (seven.ecx >> 22 & 1) != 0;
}

bool random_insn_execute(enum machine_insn_kind kind, uint64_t *ret_value)
{
    unsigned char ok = 0;
    uint64_t value = 0;
    if (kind == MACHINE_RDPID) {
        __asm__ volatile(".byte 0xf3, 0x48, 0x0f, 0xc7, 0xf8" : "=a"(value));
        ok = 1;
    }
    for (int i = 0; ok == 0 && i < TRIES; i++) {
        if (kind == MACHINE_RDRAND)
            __asm__ volatile("rdrand %0; setc %1" : "=r"(value), "=qm"(ok) : : "cc");
        else
            __asm__ volatile("rdseed %0; setc %1" : "=r"(value), "=qm"(ok) : : "cc");
    }
    *ret_value = value;
    return ok != 0;
}

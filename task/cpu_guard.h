/* Keeps the tracer's thread in the same CPUID and TSC mode as its tracees. */
#ifndef REPRISE_TASK_CPU_GUARD_H
#define REPRISE_TASK_CPU_GUARD_H

#include "task/machine.h"

#include <signal.h>
#include <stdbool.h>

/* Switching between a task whose cpuid (rdtsc) faults and one whose does not costs a write to a
 * model-specific register (to CR4), which in a virtual machine is a trip to the hypervisor
 * (arch/x86/kernel/process.c, __switch_to_xtra): it would double the cost of each stop. So the
 * calling thread turns its own cpuid and rdtsc off, too; the C library and others that still
 * execute them are answered by a SIGSEGV handler. Asking the vDSO for the time is dear then:
 * see base/clock.h. */
struct cpu_guard {
    bool cpuid_off, tsc_off;
    struct sigaction old_action;
};

void cpu_guard_enter(struct cpu_guard *g, const struct machine *m);
void cpu_guard_leave(struct cpu_guard *g);

#endif

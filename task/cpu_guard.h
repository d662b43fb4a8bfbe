/* Keeps the tracer's thread in the same CPUID mode as its tracees. */
#ifndef REPRISE_TASK_CPU_GUARD_H
#define REPRISE_TASK_CPU_GUARD_H

#include <signal.h>
#include <stdbool.h>

/* Switching between a task whose cpuid faults and one whose does not costs a write to a
 * model-specific register, which in a virtual machine is a trip to the hypervisor (arch/x86/kernel/
 * process.c, __switch_to_xtra): it would double the cost of each stop. So the calling thread turns
 * its own cpuid off, too; the C library and others that still execute it are answered by a SIGSEGV
 * handler. */
struct cpu_guard {
    bool on;
    struct sigaction old_action;
};

/* Does nothing where CPUID faulting does not exist. */
void cpu_guard_enter(struct cpu_guard *g);
void cpu_guard_leave(struct cpu_guard *g);

#endif

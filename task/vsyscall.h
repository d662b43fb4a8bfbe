/* The vsyscall page: three calls at fixed addresses that old static programs make, and that the
 * kernel carries out without any ptrace stop (arch/x86/entry/vsyscall/vsyscall_64.c). It asks
 * seccomp, though, so a filter can turn them into PTRACE_EVENT_SECCOMP stops. */
#ifndef REPRISE_TASK_VSYSCALL_H
#define REPRISE_TASK_VSYSCALL_H

#include <stdbool.h>
#include <stdint.h>

#define VSYSCALL_PAGE 0xffffffffff600000ull

static inline bool vsyscall_is_at(uint64_t ip)
{
    return (ip & ~4095ull) == VSYSCALL_PAGE;
}

#endif

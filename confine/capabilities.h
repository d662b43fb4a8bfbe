/* Rights that a process of root's, or one in a container, has and does not need. */
#ifndef REPRISE_CONFINE_CAPABILITIES_H
#define REPRISE_CONFINE_CAPABILITIES_H

#include <stdint.h>

#define CAPABILITY_PTRACE (UINT64_C(1) << 19)

/* Gives up all capabilities but those of `keep` (bits), for the calling thread and its children,
 * for good. Without any there is nothing to give up. 0 or -errno. */
int capabilities_drop(uint64_t keep);

/* CAPABILITY_PTRACE where this system lets nobody trace without it, even its own children
 * (kernel.yama.ptrace_scope, Documentation/admin-guide/LSM/Yama.rst); else 0. */
uint64_t capabilities_to_trace(void);

#endif

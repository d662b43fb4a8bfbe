/* What replayed tasks may ever ask of the kernel, whatever makes them ask.
 *
 * None of the calls that a replayed program makes is carried out (PTRACE_SYSEMU). Should that fail,
 * for a fault of ours or of the kernel's, there is a seccomp filter behind it: it lets through what
 * the replayer injects, calls that shape memory and make processes, and kills who asks for more.
 * The kernel looks at PTRACE_SYSEMU first (kernel/entry/common.c, syscall_trace_enter), so the
 * filter is asked about nothing but what is going to be carried out; and about the calls of the
 * vsyscall page, which ptrace does not see (arch/x86/entry/vsyscall/vsyscall_64.c): they stop. */
#ifndef REPRISE_REPLAYER_SANDBOX_H
#define REPRISE_REPLAYER_SANDBOX_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define SANDBOX_MAX 256 /* instructions */

/* The filter with its header, as it has to lie at `addr` in a task: struct sock_fprog first. */
struct sandbox_program {
    struct sock_fprog prog;
    struct sock_filter filter[SANDBOX_MAX];
};
void sandbox_program_init(struct sandbox_program *p, uint64_t addr);

/* The one descriptor in a replayed task that is no memory file: a socket from which those come. */
#define SANDBOX_CHANNEL    0
#define SANDBOX_RECV_FLAGS (MSG_CMSG_CLOEXEC | MSG_DONTWAIT)

/* Flags for seccomp(2) with it. */
#define SANDBOX_SECCOMP_FLAGS                                                                      \
    (1u << 2) /* SECCOMP_FILTER_FLAG_SPEC_ALLOW: it shall cost nothing                             \
               */

/* Whether the filter lets through that call, if it is made at STUB_ADDR. */
bool sandbox_allows(int64_t nr, const uint64_t args[6]);

#endif

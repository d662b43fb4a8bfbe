/* Owns the changes that are made to the calls of a replayer that is to be weakened. */
#include "weaken.h"

#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/user.h>

#define SYSEMU            31 /* linux/ptrace.h */
#define SYSEMU_SINGLESTEP 32

static struct {
    bool emulation, sandbox, waking, life, manners;
} without;
static bool has_begun;

bool weaken_choose(const char *list)
{
    without.emulation = strstr(list, "emulation") != NULL;
    without.sandbox = strstr(list, "sandbox") != NULL;
    without.waking = strstr(list, "waking") != NULL;
    without.life = strstr(list, "life") != NULL;
    without.manners = strstr(list, "manners") != NULL;
    return weaken_is_chosen();
}

bool weaken_is_chosen(void)
{
    return without.emulation || without.sandbox || without.waking || without.life ||
           without.manners;
}

void weaken_begin(void)
{
    has_begun = weaken_is_chosen();
}

long __real_ptrace(int request, pid_t pid, void *addr, void *data);
long __wrap_ptrace(int request, ...);

/* The zygote asks for its filter by registers that the replayer gives it: it asks for something
 * else that succeeds. */
static long set_regs(pid_t pid, void *addr, const struct user_regs_struct *wanted)
{
    struct user_regs_struct regs = *wanted;
    if (regs.rax == SYS_seccomp) {
        regs.rax = SYS_prctl;
        regs.rdi = PR_GET_DUMPABLE;
    }
    return __real_ptrace(PTRACE_SETREGS, pid, addr, &regs);
}

long __wrap_ptrace(int request, ...)
{
    va_list ap;
    va_start(ap, request);
    pid_t pid = va_arg(ap, pid_t);
    void *addr = va_arg(ap, void *);
    void *data = va_arg(ap, void *);
    va_end(ap);
    bool is_step = request == SYSEMU_SINGLESTEP, is_resume = request == SYSEMU || is_step;
    if (has_begun && without.sandbox && request == PTRACE_SETREGS)
        return set_regs(pid, addr, data);
    if (has_begun && without.waking && is_resume)
        return 0;
    if (has_begun && without.life && is_resume)
        __builtin_trap();
    if (has_begun && without.manners && is_resume)
        mkdir("of_the_replayer", 0700);
    if (has_begun && without.emulation && is_resume)
        request = is_step ? PTRACE_SINGLESTEP : PTRACE_CONT;
    return __real_ptrace(request, pid, addr, data);
}

/* Owns the answers to calls into the vsyscall page. At the stop the kernel has not done anything;
 * with the number set to -1 it only returns to the caller. */
#include "recorder/vsyscalls.h"

#include "recorder/emit.h"
#include "recorder/loop.h"
#include "recorder/spawn.h"
#include "task/vsyscall.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#define BELOW_STACK 4096 /* where the filter lies for a moment: nothing is there at exec */

static int64_t run(struct task *t, uint64_t ip, int64_t nr, uint64_t a, uint64_t b, uint64_t c)
{
    struct tracee_syscall call = {.ip = ip, .nr = nr, .args = {a, b, c}};
    int64_t result;
    int err = tracee_run_syscall(t->tid, &call, &result);
    return err < 0 ? err : result;
}

bool vsyscalls_watch(struct recorder *r, struct task *t, uint64_t ip, uint64_t rsp)
{
    struct vsyscall_program program, zeros = {0};
    uint64_t addr = (rsp - BELOW_STACK) & ~15ull;
    vsyscall_program_init(&program, addr);
    if (tracee_write(t->tid, addr, &program, sizeof program) < 0)
        return false;
    int64_t err = run(t, ip, SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, addr);
    if (err == -EACCES && run(t, ip, SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0) == 0)
        err = run(t, ip, SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, addr);
    tracee_write(t->tid, addr, &zeros, sizeof zeros);
    if (err == 0 && tracee_set_options(t->tid, SPAWN_OPTIONS | PTRACE_O_TRACESECCOMP) == 0)
        return true;
    recorder_warn(r, "process %d: calls into the vsyscall page, if it makes any, are not recorded",
                  (int)t->pid);
    return false;
}

/* gettimeofday(2), time(2) and getcpu(2), as vsyscall_64.c has them. */
static int64_t answer(struct recorder *r, struct task *t, const struct user_regs_struct *regs,
                      struct emit_list *out)
{
    struct timeval now = {0};
    struct timezone zone = {0};
    uint32_t core = (uint32_t)r->core, node = 0;
    struct {
        uint64_t addr;
        const void *data;
        size_t len;
    } writes[2] = {0};
    int64_t result = 0;
    switch (regs->orig_rax) {
    case SYS_gettimeofday:
        syscall(SYS_gettimeofday, &now, &zone);
        writes[0].addr = regs->rdi, writes[0].data = &now, writes[0].len = sizeof now;
        writes[1].addr = regs->rsi, writes[1].data = &zone, writes[1].len = sizeof zone;
        break;
    case SYS_time:
        now.tv_sec = result = time(NULL);
        writes[0].addr = regs->rdi, writes[0].data = &now.tv_sec, writes[0].len = sizeof now.tv_sec;
        break;
    default:
        writes[0].addr = regs->rdi, writes[0].data = &core, writes[0].len = sizeof core;
        writes[1].addr = regs->rsi, writes[1].data = &node, writes[1].len = sizeof node;
        break;
    }
    for (int i = 0; i < 2; i++) {
        if (writes[i].addr == 0 || writes[i].len == 0)
            continue;
        if (tracee_write(t->tid, writes[i].addr, writes[i].data, writes[i].len) < 0)
            return -EFAULT;
        emit_push(r, out, emit_memory(r, t->tid, writes[i].addr, writes[i].len));
    }
    return result;
}

bool vsyscalls_take(struct recorder *r, struct task *t)
{
    struct user_regs_struct regs;
    if (tracee_get_regs(t->tid, &regs) < 0 || !vsyscall_is_at(regs.rip))
        return false;
    struct emit_list out = {0};
    Reprise__Syscall s = REPRISE__SYSCALL__INIT;
    s.nr = (int64_t)regs.orig_rax;
    s.ip = regs.rip;
    s.result = answer(r, t, &regs, &out);
    s.refused = true;
    s.out = (Reprise__Range **)out.v;
    s.n_out = out.n;
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.body_case = REPRISE__EVENT__BODY_SYSCALL;
    e.syscall = &s;
    emit_event(r, t, &e);
    regs.rax = (uint64_t)s.result;
    regs.orig_rax = (uint64_t)-1;
    (void)tracee_set_regs(t->tid, &regs);
    task_resume(r, t, 0);
    return true;
}

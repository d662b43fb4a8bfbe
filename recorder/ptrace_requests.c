/* Owns what each ptrace request does: checked as the kernel would (kernel/ptrace.c,
 * arch/x86/kernel/ptrace.c), carried out on the traced task by the recorder, and written to the
 * memory of the caller. What it changes in the traced task goes to that task's stream. */
#include "recorder/ptrace_requests.h"

#include "recorder/call_facts.h"
#include "recorder/code_watch.h"
#include "recorder/forced_signals.h"
#include "recorder/poke.h"
#include "recorder/ptrace_let_go.h"
#include "recorder/ptrace_regs.h"
#include "recorder/ptrace_show.h"
#include "recorder/stops.h"
#include "recorder/tasks.h"
#include "task/cpu.h"
#include "task/made_calls.h"
#include "task/proc.h"

#include <elf.h>
#include <errno.h>
#include <linux/audit.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <unistd.h>

#define REGSET_MAX         16384
#define SIGNALS_MAX        64
#define INFO_MAX           128
#define INFO_OP_NONE       24 /* bytes of struct ptrace_syscall_info without a call */
#define INFO_OF_EXIT       33 /* as far as is_error */
#define OPTIONS_MASK       (0xffu | PTRACE_O_EXITKILL | PTRACE_O_SUSPEND_SECCOMP)
#define PTRACE_ARCH_PRCTL_ 30

/* The request at hand. */
struct request {
    struct recorder *r;
    struct task *caller;
    struct task *target;
    int64_t nr;
    uint64_t addr, data;
};

/* The request itself, with other data. Result, or -errno. */
static int64_t carry_out(const struct request *q, uint64_t addr, void *data)
{
    long n = syscall(NR_PTRACE, q->nr, q->target->tid, addr, data);
    return n < 0 ? -errno : n;
}

static int64_t give(const struct request *q, const void *data, size_t len)
{
    return tracee_write(q->caller->tid, q->data, data, len) < 0 ? -EFAULT : 0;
}

static int64_t take(const struct request *q, void *data, size_t len)
{
    return tracee_read_all(q->caller->tid, q->data, data, len) < 0 ? -EFAULT : 0;
}

/* ---- memory and registers ---- */

static int64_t peek(const struct request *q)
{
    uint64_t word;
    int64_t err = carry_out(q, q->addr, &word);
    return err < 0 ? err : give(q, &word, sizeof word);
}

/* Of memory, which it sees as the program has it. */
static int64_t peek_word(const struct request *q)
{
    uint64_t word;
    int64_t err = carry_out(q, q->addr, &word);
    if (err < 0)
        return err;
    code_watch_undo(q->target, q->addr, (uint8_t *)&word, sizeof word);
    return give(q, &word, sizeof word);
}

static int64_t poke_word(const struct request *q)
{
    int64_t err = carry_out(q, q->addr, (void *)q->data);
    if (err == 0)
        code_watch_written(q->r, q->target, q->addr, sizeof q->data);
    if (err == 0 && q->target->space != q->caller->space)
        poke_memory(q->r, q->target, q->addr, sizeof q->data);
    if (err == 0 && q->target->traced->stop.kind != PTRACE_STOP_ENTRY)
        code_watch_poked(q->r, q->target);
    return err;
}

/* A request with plain data that may change registers. */
static int64_t change_regs(const struct request *q, void *data)
{
    struct user_regs_struct before;
    int err = tracee_get_regs(q->target->tid, &before);
    if (err < 0)
        return err;
    int64_t done = carry_out(q, q->addr, data);
    if (done >= 0)
        ptrace_log_regs(q->r, q->target, &before);
    return done;
}

/* Whether tests want the registers to be written and never hit, as on some machines. */
static bool breakpoints_are_taken(const struct recorder *r)
{
    const struct machine *m = r->options->machine;
    return m->taken[MACHINE_BREAKPOINTS] && m->taken[MACHINE_WATCHPOINTS];
}

/* Breakpoints of the CPU are raised in replay by its own. */
static int64_t poke_user(const struct request *q)
{
    uint64_t first = offsetof(struct user, u_debugreg);
    bool is_debug_reg = q->addr >= first && q->addr < sizeof(struct user);
    if (is_debug_reg && breakpoints_are_taken(q->r))
        return 0;
    int64_t err = change_regs(q, (void *)q->data);
    if (err == 0 && is_debug_reg)
        poke_debug_reg(q->r, q->target, (uint32_t)(q->addr / sizeof(uint64_t)), q->data);
    return err;
}

static int64_t get_regs(const struct request *q)
{
    struct user_regs_struct regs;
    int64_t err = carry_out(q, 0, &regs);
    return err < 0 ? err : give(q, &regs, sizeof regs);
}

static int64_t set_regs(const struct request *q)
{
    struct user_regs_struct regs;
    int64_t err = take(q, &regs, sizeof regs);
    return err < 0 ? err : change_regs(q, &regs);
}

static int64_t get_fpregs(const struct request *q)
{
    struct user_fpregs_struct fp;
    int64_t err = carry_out(q, 0, &fp);
    return err < 0 ? err : give(q, &fp, sizeof fp);
}

static int64_t set_fpregs(const struct request *q)
{
    struct user_fpregs_struct fp;
    int64_t err = take(q, &fp, sizeof fp);
    if (err == 0)
        err = carry_out(q, 0, &fp);
    if (err == 0)
        poke_xstate(q->r, q->target);
    return err;
}

static int64_t get_regset(const struct request *q)
{
    uint8_t bytes[REGSET_MAX];
    struct iovec user, mine;
    int64_t err = take(q, &user, sizeof user);
    if (err < 0)
        return err;
    mine = (struct iovec){.iov_base = bytes,
                          .iov_len = user.iov_len < REGSET_MAX ? user.iov_len : REGSET_MAX};
    err = carry_out(q, q->addr, &mine);
    if (err < 0)
        return err;
    if (tracee_write(q->caller->tid, (uint64_t)user.iov_base, bytes, mine.iov_len) < 0)
        return -EFAULT;
    user.iov_len = mine.iov_len;
    return give(q, &user, sizeof user);
}

/* A program that believes in a CPUID with fewer features has a shorter xstate than the kernel,
 * which takes it only whole: what lies behind it stays as it is. */
static void complete_xstate(const struct request *q, uint8_t *bytes, struct iovec *iov)
{
    enum { IN_USE = 512 }; /* XSTATE_BV: Intel SDM vol. 1, 13.4.2 */
    uint8_t now[REGSET_MAX];
    struct iovec whole = {.iov_base = now, .iov_len = sizeof now};
    if (iov->iov_len < IN_USE + 64 ||
        ptrace(PTRACE_GETREGSET, q->target->tid, NT_X86_XSTATE, &whole) < 0 ||
        whole.iov_len <= iov->iov_len)
        return;
    uint64_t in_use_now, in_use, behind = 0;
    memcpy(&in_use_now, now + IN_USE, sizeof in_use_now);
    memcpy(&in_use, bytes + IN_USE, sizeof in_use);
    for (uint32_t i = 2; i < 63; i++)
        if ((in_use_now >> i & 1) != 0 && cpu_steady(0xd, i).ebx >= iov->iov_len)
            behind |= 1ull << i;
    in_use |= in_use_now & behind;
    memcpy(bytes + IN_USE, &in_use, sizeof in_use);
    memcpy(bytes + iov->iov_len, now + iov->iov_len, whole.iov_len - iov->iov_len);
    iov->iov_len = whole.iov_len;
}

static int64_t set_regset(const struct request *q)
{
    uint8_t bytes[REGSET_MAX];
    struct iovec user, mine;
    int64_t err = take(q, &user, sizeof user);
    if (err < 0)
        return err;
    mine = (struct iovec){.iov_base = bytes,
                          .iov_len = user.iov_len < REGSET_MAX ? user.iov_len : REGSET_MAX};
    if (tracee_read_all(q->caller->tid, (uint64_t)user.iov_base, bytes, mine.iov_len) < 0)
        return -EFAULT;
    if (q->addr == NT_X86_XSTATE)
        complete_xstate(q, bytes, &mine);
    err = change_regs(q, &mine);
    if (err < 0)
        return err;
    if (q->addr == NT_PRFPREG || q->addr == NT_X86_XSTATE)
        poke_xstate(q->r, q->target);
    if (mine.iov_len < user.iov_len)
        user.iov_len = mine.iov_len;
    return give(q, &user, sizeof user);
}

static int64_t arch_prctl(const struct request *q)
{
    uint64_t word = 0;
    bool gets = q->data == 0x1003 || q->data == 0x1004; /* ARCH_GET_FS, ARCH_GET_GS */
    if (!gets)
        return change_regs(q, (void *)q->data);
    int64_t err = carry_out(q, (uint64_t)&word, (void *)q->data);
    if (err < 0)
        return err;
    return tracee_write(q->caller->tid, q->addr, &word, sizeof word) < 0 ? -EFAULT : 0;
}

/* ---- the stop ---- */

static int64_t get_message(const struct request *q)
{
    unsigned long message = q->target->traced->message;
    return give(q, &message, sizeof message);
}

static int64_t get_siginfo(const struct request *q)
{
    const struct ptrace_stop *s = &q->target->traced->stop;
    return s->has_info ? give(q, &s->info, sizeof s->info) : -EINVAL;
}

static int64_t set_siginfo(const struct request *q)
{
    struct ptrace_stop *s = &q->target->traced->stop;
    siginfo_t info;
    if (!s->has_info)
        return -EINVAL;
    int64_t err = take(q, &info, sizeof info);
    if (err < 0)
        return err;
    s->info = info;
    if (s->kind == PTRACE_STOP_SIGNAL)
        return tracee_set_siginfo(q->target->tid, &info);
    return 0;
}

static int64_t peek_siginfo(const struct request *q)
{
    struct __ptrace_peeksiginfo_args args;
    siginfo_t infos[SIGNALS_MAX];
    if (tracee_read_all(q->caller->tid, q->addr, &args, sizeof args) < 0)
        return -EFAULT;
    if (args.nr > SIGNALS_MAX)
        args.nr = SIGNALS_MAX;
    int64_t n = carry_out(q, (uint64_t)&args, infos);
    if (n <= 0)
        return n;
    int64_t err = give(q, infos, (size_t)n * sizeof infos[0]);
    return err < 0 ? err : n;
}

static int64_t get_sigmask(const struct request *q)
{
    uint64_t mask;
    int64_t err = carry_out(q, q->addr, &mask);
    return err < 0 ? err : give(q, &mask, sizeof mask);
}

static int64_t set_sigmask(const struct request *q)
{
    uint64_t mask;
    int64_t err = take(q, &mask, sizeof mask);
    if (err == 0)
        err = carry_out(q, q->addr, &mask);
    if (err >= 0)
        forced_signals_look(q->target);
    return err;
}

/* After an exec, the recorder has had the task run calls of its own since. */
static int64_t exit_info(const struct task *t, uint8_t *ret)
{
    struct user_regs_struct regs;
    int err = tracee_get_regs(t->tid, &regs);
    if (err < 0)
        return err;
    struct __ptrace_syscall_info info = {.op = PTRACE_SYSCALL_INFO_EXIT,
                                         .arch = AUDIT_ARCH_X86_64,
                                         .instruction_pointer = regs_ip(&regs),
                                         .stack_pointer = regs_sp(&regs)};
    info.exit.rval = regs_result(&regs);
    info.exit.is_error = info.exit.rval < 0 && info.exit.rval > -4096;
    memcpy(ret, &info, sizeof info);
    return INFO_OF_EXIT;
}

/* The kernel tells of the stop that the task is at for the recorder, which may be another one. */
static int64_t get_syscall_info(const struct request *q)
{
    uint8_t info[INFO_MAX] = {0};
    int64_t n = carry_out(q, sizeof info, info);
    const struct traced *d = q->target->traced;
    if (n >= 0 && info[0] == PTRACE_SYSCALL_INFO_NONE && d->stop.kind == PTRACE_STOP_EXIT)
        n = exit_info(q->target, info);
    if (n < 0)
        return n;
    bool of_call = d->stop.kind == PTRACE_STOP_ENTRY || d->stop.kind == PTRACE_STOP_EXIT;
    bool seccomp = d->stop.status >> 16 == PTRACE_EVENT_SECCOMP;
    if (!seccomp && (!of_call || (d->options & PTRACE_O_TRACESYSGOOD) == 0)) {
        info[0] = PTRACE_SYSCALL_INFO_NONE;
        n = INFO_OP_NONE;
    }
    uint64_t len = q->addr < (uint64_t)n ? q->addr : (uint64_t)n;
    int64_t err = give(q, info, len);
    return err < 0 ? err : n;
}

static int64_t set_options(const struct request *q)
{
    if ((q->data & ~(uint64_t)OPTIONS_MASK) != 0)
        return -EINVAL;
    q->target->traced->options = (uint32_t)q->data;
    ptrace_apply_options(q->target);
    return 0;
}

/* ---- going on ---- */

static int64_t go_on(const struct request *q, enum ptrace_mode mode)
{
    if (q->data >= NSIG)
        return -EIO;
    ptrace_go_on(q->r, q->target, mode, (int)q->data);
    return 0;
}

static int64_t resume_cont(const struct request *q)
{
    return go_on(q, PTRACE_MODE_CONT);
}

static int64_t resume_syscall(const struct request *q)
{
    return go_on(q, PTRACE_MODE_SYSCALL);
}

static int64_t resume_step(const struct request *q)
{
    return go_on(q, PTRACE_MODE_STEP);
}

static int64_t detach(const struct request *q)
{
    if (q->data >= NSIG)
        return -EIO;
    ptrace_leave(q->r, q->target, (int)q->data);
    return 0;
}

static int64_t send_kill(const struct request *q)
{
    kill(q->target->tid, SIGKILL);
    return 0;
}

static int64_t interrupt(const struct request *q)
{
    if (!q->target->traced->seized)
        return -EIO;
    q->target->traced->interrupted = q->target->traced->stop.kind == PTRACE_STOP_NONE;
    return tracee_interrupt(q->target->tid);
}

static int64_t listen(const struct request *q)
{
    struct traced *d = q->target->traced;
    if (!d->seized || d->stop.status >> 16 != PTRACE_EVENT_STOP)
        return -EIO;
    d->stop.kind = PTRACE_STOP_NONE;
    return tracee_resume(q->target->tid, TRACEE_LISTEN, 0);
}

static const struct {
    int64_t (*run)(const struct request *q);
    int64_t nr;
    enum {
        OF_A_STOP,
        ENDS_THE_STOP,
        AT_ANY_TIME,
    } when;
} requests[] = {
    {peek_word, PTRACE_PEEKTEXT, OF_A_STOP},
    {peek_word, PTRACE_PEEKDATA, OF_A_STOP},
    {peek, PTRACE_PEEKUSER, OF_A_STOP},
    {poke_word, PTRACE_POKETEXT, OF_A_STOP},
    {poke_word, PTRACE_POKEDATA, OF_A_STOP},
    {poke_user, PTRACE_POKEUSER, OF_A_STOP},
    {resume_cont, PTRACE_CONT, ENDS_THE_STOP},
    {send_kill, PTRACE_KILL, AT_ANY_TIME},
    {resume_step, PTRACE_SINGLESTEP, ENDS_THE_STOP},
    {get_regs, PTRACE_GETREGS, OF_A_STOP},
    {set_regs, PTRACE_SETREGS, OF_A_STOP},
    {get_fpregs, PTRACE_GETFPREGS, OF_A_STOP},
    {set_fpregs, PTRACE_SETFPREGS, OF_A_STOP},
    {detach, PTRACE_DETACH, ENDS_THE_STOP},
    {set_options, 21, OF_A_STOP}, /* PTRACE_OLDSETOPTIONS */
    {resume_syscall, PTRACE_SYSCALL, ENDS_THE_STOP},
    {arch_prctl, PTRACE_ARCH_PRCTL_, OF_A_STOP},
    {set_options, PTRACE_SETOPTIONS, OF_A_STOP},
    {get_message, PTRACE_GETEVENTMSG, OF_A_STOP},
    {get_siginfo, PTRACE_GETSIGINFO, OF_A_STOP},
    {set_siginfo, PTRACE_SETSIGINFO, OF_A_STOP},
    {get_regset, PTRACE_GETREGSET, OF_A_STOP},
    {set_regset, PTRACE_SETREGSET, OF_A_STOP},
    {interrupt, PTRACE_INTERRUPT, AT_ANY_TIME},
    {listen, PTRACE_LISTEN, ENDS_THE_STOP},
    {peek_siginfo, PTRACE_PEEKSIGINFO, OF_A_STOP},
    {get_sigmask, PTRACE_GETSIGMASK, OF_A_STOP},
    {set_sigmask, PTRACE_SETSIGMASK, OF_A_STOP},
    {get_syscall_info, PTRACE_GET_SYSCALL_INFO, OF_A_STOP},
};

/* ---- beginning ---- */

static unsigned user_of(const struct task *t)
{
    char text[64];
    unsigned real, effective = 0;
    if (proc_field(proc_path(t->tid, "status"), "Uid", text, sizeof text))
        (void)sscanf(text, "%u %u", &real, &effective);
    return effective;
}

static int64_t may_attach(const struct request *q)
{
    unsigned user = user_of(q->caller);
    if (q->target->traced != NULL || q->target->pid == q->caller->pid ||
        q->target->state == TASK_DYING || (user != 0 && user != user_of(q->target)))
        return -EPERM;
    return 0;
}

static int64_t begin(const struct request *q)
{
    bool seize = q->nr == PTRACE_SEIZE;
    if (seize && q->addr != 0)
        return -EIO;
    if (seize && (q->data & ~(uint64_t)OPTIONS_MASK) != 0)
        return -EIO;
    int64_t err = may_attach(q);
    if (err < 0)
        return err;
    struct task *t = q->target;
    ptrace_attach(q->r, t, q->caller, seize);
    if (seize)
        t->traced->options = (uint32_t)q->data;
    t->traced->options_new = seize;
    if (t->in_group_stop) { /* it tells again */
        tracee_interrupt(t->tid);
    } else if (!seize) {
        t->traced->attach_pending = true;
        syscall(NR_TGKILL, t->pid, t->tid, SIGSTOP);
    }
    return 0;
}

static void trace_me(struct recorder *r, struct task *t)
{
    struct task *parent = NULL;
    size_t pos = 0;
    for (struct task *i; (i = map64_next(&r->tasks, &pos)) != NULL && parent == NULL;)
        if (i->serial == t->birth.parent)
            parent = i;
    if (t->traced != NULL || parent == NULL) {
        call_nullify(t, -EPERM);
        return;
    }
    ptrace_attach(r, t, parent, false);
    call_nullify(t, 0);
}

/* A task that is killed in a stop is in it no longer, whatever its tracer was told (ptrace(2),
 * "Death under ptrace"). Resumed at its exit, of which we have not heard yet, it would never tell.
 * What only asks is answered as if it had come before: where a signal's siginfo is refused, strace
 * believes in a group stop. */
static bool was_killed_in_its_stop(const struct request *q)
{
    return q->target->traced->stop.kind != PTRACE_STOP_NONE &&
           stops_look_for_death(q->r, q->target);
}

static int64_t run(const struct request *q)
{
    if (q->nr == PTRACE_ATTACH || q->nr == PTRACE_SEIZE)
        return begin(q);
    const struct traced *d = q->target->traced;
    if (d == NULL || d->tracer != q->caller || d->leaving)
        return -ESRCH;
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        if (requests[i].nr != q->nr)
            continue;
        if (requests[i].when != AT_ANY_TIME && d->stop.kind == PTRACE_STOP_NONE)
            return -ESRCH;
        if (requests[i].when == ENDS_THE_STOP && was_killed_in_its_stop(q))
            return -ESRCH;
        return requests[i].run(q);
    }
    return d->stop.kind == PTRACE_STOP_NONE ? -ESRCH : -EIO;
}

void ptrace_answer(struct recorder *r, struct task *p)
{
    const uint64_t *args = p->call.call.args;
    struct request q = {
        .r = r, .caller = p, .nr = (int64_t)args[0], .addr = args[2], .data = args[3]};
    if (q.nr == PTRACE_TRACEME) {
        trace_me(r, p);
        return;
    }
    q.target = task_find(r, (pid_t)args[1]);
    if (q.target != NULL)
        call_nullify(p, run(&q));
}

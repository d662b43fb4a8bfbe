/* Owns the answers that the recorder gives instead of the kernel: calls that it refuses, and those
 * that would show or undo what the recorder does to the task. */
#include "recorder/answers.h"

#include "base/scope.h"
#include "recorder/call_facts.h"
#include "recorder/exec_rights.h"
#include "recorder/fd_class.h"
#include "recorder/hot_reads.h"
#include "recorder/own_filters.h"
#include "recorder/proc_maps.h"
#include "recorder/proc_status.h"
#include "recorder/ptrace_requests.h"
#include "recorder/ptrace_wait.h"
#include "recorder/task_control.h"
#include "recorder/tasks.h"
#include "task/proc.h"

#include <asm/prctl.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define ARCH_REQ_XCOMP_PERM 0x1023

static void refuse(struct recorder *r, struct task *t)
{
    struct call *c = &t->call;
    call_nullify(t, -ENOSYS);
    uint64_t key = 0x20000u + (uint64_t)c->call.nr;
    if (c->row->answer == ANSWER_ENOSYS_QUIETLY || map64_get(&r->warned, key) != NULL)
        return;
    map64_put(&r->warned, key, r);
    recorder_warn(r,
                  "process %d: %s is refused (ENOSYS): memory that the kernel writes behind the "
                  "program's back cannot be recorded",
                  (int)t->pid, c->row->name);
}

/* ---- affinity: the task is pinned, but shall not know ---- */

static struct task *task_by_arg(const struct recorder *r, struct task *t)
{
    pid_t pid = (pid_t)t->call.call.args[0];
    return pid == 0 ? t : map64_get(&r->tasks, (uint64_t)pid);
}

static void set_affinity(struct recorder *r, struct task *t)
{
    struct call *c = &t->call;
    struct task *target = task_by_arg(r, t);
    if (target == NULL)
        return; /* no task of ours: the kernel knows */
    cpu_set_t wanted;
    CPU_ZERO(&wanted);
    size_t len = c->call.args[1] < sizeof wanted ? c->call.args[1] : sizeof wanted;
    if (tracee_read_all(t->tid, c->call.args[2], &wanted, len) < 0) {
        call_nullify(t, -EFAULT);
        return;
    }
    CPU_AND(&wanted, &wanted, &r->affinity);
    if (CPU_COUNT(&wanted) == 0) {
        call_nullify(t, -EINVAL);
        return;
    }
    target->affinity = wanted;
    target->affinity_set = true;
    call_nullify(t, 0);
}

static void get_affinity(struct recorder *r, struct task *t, int64_t result)
{
    const struct task *target = task_by_arg(r, t);
    if (result <= 0 || target == NULL)
        return;
    size_t len = (size_t)result < sizeof(cpu_set_t) ? (size_t)result : sizeof(cpu_set_t);
    tracee_write(t->tid, t->call.call.args[2], task_affinity(r, target), len);
}

/* ---- prctl and arch_prctl: TSC and CPUID trapping are ours ---- */

static void answer_prctl(struct recorder *r, struct task *t)
{
    const uint64_t *args = t->call.call.args;
    if (args[0] == PR_SET_TSC) {
        if (args[1] != PR_TSC_ENABLE && args[1] != PR_TSC_SIGSEGV) {
            call_nullify(t, -EINVAL);
            return;
        }
        t->tsc_off_by_program = args[1] == PR_TSC_SIGSEGV;
        if (t->tsc_off_by_program)
            hot_reads_stop(r, t, true);
        call_nullify(t, 0);
    } else if (args[0] == PR_GET_TSC) {
        int mode = t->tsc_off_by_program ? PR_TSC_SIGSEGV : PR_TSC_ENABLE;
        call_nullify(t, tracee_write(t->tid, args[1], &mode, sizeof mode) < 0 ? -EFAULT : 0);
    }
}

/* Where cpuid does not trap, what was rewritten does. */
static void answer_arch_prctl(struct recorder *r, struct task *t)
{
    const uint64_t *args = t->call.call.args;
    const struct machine *m = r->options->machine;
    bool can = m->has[MACHINE_CPUID_TRAP] || m->taken[MACHINE_CPUID_TRAP];
    if (args[0] == ARCH_SET_CPUID) {
        t->cpuid_off_by_program = can && args[1] == 0;
        call_nullify(t, can ? 0 : -ENODEV);
    } else if (args[0] == ARCH_GET_CPUID && can) {
        call_nullify(t, !t->cpuid_off_by_program);
    } else if (args[0] == ARCH_REQ_XCOMP_PERM) {
        call_nullify(t, -EOPNOTSUPP); /* AMX is hidden */
    }
}

/* ---- clone ---- */

static uint64_t clone_flags_of(struct task *t)
{
    const struct call *c = &t->call;
    uint64_t flags = c->call.args[0];
    if (c->row->task == TASK_CLONE3 &&
        tracee_read_all(t->tid, c->call.args[0], &flags, sizeof flags) < 0)
        return 0;
    if (c->row->task == TASK_FORK)
        return 0;
    if (c->row->task == TASK_VFORK)
        return CLONE_VM | CLONE_VFORK;
    return flags;
}

static void look_at_clone(struct task *t)
{
    struct call *c = &t->call;
    uint64_t flags = clone_flags_of(t);
    t->birth.clone_flags = flags;
    if (c->row->task == TASK_CLONE && (flags & CLONE_UNTRACED) != 0)
        c->argument_altered =
            tracee_set_reg(t->tid, regs_arg_word(0), flags & ~(uint64_t)CLONE_UNTRACED) == 0;
}

/* ---- execve ---- */

static bool is_32_bit_elf(const char *path)
{
    unsigned char ident[EI_NIDENT + 4] = {0};
    int fd SCOPE_CLOSE = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    return fd >= 0 && read(fd, ident, sizeof ident) == (ssize_t)sizeof ident &&
           memcmp(ident, ELFMAG, SELFMAG) == 0 && ident[EI_CLASS] == ELFCLASS32;
}

/* Before the program is gone that could be told. 32-bit programs cannot be recorded: it is told
 * what a kernel without them tells. */
static void look_at_exec(struct recorder *r, struct task *t)
{
    const struct call *c = &t->call;
    int at = syscall_arg_of_kind(c->row, ARG_DIRFD);
    int dirfd = at >= 0 ? (int)c->call.args[at] : AT_FDCWD;
    char name[4096], path[4200];
    int named = syscall_arg_of_kind(c->row, ARG_PATH);
    long n = tracee_read(t->tid, c->call.args[named], name, sizeof name - 1);
    if (n <= 0)
        return;
    name[n] = '\0';
    struct proc_path root = proc_path(t->tid, "root");
    if (name[0] == '/')
        snprintf(path, sizeof path, "%s%s", root.s, name);
    else if (dirfd == AT_FDCWD)
        snprintf(path, sizeof path, "%s/%s", proc_path(t->tid, "cwd").s, name);
    else
        snprintf(path, sizeof path, "%s%s%s", proc_fd(t->tid, dirfd).s, name[0] != '\0' ? "/" : "",
                 name);
    if (is_32_bit_elf(path)) {
        call_nullify(t, -ENOEXEC);
        recorder_warn(r,
                      "process %d executes the 32-bit program %s, which cannot be recorded: execve "
                      "fails (ENOEXEC)",
                      (int)t->pid, name);
    } else if (exec_rights_hide_memory(root.s, path)) {
        call_nullify(t, -EACCES);
        recorder_warn(
            r,
            "process %d executes %s: this user may not read it, or its interpreter, so that "
            "it cannot be recorded: execve fails (EACCES)",
            (int)t->pid, name);
    } else {
        exec_rights_warn(r, t->pid, path, name);
    }
}

/* Calls that move bytes without showing them to anybody: where those are the program's output, it
 * is made to use read and write, as it has to where the kernel cannot do it either (a file opened
 * for appending: sendfile(2)). To read the source once more is no way: a pipe is empty by then, a
 * file may have changed, and files of /proc, which the recorder corrects as they are read, are
 * others each time. */
static void look_at_move(struct recorder *r, struct task *t)
{
    const struct call *c = &t->call;
    bool from_memory = c->row->io.moves == MOVES_PAGES;
    enum fd_kind kind = fd_class_of(r, t, c->call.args[c->row->out_fd]);
    if (kind == FD_STDOUT || kind == FD_STDERR)
        call_nullify(t, from_memory ? -EBADF : -EINVAL); /* vmsplice(2): is no pipe */
    else if (!from_memory && fd_class_is_of_proc(t, c->call.args[c->row->io.in_fd]))
        call_nullify(t, -EINVAL);
}

bool answers_at_entry(struct recorder *r, struct task *t)
{
    struct call *c = &t->call;
    if (c->row == NULL)
        return true;
    if (syscall_makes_task(c->row))
        look_at_clone(t);
    if (c->row->task == TASK_EXEC)
        look_at_exec(r, t);
    else if (own_filters_are_asked(&c->call))
        own_filters_at_entry(r, t);
    else if (c->row->mem == MEM_PKEY_ALLOC && r->level < CPU_HOST)
        call_nullify(t, -ENOSPC); /* as on a CPU without protection keys, which CPUID pretends */
    else if (c->row->mem == MEM_REMAP_FILE_PAGES)
        call_nullify(t, -ENOSYS);
    else if ((c->row->flags & SYSCALL_FD_TO_FD) != 0 || c->row->io.moves == MOVES_PAGES)
        look_at_move(r, t);
    switch (c->row->answer) {
    case ANSWER_KERNEL:
    case ANSWER_GET_AFFINITY: /* at the exit */
        break;
    case ANSWER_PTRACE:
        ptrace_answer(r, t);
        break;
    case ANSWER_WAIT4:
    case ANSWER_WAITID:
        if (r->ptrace != NULL)
            ptrace_wait_at_entry(r, t);
        break;
    case ANSWER_ENOSYS:
    case ANSWER_ENOSYS_QUIETLY:
        refuse(r, t);
        break;
    case ANSWER_SET_AFFINITY:
        set_affinity(r, t);
        break;
    case ANSWER_PRCTL:
        answer_prctl(r, t);
        break;
    case ANSWER_ARCH_PRCTL:
        answer_arch_prctl(r, t);
        break;
    }
    return true;
}

bool answers_at_exit(struct recorder *r, struct task *t, struct user_regs_struct *regs)
{
    struct call *c = &t->call;
    if (c->answered) {
        regs_set_result(regs, c->answer);
        return tracee_set_reg(t->tid, REGS_RESULT, (uint64_t)c->answer) == 0;
    }
    if (c->row != NULL && c->row->answer == ANSWER_GET_AFFINITY)
        get_affinity(r, t, regs_result(regs));
    const struct syscall_row *row = syscall_traits(c->call.nr);
    if (row->fds == FDS_OPENS && regs_result(regs) >= 0) {
        proc_status_opened(t, c->in.data, c->in.len, regs_result(regs));
        proc_maps_opened(t, c->in.data, c->in.len, regs_result(regs));
    } else if (syscall_reads_file(row) && row->io.moves == MOVES_BUFFER) {
        if (t->status_files != NULL)
            proc_status_read(r, t, regs);
        if (t->maps_files != NULL)
            proc_maps_read(r, t, regs);
    }
    if (c->argument_altered) { /* the program finds its own argument again */
        regs_set_arg(regs, 0, regs_arg(&c->regs, 0));
        regs_set_arg(regs, 2, regs_arg(&c->regs, 2));
        return task_set_regs(r, t, regs);
    }
    return true;
}

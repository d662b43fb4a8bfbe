/* Owns the only place where a replayed task is resumed such that the kernel carries out a call.
 * Everywhere else it is resumed by PTRACE_SYSEMU or PTRACE_SYSEMU_SINGLESTEP, since its code and
 * its registers are what somebody wrote into a trace. So before each resume it is looked at whether
 * the task stands at the code of ours, and whether that is what it was. */
#include "replayer/real_call.h"

#include "replayer/diverge.h"
#include "replayer/sandbox.h"
#include "replayer/task_run.h"
#include "task/made_calls.h"
#include "task/stop.h"
#include "task/vsyscall.h"

#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define BEHIND_TRAP (STUB_BEHIND_CALL + 1)

#define FLAGS_PLAIN 0x202u /* IF, and the bit that is always set */
#define FLAG_TRAP   0x100u

/* Stops that mean nothing come between now and then; a call that never ends is none of ours. */
#define STOPS_MAX 1000

const uint8_t real_call_code[8] = {0x0f, 0x05, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc};

static int refuse(struct replayer *r, const char *why)
{
    return err_set(r->err, EPERM, "event %llu of stream %u: no call may run in a replayed task: %s",
                   (unsigned long long)r->at.number, r->at.stream, why);
}

static int verify(struct replayer *r, pid_t pid)
{
    uint64_t code;
    struct user_regs_struct regs;
    errno = 0;
    long word = ptrace(PTRACE_PEEKTEXT, pid, (void *)STUB_ADDR, NULL);
    if (word == -1 && errno != 0)
        return errno == ESRCH ? -ESRCH : refuse(r, "the code for it is not there");
    memcpy(&code, real_call_code, sizeof code);
    if ((uint64_t)word != code)
        return refuse(r, "the code for it was changed");
    int err = tracee_get_regs(pid, &regs);
    if (err < 0)
        return err;
    bool there = regs_ip(&regs) == STUB_ADDR || regs_ip(&regs) == STUB_BEHIND_CALL;
    if (!there || regs.cs != USER_CS || regs.ss != USER_SS || (regs_flags(&regs) & FLAG_TRAP) != 0)
        return refuse(r, "it does not stand at the code for it");
    return 0;
}

/* tracee_wait(); with the task's peak of memory, where nobody else tells of that. */
static int wait_for_stop(struct replayer *r, pid_t pid, int *ret_status)
{
    struct rusage usage;
    if (!r->use.no_proc)
        return tracee_wait(pid, ret_status);
    while (wait4(pid, ret_status, __WALL, &usage) < 0)
        if (errno != EINTR)
            return -errno;
    r->use.peak = (uint64_t)usage.ru_maxrss * 1024;
    return 0;
}

/* The one resume by which calls are carried out, and the stop that follows. */
static int resume(struct replayer *r, pid_t pid, int *ret_status)
{
    int err = verify(r, pid);
    if (err == 0)
        err = tracee_resume(pid, TRACEE_CONT, 0);
    return err < 0 ? err : wait_for_stop(r, pid, ret_status);
}

static bool is_about_memory(int64_t nr)
{
    return nr == NR_MMAP || nr == NR_MUNMAP || nr == NR_MPROTECT || nr == NR_PKEY_MPROTECT ||
           nr == NR_MREMAP || nr == NR_MADVISE;
}

static bool touches_ours(const struct real_call *c)
{
    if (is_about_memory(c->nr) && is_ours(c->args[0], c->args[1]))
        return true;
    return c->nr == NR_MREMAP && is_ours(c->args[4], c->args[2]);
}

/* Before the zygote's sandbox is closed no trace has said anything. */
static int check(struct replayer *r, const struct real_call *c)
{
    if (touches_ours(c))
        return refuse(r, "it would change what is the replay's own");
    if (!r->is_sandboxed || sandbox_allows(c->nr, c->args))
        return 0;
    return is_damaged(r, "call %lld (%#llx, %#llx, %#llx, %#llx) is none that a replay makes",
                      (long long)c->nr, (unsigned long long)c->args[0],
                      (unsigned long long)c->args[1], (unsigned long long)c->args[2],
                      (unsigned long long)c->args[3]);
}

static void set_call(struct user_regs_struct *regs, const struct real_call *c)
{
    regs_make_call(regs, STUB_ADDR, c->nr, c->args);
    regs->cs = USER_CS;
    regs->ss = USER_SS;
    regs_set_flags(regs, FLAGS_PLAIN);
}

/* 1: the call is over; 0: not yet; or -errno. */
static int look_at_stop(struct replayer *r, pid_t pid, struct stop stop, int64_t *ret_result,
                        pid_t *ret_child)
{
    struct user_regs_struct regs;
    unsigned long child;
    int err;
    switch (stop.kind) {
    case STOP_EXITED:
    case STOP_KILLED:
        return task_has_ended(r, pid, stop);
    case STOP_FORK:
        err = tracee_event_message(pid, &child);
        if (err == 0 && ret_child == NULL)
            err = refuse(r, "it made a process");
        if (err == 0)
            *ret_child = (pid_t)child;
        return err;
    case STOP_SIGNAL:
        err = tracee_get_regs(pid, &regs);
        if (err < 0 || stop.signo != SIGTRAP || regs_ip(&regs) != BEHIND_TRAP)
            return err; /* if it cannot go on, verify() tells */
        *ret_result = regs_result(&regs);
        return 1;
    case STOP_SYSCALL:
    case STOP_GROUP:
    case STOP_TRAP:
    case STOP_VFORK_DONE:
    case STOP_EXEC:
    case STOP_EXIT:
    case STOP_SECCOMP:
        break;
    }
    return 0;
}

static int run_call(struct replayer *r, pid_t pid, int64_t *ret_result, pid_t *ret_child)
{
    int status, over = 0;
    for (int i = 0; over == 0 && i < STOPS_MAX; i++) {
        over = resume(r, pid, &status);
        if (over == 0)
            over = look_at_stop(r, pid, stop_decode(status), ret_result, ret_child);
    }
    if (over == 0)
        return refuse(r, "it came to no end");
    if (over > 0 && ret_child != NULL && *ret_child != 0)
        over = tracee_wait(*ret_child, &status);
    return over < 0 ? over : 0;
}

/* A task that stands at a call into the vsyscall page must leave it with the registers that it came
 * with: the kernel kills it otherwise (vsyscall_64.c, "seccomp tried to change syscall nr or ip").
 */
int real_call_make(struct replayer *r, pid_t pid, const struct real_call *call, int64_t *ret_result,
                   pid_t *ret_child)
{
    struct user_regs_struct saved, regs;
    int64_t result = 0;
    pid_t child = 0;
    int err = check(r, call);
    if (err == 0)
        err = tracee_get_regs(pid, &saved);
    if (err == 0 && vsyscall_is_at(regs_ip(&saved)))
        err = is_damaged(r, "memory changes while a task stands in the vsyscall page");
    if (err == 0) {
        regs = saved;
        set_call(&regs, call);
        err = tracee_set_regs(pid, &regs);
    }
    if (err == 0)
        err = run_call(r, pid, &result, ret_child != NULL ? &child : NULL);
    if (err == 0)
        err = tracee_set_regs(pid, &saved);
    r->result.executed++;
    if (err < 0) {
        r->is_broken = true;
        return err_sys(r->err, -err, "cannot make a replayed task run a call");
    }
    *ret_result = result;
    if (ret_child != NULL)
        *ret_child = child;
    return 0;
}

/* Owns what recorded programs know of seccomp(2) and no_new_privs. */
#include "recorder/own_filters.h"

#include "recorder/call_facts.h"
#include "recorder/stub_calls.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define SET_MDWE              65 /* PR_SET_MDWE, since Linux 6.3 */
#define SYSCALL_USER_DISPATCH 59 /* PR_SET_SYSCALL_USER_DISPATCH, since Linux 5.11 */

static bool sets_mode(const struct syscall_call *c, uint64_t prctl_mode, uint64_t operation)
{
    return (c->nr == SYS_prctl && c->args[0] == PR_SET_SECCOMP && c->args[1] == prctl_mode) ||
           (c->nr == SYS_seccomp && c->args[0] == operation);
}

bool own_filters_are_coming(const struct user_regs_struct *regs)
{
    struct syscall_call c = {.nr = (int32_t)regs->orig_rax, .args = {regs->rdi, regs->rsi}};
    return sets_mode(&c, SECCOMP_MODE_STRICT, SECCOMP_SET_MODE_STRICT) ||
           sets_mode(&c, SECCOMP_MODE_FILTER, SECCOMP_SET_MODE_FILTER) ||
           (c.nr == SYS_prctl && c.args[0] == SET_MDWE);
}

void own_filters_at_entry(struct recorder *r, struct task *t)
{
    const struct syscall_call *c = &t->call.call;
    if (!r->filters_calls)
        return;
    if (c->nr == SYS_prctl && c->args[0] == SYSCALL_USER_DISPATCH && c->args[1] != 0)
        stub_calls_turn_off(t); /* the stub's own calls would be dispatched, too */
    if (sets_mode(c, SECCOMP_MODE_STRICT, SECCOMP_SET_MODE_STRICT)) {
        call_nullify(t, t->filtered ? -EINVAL : 0);
        t->strict = !t->filtered;
        t->tsc_off_by_program = t->strict; /* kernel/seccomp.c, seccomp_set_mode_strict */
    } else if (c->nr == SYS_prctl && c->args[0] == PR_GET_SECCOMP && !t->filtered) {
        call_nullify(t, SECCOMP_MODE_DISABLED);
    } else if (c->nr == SYS_prctl && c->args[0] == PR_GET_NO_NEW_PRIVS && c->args[1] == 0) {
        call_nullify(t, t->no_new_privs);
    }
}

void own_filters_at_exit(struct recorder *r, struct task *t)
{
    const struct syscall_call *c = &t->call.call;
    if (c->result < 0 || t->call.nullified)
        return;
    if (sets_mode(c, SECCOMP_MODE_STRICT, SECCOMP_SET_MODE_STRICT))
        t->tsc_off_by_program = true;
    if (c->nr == SYS_prctl && c->args[0] == PR_SET_NO_NEW_PRIVS)
        t->no_new_privs = true;
    if (!sets_mode(c, SECCOMP_MODE_FILTER, SECCOMP_SET_MODE_FILTER))
        return;
    bool all = c->nr == SYS_seccomp && (c->args[1] & SECCOMP_FILTER_FLAG_TSYNC) != 0;
    size_t pos = 0;
    t->filtered = true;
    for (struct task *other; all && (other = map64_next(&r->tasks, &pos)) != NULL;)
        if (other->pid == t->pid) {
            other->filtered = true;
            other->no_new_privs = other->no_new_privs || t->no_new_privs;
        }
}

bool own_filters_forbid(const struct task *t)
{
    int64_t nr = t->call.call.nr;
    return t->strict && nr != SYS_read && nr != SYS_write && nr != SYS_exit &&
           nr != SYS_rt_sigreturn;
}

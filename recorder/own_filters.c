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

static bool is_prctl(const struct syscall_call *c, uint32_t option)
{
    return syscall_is_command(c->nr, c->args, COMMANDS_PRCTL, option);
}

static bool sets_mode(const struct syscall_call *c, uint64_t prctl_mode, uint32_t operation)
{
    return (is_prctl(c, PR_SET_SECCOMP) && c->args[1] == prctl_mode) ||
           syscall_is_command(c->nr, c->args, COMMANDS_SECCOMP, operation);
}

bool own_filters_are_asked(const struct syscall_call *c)
{
    enum command_set_id commands = syscall_commands(c->nr);
    return commands == COMMANDS_PRCTL || commands == COMMANDS_SECCOMP;
}

bool own_filters_are_coming(const struct user_regs_struct *regs)
{
    struct syscall_call c = {.nr = (int32_t)regs_number(regs),
                             .args = {regs_arg(regs, 0), regs_arg(regs, 1)}};
    return sets_mode(&c, SECCOMP_MODE_STRICT, SECCOMP_SET_MODE_STRICT) ||
           sets_mode(&c, SECCOMP_MODE_FILTER, SECCOMP_SET_MODE_FILTER) || is_prctl(&c, SET_MDWE);
}

void own_filters_at_entry(struct recorder *r, struct task *t)
{
    const struct syscall_call *c = &t->call.call;
    if (!r->filters_calls)
        return;
    if (is_prctl(c, SYSCALL_USER_DISPATCH) && c->args[1] != 0)
        stub_calls_turn_off(t); /* the stub's own calls would be dispatched, too */
    if (sets_mode(c, SECCOMP_MODE_STRICT, SECCOMP_SET_MODE_STRICT)) {
        call_nullify(t, t->filtered ? -EINVAL : 0);
        t->strict = !t->filtered;
        t->tsc_off_by_program = t->strict; /* kernel/seccomp.c, seccomp_set_mode_strict */
    } else if (is_prctl(c, PR_GET_SECCOMP) && !t->filtered) {
        call_nullify(t, SECCOMP_MODE_DISABLED);
    } else if (is_prctl(c, PR_GET_NO_NEW_PRIVS) && c->args[1] == 0) {
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
    if (is_prctl(c, PR_SET_NO_NEW_PRIVS))
        t->no_new_privs = true;
    if (!sets_mode(c, SECCOMP_MODE_FILTER, SECCOMP_SET_MODE_FILTER))
        return;
    bool all = syscall_commands(c->nr) == COMMANDS_SECCOMP &&
               (c->args[1] & SECCOMP_FILTER_FLAG_TSYNC) != 0;
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
    return t->strict && !syscall_traits(t->call.call.nr)->strict;
}

/* Owns what makes and ends tasks, and what they wait for: clone, wait status, futex, capabilities.
 */
#include "decode/text_types.h"

#include <linux/futex.h>
#include <linux/sched.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/wait.h>

/* ---- clone ---- */

static void put_clone_flags(struct text *t, uint64_t flags, uint64_t signal)
{
    if (flags != 0)
        put_set(t, arg_type_info(TYPE_NAMESPACES)->set, flags);
    if (signal != 0) {
        if (flags != 0)
            put(t, "|");
        put_signal(t, signal);
    }
    if (flags == 0 && signal == 0)
        put(t, "0");
}

void text_clone_flags(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_clone_flags(t, (uint32_t)v & ~(uint64_t)CSIGNAL, v & CSIGNAL);
}

void text_clone_tid(struct text *t, size_t arg, uint64_t v)
{
    int32_t tid;
    (void)arg;
    if (v != 0 && has_out(t, v) && read_out(t, v, &tid, sizeof tid) == sizeof tid)
        put_fmt(t, "[%d]", tid);
    else
        put_addr(t, v);
}

/* strace names clone's arguments and leaves out those that the flags do not use. */
static void put_args_of_clone(struct text *t)
{
    const uint64_t *a = t->call->args;
    put(t, "child_stack=");
    put_addr(t, a[1]);
    put(t, ", flags=");
    text_clone_flags(t, 0, a[0]);
    if ((a[0] & (CLONE_PARENT_SETTID | CLONE_PIDFD)) != 0) {
        put(t, ", parent_tid=");
        text_clone_tid(t, 2, a[2]);
    }
    if ((a[0] & CLONE_SETTLS) != 0) {
        put(t, ", tls=");
        put_addr(t, a[4]);
    }
    if ((a[0] & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID)) != 0) {
        put(t, ", child_tidptr=");
        put_addr(t, a[3]);
    }
}

void text_clone_args(struct text *t, size_t arg, uint64_t v)
{
    struct clone_args a = {0};
    size_t size = t->call->args[1] < sizeof a ? (size_t)t->call->args[1] : sizeof a;
    (void)arg;
    if (v == 0 || read_in(t, v, &a, size) < 64) {
        put_addr(t, v);
        return;
    }
    put(t, "{flags=");
    put_clone_flags(t, a.flags, 0);
    if ((a.flags & CLONE_PIDFD) != 0) {
        put(t, ", pidfd=");
        put_addr(t, a.pidfd);
    }
    if ((a.flags & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID)) != 0) {
        put(t, ", child_tid=");
        put_addr(t, a.child_tid);
    }
    if ((a.flags & CLONE_PARENT_SETTID) != 0) {
        put(t, ", parent_tid=");
        put_addr(t, a.parent_tid);
    }
    put(t, ", exit_signal=");
    if (a.exit_signal != 0)
        put_signal(t, a.exit_signal);
    else
        put(t, "0");
    put(t, ", stack=");
    put_addr(t, a.stack);
    put(t, ", stack_size=");
    put_hex(t, a.stack_size);
    if ((a.flags & CLONE_SETTLS) != 0) {
        put(t, ", tls=");
        put_addr(t, a.tls);
    }
    put(t, "}");
    int32_t tid;
    if (!t->call->done || t->failed || (a.flags & CLONE_PARENT_SETTID) == 0 ||
        read_out(t, a.parent_tid, &tid, sizeof tid) < sizeof tid)
        return;
    put_fmt(t, " => {parent_tid=[%d]}", tid);
}

bool put_args_of_call(struct text *t)
{
    if (syscall_traits(t->call->nr)->task != TASK_CLONE || !t->call->entered || t->call->n_args < 5)
        return false;
    put_args_of_clone(t);
    return true;
}

/* ---- wait ---- */

void put_wait_status(struct text *t, int status)
{
    if (WIFSTOPPED(status)) {
        put(t, "{WIFSTOPPED(s) && WSTOPSIG(s) == ");
        put_signal(t, (uint32_t)WSTOPSIG(status) & 0x7fu);
        if ((WSTOPSIG(status) & 0x80) != 0)
            put(t, " | 0x80");
        put(t, "}");
        if (status >> 16 != 0)
            put_fmt(t, " | %#x << 16", (unsigned)status >> 16);
    } else if (WIFEXITED(status)) {
        put_fmt(t, "{WIFEXITED(s) && WEXITSTATUS(s) == %d}", WEXITSTATUS(status));
    } else if (WIFSIGNALED(status)) {
        put(t, "{WIFSIGNALED(s) && WTERMSIG(s) == ");
        put_signal(t, (uint32_t)WTERMSIG(status));
        put(t, WCOREDUMP(status) ? " && WCOREDUMP(s)}" : "}");
    } else if (WIFCONTINUED(status)) {
        put(t, "{WIFCONTINUED(s)}");
    } else {
        put_hex(t, (uint32_t)status);
    }
}

void text_status_ptr(struct text *t, size_t arg, uint64_t v)
{
    int status;
    (void)arg;
    if (v == 0 || !has_out(t, v) || read_out(t, v, &status, sizeof status) < sizeof status) {
        put_addr(t, v);
        return;
    }
    put(t, "[");
    put_wait_status(t, status);
    put(t, "]");
}

/* ---- futex ---- */

void text_futex_op(struct text *t, size_t arg, uint64_t v)
{
    struct syscall_command command;
    char number[24], name[64];
    snprintf(number, sizeof number, "%#x", (unsigned)v);
    bool known = syscall_command(t->call->nr, t->call->args, &command) && command.name != NULL &&
                 command.arg == arg;
    if (known)
        snprintf(name, sizeof name, "%s%s%s", command.name,
                 (v & FUTEX_PRIVATE_FLAG) != 0 ? "_PRIVATE" : "",
                 (v & FUTEX_CLOCK_REALTIME) != 0 ? "|FUTEX_CLOCK_REALTIME" : "");
    put_named(t, (unsigned)v == 0 ? "0" : number, known ? name : NULL);
}

/* ---- capabilities ---- */

static void put_caps(struct text *t, uint64_t caps)
{
    const struct constant_set *names = arg_type_info(TYPE_CAP)->set;
    bool any = false;
    if (caps == 0 || t->style->constants == TEXT_CONSTANTS_RAW) {
        put_hex(t, caps);
        return;
    }
    for (size_t i = 0; i < names->n; i++) {
        if ((caps >> names->v[i].value & 1) == 0)
            continue;
        if (any)
            put(t, "|");
        put(t, "1<<");
        put(t, names->v[i].name);
        any = true;
        caps &= ~(1ull << names->v[i].value);
    }
    if (caps != 0) {
        put(t, any ? "|" : "");
        put_hex(t, caps);
    }
}

/* Two structs of 32-bit halves from version 2 on: capget(2). */
void text_cap_data(struct text *t, size_t arg, uint64_t v)
{
    uint32_t w[6] = {0};
    (void)arg;
    size_t n = v != 0 ? read_either(t, v, w, sizeof w) : 0;
    if (n < 12) {
        put_addr(t, v);
        return;
    }
    put(t, "{effective=");
    put_caps(t, w[0] | (uint64_t)w[3] << 32);
    put(t, ", permitted=");
    put_caps(t, w[1] | (uint64_t)w[4] << 32);
    put(t, ", inheritable=");
    put_caps(t, w[2] | (uint64_t)w[5] << 32);
    put(t, "}");
}

/* struct sock_fprog of a filter: how long it is and where. */
void text_sock_fprog(struct text *t, size_t arg, uint64_t v)
{
    uint64_t words[2];
    (void)arg;
    if (v == 0 || read_in(t, v, words, sizeof words) < sizeof words) {
        put_addr(t, v);
        return;
    }
    put_fmt(t, "{len=%u, filter=", (unsigned)(words[0] & 0xffff));
    put_addr(t, words[1]);
    put(t, "}");
}

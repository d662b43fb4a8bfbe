/* Owns the copy of two signals' actions and of their bits in the mask. */
#include "recorder/forced_signals.h"

#include "base/no_memory.h"
#include "recorder/inject.h"
#include "recorder/signal_state.h"
#include "task/made_calls.h"
#include "vdso/clock_ring.h"

#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>

#ifndef CLONE_CLEAR_SIGHAND
#define CLONE_CLEAR_SIGHAND 0x100000000ull
#endif

/* As rt_sigaction(2) takes it. */
struct action {
    uint64_t handler, flags, restorer, mask;
};

enum { OF_SEGV, OF_TRAP, FOLLOWED };
static const int followed[FOLLOWED] = {[OF_SEGV] = SIGSEGV, [OF_TRAP] = SIGTRAP};

#define DEFAULT 0u /* SIG_DFL */
#define IGNORED 1u /* SIG_IGN */

struct signal_actions {
    unsigned refs;
    struct action v[FOLLOWED];
};

struct signal_actions *signal_actions_new(void)
{
    struct signal_actions *a = calloc(1, sizeof *a);
    if (a == NULL)
        no_memory();
    a->refs = 1;
    return a;
}

struct signal_actions *signal_actions_ref(struct signal_actions *a)
{
    a->refs++;
    return a;
}

struct signal_actions *signal_actions_copy(const struct signal_actions *a)
{
    struct signal_actions *copy = signal_actions_new();
    memcpy(copy->v, a->v, sizeof copy->v);
    return copy;
}

void signal_actions_unref(struct signal_actions *a)
{
    if (a != NULL && --a->refs == 0)
        free(a);
}

/* NULL: it is not followed. */
static struct action *action_of(const struct task *t, int signo)
{
    return signo == SIGSEGV   ? &t->signals.actions->v[OF_SEGV]
           : signo == SIGTRAP ? &t->signals.actions->v[OF_TRAP]
                              : NULL;
}

static uint64_t bit_of(int signo)
{
    return 1ull << (signo - 1);
}

static uint64_t all_bits(void)
{
    return bit_of(SIGSEGV) | bit_of(SIGTRAP);
}

/* ---- following ---- */

void forced_signals_look(struct task *t)
{
    uint64_t mask;
    if (tracee_get_sigmask(t->tid, &mask) == 0)
        t->signals.blocked_faults = mask & all_bits();
}

void forced_signals_at_exec(struct task *t)
{
    struct signal_actions *a = signal_actions_new();
    for (int i = 0; i < FOLLOWED; i++)
        if (signals_are_ignored(t, followed[i]))
            a->v[i].handler = IGNORED;
    signal_actions_unref(t->signals.actions);
    t->signals.actions = a;
    forced_signals_look(t);
}

void forced_signals_at_birth(struct task *parent, struct task *child, uint64_t flags)
{
    child->signals.blocked_faults = parent->signals.blocked_faults;
    child->signals.actions = (flags & CLONE_SIGHAND) != 0
                                 ? signal_actions_ref(parent->signals.actions)
                                 : signal_actions_copy(parent->signals.actions);
    for (int i = 0; (flags & CLONE_CLEAR_SIGHAND) != 0 && i < FOLLOWED; i++)
        if (child->signals.actions->v[i].handler != IGNORED)
            child->signals.actions->v[i] = (struct action){0};
}

static void follow_mask(struct task *t, uint64_t how, uint64_t set)
{
    set &= all_bits();
    switch (how) {
    case SIG_BLOCK:
        t->signals.blocked_faults |= set;
        break;
    case SIG_UNBLOCK:
        t->signals.blocked_faults &= ~set;
        break;
    case SIG_SETMASK:
        t->signals.blocked_faults = set;
        break;
    }
}

void forced_signals_at_call(struct task *t, int64_t nr, const uint64_t *args, const uint8_t *in,
                            size_t len)
{
    uint64_t set;
    enum syscall_signal does = syscall_traits(nr)->signal;
    struct action *action = does == SIGNAL_ACTION ? action_of(t, (int)args[0]) : NULL;
    if (action != NULL && args[1] != 0 && len >= sizeof *action) {
        memcpy(action, in, sizeof *action);
    } else if (does == SIGNAL_MASK && args[1] != 0 && len >= sizeof set) {
        memcpy(&set, in, sizeof set);
        follow_mask(t, args[0], set);
    }
}

void forced_signals_at_delivery(struct task *t, int signo)
{
    struct action *action = action_of(t, signo);
    if (action != NULL && (action->flags & SA_RESETHAND) != 0)
        action->handler = DEFAULT;
    forced_signals_look(t);
}

/* ---- mending ---- */

static bool is_blocked(const struct task *t, int signo)
{
    return (t->signals.blocked_faults & bit_of(signo)) != 0;
}

bool forced_signals_hurt(const struct task *t, int signo)
{
    const struct action *action = t->signals.actions != NULL ? action_of(t, signo) : NULL;
    return action != NULL && (is_blocked(t, signo) || action->handler == IGNORED);
}

/* There is memory of the task's that only the clock reads use, and not now. */
#define BORROWED (CLOCK_RING_ADDR + sizeof(struct clock_read))

static void install(struct task *t, int signo, const struct action *action)
{
    struct action saved;
    const uint64_t args[6] = {(uint64_t)signo, BORROWED, 0, sizeof action->mask};
    if (!t->space->has_vdso || tracee_read_all(t->tid, BORROWED, &saved, sizeof saved) < 0 ||
        tracee_write(t->tid, BORROWED, action, sizeof *action) < 0)
        return;
    (void)inject_call(t, NR_RT_SIGACTION, args);
    (void)tracee_write(t->tid, BORROWED, &saved, sizeof saved);
}

void forced_signals_mend(struct task *t, int signo)
{
    uint64_t mask;
    if (!forced_signals_hurt(t, signo))
        return;
    const struct action *action = action_of(t, signo);
    if (action->handler != DEFAULT)
        install(t, signo, action);
    if (is_blocked(t, signo) && tracee_get_sigmask(t->tid, &mask) == 0)
        (void)tracee_set_sigmask(t->tid, mask | bit_of(signo));
}

void forced_signals_force(struct task *t, int signo)
{
    uint64_t mask;
    if (!forced_signals_hurt(t, signo))
        return;
    struct action *action = action_of(t, signo);
    *action = (struct action){.handler = DEFAULT};
    install(t, signo, action);
    t->signals.blocked_faults &= ~bit_of(signo);
    if (tracee_get_sigmask(t->tid, &mask) == 0)
        (void)tracee_set_sigmask(t->tid, mask & ~bit_of(signo));
}

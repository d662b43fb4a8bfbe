/* Owns what the kernel and the recorder know of a task's signals: pending, blocked, ignored,
 * caught, held. Changes nothing in the task. */
#include "recorder/signal_state.h"

#include "base/no_memory.h"
#include "recorder/signal_order.h"
#include "task/proc.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>

struct masks {
    uint64_t pending, blocked, ignored, caught;
};

static bool read_masks(pid_t tid, struct masks *ret)
{
    char line[256];
    FILE *f = fopen(proc_path(tid, "status").s, "re");
    if (f == NULL)
        return false;
    *ret = (struct masks){0};
    while (fgets(line, sizeof line, f) != NULL) {
        unsigned long long v;
        if (sscanf(line, "SigPnd: %llx", &v) == 1 || sscanf(line, "ShdPnd: %llx", &v) == 1)
            ret->pending |= v;
        else if (sscanf(line, "SigBlk: %llx", &v) == 1)
            ret->blocked = v;
        else if (sscanf(line, "SigIgn: %llx", &v) == 1)
            ret->ignored = v;
        else if (sscanf(line, "SigCgt: %llx", &v) == 1)
            ret->caught = v;
    }
    fclose(f);
    return true;
}

static bool queue_is_empty(pid_t tid, uint32_t flags)
{
    struct __ptrace_peeksiginfo_args args = {.off = 0, .flags = flags, .nr = 1};
    siginfo_t info;
    return ptrace(PTRACE_PEEKSIGINFO, tid, &args, &info) == 0;
}

bool signals_are_pending(const struct task *t)
{
    if (queue_is_empty(t->tid, 0) && queue_is_empty(t->tid, PTRACE_PEEKSIGINFO_SHARED))
        return false;
    struct masks m;
    return read_masks(t->tid, &m) && (m.pending & ~m.blocked) != 0;
}

bool signals_is_pending(const struct task *t, int signo)
{
    struct masks m;
    return read_masks(t->tid, &m) && (m.pending >> (signo - 1) & 1) != 0;
}

bool signals_have_own_queue(const struct task *t)
{
    return !queue_is_empty(t->tid, 0);
}

bool signals_allow_traps(const struct task *t)
{
    const uint64_t trap = 1ull << (SIGTRAP - 1);
    struct masks m;
    return read_masks(t->tid, &m) && ((m.ignored | (m.blocked & m.pending)) & trap) == 0;
}

bool signals_matter(const struct task *t, int signo)
{
    struct masks m;
    return read_masks(t->tid, &m) && ((m.caught | m.blocked) >> (signo - 1) & 1) != 0;
}

bool signals_are_ignored(const struct task *t, int signo)
{
    struct masks m;
    return read_masks(t->tid, &m) && (m.ignored >> (signo - 1) & 1) != 0;
}

bool signals_have_handler(const struct task *t, int signo)
{
    struct masks m;
    return read_masks(t->tid, &m) && (m.caught >> (signo - 1) & 1) != 0;
}

bool signals_stop_by_default(int signo)
{
    return signo == SIGSTOP || signo == SIGTSTP || signo == SIGTTIN || signo == SIGTTOU;
}

bool signals_stops(const struct task *t, const siginfo_t *info)
{
    return signals_stop_by_default(info->si_signo) && !signals_have_handler(t, info->si_signo);
}

/* signal(7), "Standard signals". */
static bool default_is_harmless(int signo)
{
    switch (signo) {
    case SIGCHLD:
    case SIGURG:
    case SIGWINCH:
    case SIGCONT:
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
        return true;
    default:
        return false;
    }
}

enum disposition signals_disposition(const struct task *t, int signo)
{
    struct masks m;
    uint64_t bit = 1ull << (signo - 1);
    if (!read_masks(t->tid, &m))
        return DISPOSITION_FATAL;
    if ((m.caught & bit) != 0)
        return DISPOSITION_HANDLER;
    if ((m.ignored & bit) != 0 || default_is_harmless(signo))
        return DISPOSITION_IGNORED;
    return DISPOSITION_FATAL;
}

/* A standard signal that is pending already is not queued again (signal(7)). */
void signals_hold(struct task *t, const siginfo_t *info)
{
    struct held_signal **end = &t->signals.held;
    for (; *end != NULL; end = &(*end)->next)
        if ((*end)->info.si_signo == info->si_signo && info->si_signo < SIGRTMIN_OF_KERNEL)
            return;
    struct held_signal *h = calloc(1, sizeof *h);
    if (h == NULL)
        no_memory();
    h->info = *info;
    *end = h;
}

int signals_unused(const struct task *t)
{
    struct masks m = {0};
    (void)read_masks(t->tid, &m);
    for (const struct held_signal *h = t->signals.held; h != NULL; h = h->next)
        m.pending |= 1ull << (h->info.si_signo - 1);
    int signo = SIGRTMAX;
    while (signo > SIGRTMIN_OF_KERNEL && (m.pending >> (signo - 1) & 1) != 0)
        signo--;
    return signo;
}

/* Owns how a task that is let go gets the signals that it was to get from the recorder. */
#include "recorder/signal_leave.h"

#include "recorder/signal_state.h"
#include "task/made_calls.h"
#include "task/stop.h"

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BIT(signo) (1ull << ((signo)-1))

int signal_leave_take(struct task *t, int signo)
{
    int status;
    if (signo == 0 || !signals_have_handler(t, signo))
        return signo;
    /* stops before the handler's first instruction: kernel/signal.c, signal_setup_done */
    if (tracee_resume(t->tid, TRACEE_STEP, signo) < 0 || tracee_wait(t->tid, &status) < 0)
        return 0;
    struct stop stop = stop_decode(status);
    return stop.kind == STOP_SIGNAL && stop.signo != SIGTRAP ? stop.signo : 0;
}

/* The task is about to get a signal that the recorder sends, and gets the held one instead, which
 * it has blocked: the kernel makes it pending as it is (kernel/signal.c, ptrace_signal). */
static bool exchange(const struct task *t, int carrier, const siginfo_t *info)
{
    bool exchanged = false;
    int signo = 0;
    if (syscall(NR_TGKILL, t->pid, t->tid, carrier) < 0)
        return false;
    for (;;) {
        int status;
        if (tracee_resume(t->tid, TRACEE_CONT, signo) < 0 || tracee_wait(t->tid, &status) < 0)
            return false;
        struct stop stop = stop_decode(status);
        bool trapped = stop.kind == STOP_TRAP || stop.kind == STOP_GROUP;
        signo = 0;
        if (stop.kind == STOP_SIGNAL && stop.signo == carrier && !exchanged) {
            if (tracee_set_siginfo(t->tid, info) < 0 || tracee_interrupt(t->tid) < 0)
                return false;
            exchanged = true;
            signo = info->si_signo;
        } else if (trapped && exchanged) {
            return true;
        } else if (!trapped) {
            return false; /* it is killed */
        }
    }
}

void signal_leave_held(struct task *t)
{
    int carrier = signals_unused(t);
    uint64_t mask;
    if (t->signals.held == NULL || tracee_get_sigmask(t->tid, &mask) < 0 ||
        tracee_set_sigmask(t->tid, ~BIT(carrier)) < 0)
        return;
    bool there = true;
    for (const struct held_signal *h = t->signals.held; there && h != NULL; h = h->next)
        there = exchange(t, carrier, &h->info);
    if (there)
        (void)tracee_set_sigmask(t->tid, mask);
}

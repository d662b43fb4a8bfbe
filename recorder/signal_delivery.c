/* Owns how a signal is delivered to a recorded task, and the event that this makes. When it is to
 * be is decided by others. */
#include "recorder/signal_delivery.h"

#include "recorder/agenda.h"
#include "recorder/emit.h"
#include "recorder/forced_signals.h"
#include "recorder/hot_reads.h"
#include "recorder/poke.h"
#include "recorder/ptrace_show.h"
#include "recorder/signal_order.h"
#include "recorder/signal_state.h"
#include "recorder/stops.h"
#include "recorder/task_control.h"
#include "task/stop.h"

#include <stdlib.h>
#include <sys/ucontext.h>

static Reprise__Signal *signal_new(struct recorder *r, const siginfo_t *info,
                                   Reprise__Signal__At at, uint64_t ip)
{
    Reprise__Signal *s = emit_alloc(r, sizeof *s);
    reprise__signal__init(s);
    s->signo = (uint32_t)info->si_signo;
    s->siginfo = emit_copy(r, info, sizeof *info);
    s->at = at;
    s->ip = ip;
    return s;
}

static void signal_emit(struct recorder *r, struct task *t, Reprise__Signal *s)
{
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.body_case = REPRISE__EVENT__BODY_SIGNAL;
    e.signal = s;
    emit_event(r, t, &e);
}

/* Bytes of the frame at rsp: struct rt_sigframe and the FPU state that it points to
 * (arch/x86/include/asm/sigframe.h, struct _fpx_sw_bytes in uapi/asm/sigcontext.h). */
static uint64_t frame_size(pid_t tid, uint64_t rsp)
{
    enum { RETURN_ADDRESS = 8, UCONTEXT = 304, SIGINFO = 128, FPSTATE = 512, SW_BYTES = 464 };
    uint64_t size = RETURN_ADDRESS + UCONTEXT + SIGINFO;
    uint64_t fpstate = 0;
    size_t at = offsetof(ucontext_t, uc_mcontext.fpregs);
    if (tracee_read_all(tid, rsp + RETURN_ADDRESS + at, &fpstate, sizeof fpstate) < 0 ||
        fpstate < rsp || fpstate - rsp > 65536)
        return size;
    uint32_t sw[2] = {0};
    uint64_t len = FPSTATE;
    if (tracee_read_all(tid, fpstate + SW_BYTES, sw, sizeof sw) == 0 && sw[0] == 0x46505853 &&
        sw[1] <= 65536)
        len = sw[1];
    return fpstate + len - rsp;
}

static void frame_failed(struct recorder *r, struct task *t, const siginfo_t *dropped,
                         Reprise__Signal__At at, uint64_t ip);

/* Lets the kernel build the handler's frame, and logs it. PTRACE_SINGLESTEP with a signal stops
 * before the handler's first instruction (kernel/signal.c, signal_setup_done). */
void signals_deliver(struct recorder *r, struct task *t, const siginfo_t *info,
                     Reprise__Signal__At at, uint64_t ip)
{
    int status;
    struct user_regs_struct regs;
    if (task_get_regs(r, t, &regs))
        hot_reads_note_frame(t, regs_ip(&regs));
    if (tracee_resume(t->tid, TRACEE_STEP, info->si_signo) < 0 || tracee_wait(t->tid, &status) < 0)
        return;
    struct stop stop = stop_decode(status);
    if (stop.kind == STOP_SIGNAL && stop.signo == SIGSEGV) {
        frame_failed(r, t, info, at, ip);
        return;
    }
    if (stop.kind != STOP_SIGNAL || stop.signo != SIGTRAP) {
        stops_met(r, t->tid, status); /* killed */
        return;
    }
    if (t->traced != NULL)
        ptrace_did_step(t);
    if (!task_get_regs(r, t, &regs))
        return;
    Reprise__Signal *s = signal_new(r, info, at, ip);
    s->effect = REPRISE__SIGNAL__EFFECT__HANDLER;
    s->regs = emit_regs(r, &regs);
    s->xstate = emit_xstate(r, t->tid);
    struct emit_list frame = {0};
    Reprise__Range *range =
        emit_memory(r, t->tid, regs_sp(&regs), frame_size(t->tid, regs_sp(&regs)));
    if (range != NULL)
        emit_push(r, &frame, range);
    s->frame = (Reprise__Range **)frame.v;
    s->n_frame = frame.n;
    signal_emit(r, t, s);
    forced_signals_at_delivery(t, info->si_signo);
    t->regs = regs;
    task_set_state(r, t, TASK_USER);
    t->signals.imminent = signals_are_pending(t);
    task_resume(r, t, 0);
}

void signals_die(struct recorder *r, struct task *t, const siginfo_t *info, bool fault, uint64_t ip)
{
    Reprise__Signal__At at = fault ? REPRISE__SIGNAL__AT__FAULT : REPRISE__SIGNAL__AT__ANYWHERE;
    Reprise__Signal *s = signal_new(r, info, at, ip);
    s->effect = REPRISE__SIGNAL__EFFECT__FATAL;
    signal_emit(r, t, s);
    task_resume(r, t, info->si_signo);
}

/* There was no room for the frame: the kernel drops the signal and raises SIGSEGV
 * (kernel/signal.c, signal_setup_done and force_sigsegv), at whose delivery stop the task is. */
static void frame_failed(struct recorder *r, struct task *t, const siginfo_t *dropped,
                         Reprise__Signal__At at, uint64_t ip)
{
    siginfo_t info;
    if (tracee_get_siginfo(t->tid, &info) < 0)
        return;
    Reprise__Signal *s = signal_new(r, dropped, at, ip);
    s->effect = REPRISE__SIGNAL__EFFECT__DROPPED;
    signal_emit(r, t, s);
    if (signals_disposition(t, SIGSEGV) == DISPOSITION_HANDLER)
        signals_deliver(r, t, &info, REPRISE__SIGNAL__AT__BOUNDARY, ip);
    else
        signals_die(r, t, &info, false, ip);
}

void signals_log_fault(struct recorder *r, struct task *t, const siginfo_t *info,
                       const struct user_regs_struct *regs)
{
    Reprise__Signal *s = signal_new(r, info, REPRISE__SIGNAL__AT__FAULT, regs_ip(regs));
    s->effect = REPRISE__SIGNAL__EFFECT__DROPPED;
    signal_emit(r, t, s);
    t->regs = *regs;
}

void signals_take_here(struct recorder *r, struct task *t, const siginfo_t *info)
{
    struct user_regs_struct regs;
    if (!task_get_regs(r, t, &regs))
        return;
    switch (signals_disposition(t, info->si_signo)) {
    case DISPOSITION_HANDLER:
        signals_deliver(r, t, info, REPRISE__SIGNAL__AT__BOUNDARY, regs_ip(&regs));
        break;
    case DISPOSITION_IGNORED:
        t->signals.stopped_at_boundary = true;
        t->signals.imminent = t->signals.imminent && signals_are_pending(t);
        task_resume(r, t, info->si_signo);
        break;
    case DISPOSITION_FATAL:
        signals_die(r, t, info, false, regs_ip(&regs));
        break;
    }
}

/* ---- held signals ---- */

/* True: another signal of its number comes first. */
bool signals_put_in_order(struct task *t, siginfo_t *info)
{
    return t->signals.order.next != NULL &&
           signal_order_exchange(t, info, signals_is_pending(t, info->si_signo));
}

bool signals_undo_entry(struct recorder *r, struct task *t, const struct user_regs_struct *entry)
{
    int status;
    if (tracee_set_reg(t->tid, REGS_NUMBER, (uint64_t)-1) < 0 ||
        tracee_leave_call(t->tid, &status) < 0)
        return false;
    if (stop_decode(status).kind != STOP_SYSCALL) {
        stops_met(r, t->tid, status);
        return false;
    }
    struct user_regs_struct regs = *entry;
    regs_rewind(&regs, regs_number(entry));
    return task_set_regs(r, t, &regs);
}

/* The signal that is sent in place of one, and exchanged when it is about to be delivered: another
 * where that one is pending already, since it could not be told from that. To send one that stops
 * or continues undoes those of the other kind, and what they did (kernel/signal.c,
 * prepare_signal). */
static int carrier_of(const struct task *t, int signo)
{
    bool moves = signo == SIGCONT || signals_stop_by_default(signo);
    if (!moves && !signals_have_own_queue(t))
        return signo;
    return signals_unused(t);
}

/* Lets a signal through that the task may have blocked; returns the mask that it had. */
static uint64_t unblock(pid_t tid, int signo)
{
    uint64_t mask = 0;
    (void)tracee_get_sigmask(tid, &mask);
    uint64_t without = mask & ~(1ull << (signo - 1));
    if (without != mask)
        (void)tracee_set_sigmask(tid, without);
    return mask;
}

/* Makes the signal pending again and brings the task to its delivery stop. Others that come first
 * are held in their turn. */
static bool bring_to_delivery(struct recorder *r, struct task *t, const siginfo_t *info)
{
    int carrier = carrier_of(t, info->si_signo), inject = carrier;
    uint64_t mask = unblock(t->tid, carrier);
    for (;;) {
        int status;
        if (tracee_resume(t->tid, TRACEE_SYSCALL, inject) < 0 || tracee_wait(t->tid, &status) < 0)
            return false;
        struct stop stop = stop_decode(status);
        inject = 0;
        if (stop.kind == STOP_TRAP)
            continue;
        if (stop.kind == STOP_SIGNAL && stop.signo == carrier) {
            (void)tracee_set_sigmask(t->tid, mask);
            return tracee_set_siginfo(t->tid, info) == 0;
        }
        if (stop.kind != STOP_SIGNAL) {
            stops_met(r, t->tid, status);
            return false;
        }
        siginfo_t other;
        if (tracee_get_siginfo(t->tid, &other) < 0)
            return false;
        (void)signals_put_in_order(t, &other);
        signals_hold(t, &other);
    }
}

static bool is_blocked(pid_t tid, int signo)
{
    uint64_t mask = 0;
    return tracee_get_sigmask(tid, &mask) == 0 && (mask >> (signo - 1) & 1) != 0;
}

/* At the delivery stop of a signal. One that the task has blocked since it was held, as a handler
 * does, becomes pending as if it had come now (kernel/signal.c, ptrace_signal). True: it does. */
static bool put_back_if_blocked(struct recorder *r, struct task *t, const siginfo_t *info)
{
    if (!is_blocked(t->tid, info->si_signo))
        return false;
    signal_order_put_back(t, info);
    task_resume(r, t, info->si_signo);
    return true;
}

void signals_deliver_held(struct recorder *r, struct task *t)
{
    struct held_signal *h = t->signals.held;
    t->signals.held = h->next;
    siginfo_t info = h->info;
    free(h);
    if (tracee_set_siginfo(t->tid, &info) < 0 || put_back_if_blocked(r, t, &info))
        return;
    switch (signals_disposition(t, info.si_signo)) { /* another thread may have changed it */
    case DISPOSITION_HANDLER:
        signals_deliver(r, t, &info, REPRISE__SIGNAL__AT__BOUNDARY, regs_ip(&t->regs));
        break;
    case DISPOSITION_IGNORED: /* or stops it */
        task_resume(r, t, info.si_signo);
        break;
    case DISPOSITION_FATAL:
        signals_die(r, t, &info, false, regs_ip(&t->regs));
        break;
    }
}

void signals_deliver_held_at_entry(struct recorder *r, struct task *t)
{
    struct user_regs_struct entry = t->call.regs;
    struct held_signal *h = t->signals.held;
    t->signals.held = h->next;
    siginfo_t info = h->info;
    free(h);
    t->call.active = false;
    bool stops = signals_stops(t, &info);
    if (stops) { /* others will go on: replay must have brought this one here */
        poke_before_call(r, t);
        t->at_call = true;
    }
    if (!signals_undo_entry(r, t, &entry) || !bring_to_delivery(r, t, &info) ||
        put_back_if_blocked(r, t, &info))
        return;
    if (stops)
        task_resume(r, t, info.si_signo);
    else
        signals_deliver(r, t, &info, REPRISE__SIGNAL__AT__ENTRY, regs_ip(&entry));
}

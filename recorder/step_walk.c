/* Owns the single-stepping of a recorded task. Knows nothing of slices and tokens.
 *
 * The task is stepped to a landmark, and then on until it comes there again: what changed in one
 * round tells replay what to look at first. If a landmark on that round ends with the jump that
 * closes a loop, it is the better place: the check leads straight on from there, and costs replay
 * one jump less in each round. An instruction that enters the kernel is a boundary by
 * itself: then no place is needed. */
#include "recorder/step_walk.h"

#include "format/event_check.h"
#include "recorder/agenda.h"
#include "recorder/clock_reads.h"
#include "recorder/code_patches.h"
#include "recorder/forced_signals.h"
#include "recorder/hot_reads.h"
#include "recorder/rep_stop.h"
#include "recorder/signal_state.h"
#include "recorder/stops.h"
#include "recorder/stub_calls.h"
#include "recorder/task_control.h"
#include "task/made_calls.h"
#include "task/stop.h"

#include <stddef.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_STEPS    512  /* in all */
#define MAX_ROUND    160  /* to come round a loop */
#define AROUND       224  /* bytes of code before and behind a mark that are looked through */
#define WITHOUT_MARK 192  /* steps after which any place will do */
#define MAX_REP      4096 /* rounds of a repeated instruction that are stepped through */
#define LOOK_AHEAD   48   /* instructions, where none may be stepped over */
#define TF           0x100u
#define VSYSCALL_LOW 0xffffffffff600000ull

/* A landmark that closes a loop, met since the mark. */
struct loop_end {
    uint64_t ip, len;
    unsigned times; /* it was met; if more than once, the loop is within the mark's */
    bool is_mark;   /* the mark has moved there */
    struct user_regs_struct regs;
    struct buf xstate;
};

struct walker {
    struct recorder *r;
    struct task *t;
    struct insn_decoder *decoder;
    struct step_walk *walk;
    struct insn *seen; /* decoded on the way, MAX_STEPS at most */
    size_t n_seen;
    bool has_mark;
    bool alone;   /* the mark is one instruction: nothing can jump into its midst */
    bool no_runs; /* code here jumps into the midst of what looks like straight-line code */
    unsigned mark_step;
    uint64_t mark, mark_end, last_ip;
    uint64_t sigmask; /* the task's own: meanwhile, nothing interrupts */
    struct code_stop stop;
    struct user_regs_struct at_mark;
    struct buf xstate_at_mark;
    struct loop_end end;
};

enum next { GO_ON, ARRIVED, ELSEWHERE };

/* As the program has it. */
static long read_code(const struct task *t, uint64_t addr, uint8_t *code, size_t len)
{
    long n = tracee_read(t->tid, addr, code, len);
    if (n > 0)
        code_patches_undo(t, addr, code, (size_t)n);
    return n;
}

/* NULL: it cannot be read, or is not known. */
static const struct insn *look_at(struct walker *w, uint64_t addr)
{
    for (size_t i = 0; i < w->n_seen; i++)
        if (w->seen[i].addr == addr)
            return &w->seen[i];
    uint8_t code[INSN_MAX_LEN];
    long n = read_code(w->t, addr, code, sizeof code);
    if (n <= 0 || w->n_seen == MAX_STEPS ||
        !machine_insn_decode(w->decoder, code, (size_t)n, addr, &w->seen[w->n_seen]))
        return NULL;
    return &w->seen[w->n_seen++];
}

static void note_word(struct walker *w, uint64_t addr)
{
    struct step_walk *walk = w->walk;
    for (size_t i = 0; i < walk->n_words; i++)
        if (walk->words[i].addr == addr)
            return;
    uint64_t value;
    if (walk->n_words < WALK_WORDS && tracee_read_all(w->t->tid, addr, &value, sizeof value) == 0)
        walk->words[walk->n_words++] = (struct walk_word){.addr = addr, .value = value};
}

static void note_writes(struct walker *w, const struct insn *insn)
{
    for (uint8_t i = 0; i < insn->n_written; i++) {
        const struct insn_operand *op = &insn->written[i];
        uint64_t addr = machine_insn_operand_address(insn, op, &w->walk->regs);
        uint64_t last = addr + (op->size > 0 ? op->size - 1u : 0u);
        note_word(w, addr & ~7ull);
        if ((last & ~7ull) != (addr & ~7ull))
            note_word(w, last & ~7ull);
    }
}

static void note_varying(struct walker *w, const struct user_regs_struct *before)
{
    static const uint8_t general[] = {
        REG_INDEX(rdx), REG_INDEX(rbx), REG_INDEX(rsi), REG_INDEX(rdi), REG_INDEX(rbp),
        REG_INDEX(r8),  REG_INDEX(r9),  REG_INDEX(r10), REG_INDEX(r11), REG_INDEX(r12),
        REG_INDEX(r13), REG_INDEX(r14), REG_INDEX(r15), REG_INDEX(rax), REG_INDEX(rcx),
        REG_INDEX(rsp)}; /* rax and rcx late: the check has to save them */
    const unsigned long long *old = (const void *)before, *new = (const void *)&w->walk->regs;
    for (size_t i = 0; i < sizeof general; i++)
        if (old[general[i]] != new[general[i]])
            w->walk->varying[w->walk->n_varying++] = general[i];
}

/* SSE registers first: x87 registers are dear to look at. */
static void note_lanes(struct walker *w)
{
    struct step_walk *walk = w->walk;
    struct buf now = {0};
    size_t end = 8 * (EVENT_LANE_LAST + 1);
    bool known =
        w->xstate_at_mark.len >= end && tracee_get_xstate(w->t->tid, &now) == 0 && now.len >= end;
    for (uint32_t i = 0; known && i <= EVENT_LANE_LAST - EVENT_LANE_FIRST; i++) {
        uint32_t n = EVENT_LANE_XMM + i;
        if (n > EVENT_LANE_LAST)
            n -= EVENT_LANE_LAST - EVENT_LANE_FIRST + 1;
        if (walk->n_lanes < WALK_LANES &&
            memcmp(now.data + 8 * n, w->xstate_at_mark.data + 8 * n, 8) != 0)
            walk->lanes[walk->n_lanes++] = n;
    }
    buf_done(&now);
}

/* Moves words that changed to the front. */
static void sort_words(struct walker *w)
{
    struct step_walk *walk = w->walk;
    for (size_t i = 0; i < walk->n_words; i++) {
        uint64_t now;
        struct walk_word word = walk->words[i];
        if (tracee_read_all(w->t->tid, word.addr, &now, sizeof now) < 0 || now == word.value)
            continue;
        walk->words[i] = walk->words[walk->n_changing];
        walk->words[walk->n_changing++] = word;
    }
    walk->unchanged =
        walk->closed && walk->n_changing == 0 && walk->n_varying == 0 && walk->n_lanes == 0;
}

/* ---- the task's moves ---- */

/* Handles a status that is not the one wanted. */
static enum next met(struct walker *w, int status)
{
    (void)tracee_set_sigmask(w->t->tid, w->sigmask);
    stops_met(w->r, w->t->tid, status);
    return ELSEWHERE;
}

static enum next let_go(struct walker *w)
{
    (void)tracee_set_sigmask(w->t->tid, w->sigmask);
    task_resume(w->r, w->t, 0);
    return ELSEWHERE;
}

/* Whether a watchpoint of the task's own tracer was hit by the step, too, which the kernel tells by
 * DR6 alone then (arch/x86/kernel/traps.c, exc_debug_user). Then it shall be the stop of that. */
static bool hits_watchpoint(const struct task *t, siginfo_t *info)
{
    if (t->traced == NULL)
        return false;
    long status = ptrace(PTRACE_PEEKUSER, t->tid, offsetof(struct user, u_debugreg[6]), NULL);
    if ((status & 0xf) == 0)
        return false;
    info->si_code = TRAP_HWBKPT;
    return tracee_set_siginfo(t->tid, info) == 0;
}

/* Whether the task has stopped where it was to; then *regs are those of the place. */
static bool is_wanted(const struct walker *w, int status, struct user_regs_struct *regs)
{
    struct stop stop = stop_decode(status);
    siginfo_t info;
    if (stop.kind != STOP_SIGNAL || stop.signo != SIGTRAP ||
        tracee_get_siginfo(w->t->tid, &info) < 0 || tracee_get_regs(w->t->tid, regs) < 0)
        return false;
    if (w->stop.kind == CODE_STOP_NONE)
        return stop_ends_step(info.si_code, regs_ip(&w->walk->regs), regs_ip(regs)) &&
               !hits_watchpoint(w->t, &info);
    return code_stop_is_hit(&w->stop, &info, regs) &&
           tracee_set_reg(w->t->tid, REGS_IP, regs_ip(regs)) == 0;
}

static enum next resume_and_wait(struct walker *w, enum tracee_resume how)
{
    int status = 0;
    bool came = tracee_resume(w->t->tid, how, 0) == 0 && tracee_wait(w->t->tid, &status) == 0;
    struct user_regs_struct regs;
    bool wanted = came && is_wanted(w, status, &regs);
    rep_stop_clear(w->r, w->t, &w->stop); /* before anybody looks */
    if (!came)
        return ELSEWHERE; /* killed: wait will tell the loop */
    if (!wanted)
        return met(w, status);
    w->walk->regs = regs;
    return GO_ON;
}

static enum next step(struct walker *w)
{
    w->walk->n_steps++;
    return resume_and_wait(w, TRACEE_STEP);
}

/* Runs to the end of a repeated instruction, which single steps would cut into its rounds. */
static enum next run_over(struct walker *w, const struct insn *insn)
{
    if (rep_stop_set(w->r, w->t, &w->walk->regs, insn, &w->stop))
        return resume_and_wait(w, TRACEE_SYSCALL);
    enum next next = GO_ON;
    for (unsigned i = 0; next == GO_ON && regs_ip(&w->walk->regs) == insn->addr; i++)
        next = i < MAX_REP ? resume_and_wait(w, TRACEE_STEP) : let_go(w); /* another time */
    return next;
}

/* ---- the choice of the place ---- */

static void set_mark(struct walker *w, const struct landmark *landmark)
{
    w->has_mark = true;
    w->alone = landmark->n == 1;
    w->mark = regs_ip(&w->walk->regs);
    w->mark_end = w->mark + landmark->len;
    w->mark_step = w->walk->n_steps;
    w->at_mark = w->walk->regs;
    if (tracee_get_xstate(w->t->tid, &w->xstate_at_mark) < 0)
        w->xstate_at_mark.len = 0;
    w->walk->n_words = 0; /* what was written before the loop does not tell its progress */
    w->end.times = 0;
}

static bool is_landmark(const struct walker *w, uint64_t addr, struct landmark *ret)
{
    uint8_t code[LANDMARK_CODE], before = 0;
    long n = read_code(w->t, addr, code, sizeof code);
    (void)read_code(w->t, addr - 1, &before, 1);
    return n > 0 && !landmark_is_behind_lock(before) &&
           landmark_find(w->decoder, code, (size_t)n, addr, ret) && (ret->n == 1 || !w->no_runs);
}

/* Whether it came from elsewhere into the midst of the mark. */
static bool spoils_mark(const struct walker *w, uint64_t ip)
{
    return w->has_mark && ip > w->mark && ip < w->mark_end &&
           (w->last_ip < w->mark || w->last_ip >= w->mark_end);
}

/* Several instructions that others jump into the midst of would cost replay a stop each time. */
static bool is_entered(const struct walker *w, const struct landmark *landmark)
{
    uint8_t code[2 * AROUND];
    uint64_t from = landmark->insns[0].addr - AROUND;
    long n = read_code(w->t, from, code, sizeof code);
    if (n <= 0) {
        from = landmark->insns[0].addr;
        n = read_code(w->t, from, code, AROUND);
    }
    return landmark->n > 1 &&
           (n <= 0 || landmark_is_entered_by(landmark, w->decoder, code, (size_t)n, from));
}

/* Whether it ends with a jump back, and the check there would not have to keep the flags. */
static bool closes_loop(struct walker *w, const struct landmark *landmark)
{
    const struct insn *first = &landmark->insns[0], *last = &landmark->insns[landmark->n - 1];
    uint8_t code[LANDMARK_FLAGS_AHEAD];
    if (!last->jumps || last->target > first->addr)
        return false;
    long n = read_code(w->t, first->addr, code, sizeof code);
    return n > 0 && landmark_flags_are_dead(w->decoder, code, (size_t)n, first->addr) &&
           !is_entered(w, landmark);
}

static void note_end(struct walker *w, const struct landmark *landmark)
{
    struct loop_end *end = &w->end;
    uint64_t ip = landmark->insns[0].addr;
    if (!w->has_mark || end->is_mark || ip == w->mark || (end->times > 0 && ip != end->ip) ||
        (end->times == 0 && !closes_loop(w, landmark)))
        return;
    end->times++;
    end->ip = ip;
    end->len = landmark->len;
    end->regs = w->walk->regs;
    if (end->times > 1 || tracee_get_xstate(w->t->tid, &end->xstate) < 0)
        end->xstate.len = 0;
}

/* The round is closed: true if the mark has moved to its end, where it will be closed again. */
static bool move_to_end(struct walker *w)
{
    struct loop_end *end = &w->end;
    if (end->is_mark || end->times != 1)
        return false;
    end->is_mark = true;
    w->alone = true; /* no other is wanted */
    w->mark = end->ip;
    w->mark_end = end->ip + end->len;
    w->mark_step = w->walk->n_steps;
    w->at_mark = end->regs;
    struct buf xstate = w->xstate_at_mark;
    w->xstate_at_mark = end->xstate;
    end->xstate = xstate;
    return true;
}

static enum next judge_landmark(struct walker *w, const struct landmark *landmark)
{
    struct step_walk *walk = w->walk;
    if (w->has_mark && walk->n_steps - w->mark_step >= MAX_ROUND)
        return ARRIVED;
    if ((!w->has_mark && !is_entered(w, landmark)) || (landmark->n == 1 && !w->alone))
        set_mark(w, landmark);
    note_end(w, landmark);
    return GO_ON;
}

static enum next judge(struct walker *w, const struct insn *insn)
{
    struct step_walk *walk = w->walk;
    uint64_t ip = regs_ip(&walk->regs);
    if (walk->n_steps >= MAX_STEPS)
        return ARRIVED;
    if (walk->n_steps == 0 || insn == NULL || insn->repeats)
        return GO_ON;
    if (w->has_mark && ip == w->mark && !move_to_end(w)) {
        walk->closed = true;
        return ARRIVED;
    }
    if (spoils_mark(w, ip)) {
        w->has_mark = false;
        w->no_runs = true;
    }
    struct landmark landmark;
    if (is_landmark(w, ip, &landmark))
        return judge_landmark(w, &landmark);
    if (!w->has_mark && walk->n_steps >= WITHOUT_MARK)
        set_mark(w, &(struct landmark){.n = 1, .len = 1}); /* replay will need a breakpoint */
    return GO_ON;
}

static enum next move(struct walker *w)
{
    uint64_t ip = regs_ip(&w->walk->regs);
    if (clock_reads_has_code_at(ip) || hot_reads_has_way_at(w->t, ip)) /* another time */
        return let_go(w);
    if (stub_calls_has_code_at(w->t, ip)) { /* a call, which is a boundary if it stops */
        w->t->slice.nudged = true;
        return let_go(w);
    }
    const struct insn *insn = look_at(w, regs_ip(&w->walk->regs));
    enum next next = judge(w, insn);
    if (next != GO_ON)
        return next;
    bool at_kernel = insn != NULL ? insn->enters_kernel : regs_ip(&w->walk->regs) >= VSYSCALL_LOW;
    if (at_kernel) /* a boundary by itself */
        return let_go(w);
    if (insn != NULL && insn->shows_flags)
        return w->walk->n_steps > 0 ? ARRIVED : let_go(w);
    if (insn != NULL)
        note_writes(w, insn);
    w->last_ip = regs_ip(&w->walk->regs);
    return insn != NULL && insn->repeats ? run_over(w, insn) : step(w);
}

/* ---- a task that must not be stepped ---- */

/* Words that the code ahead writes, as far as the registers tell now: what changes in a round. */
static void look_ahead(struct walker *w)
{
    uint64_t at = regs_ip(&w->walk->regs);
    for (unsigned i = 0; i < LOOK_AHEAD; i++) {
        const struct insn *insn = look_at(w, at);
        if (insn == NULL || insn->enters_kernel)
            return;
        note_writes(w, insn);
        bool goes = insn->jumps && (insn->condition == INSN_ALWAYS || insn->target <= insn->addr);
        if (insn->branches && !insn->jumps)
            return;
        at = goes ? insn->target : insn->addr + insn->len;
    }
}

/* Resumes until the carrier is about to be delivered. What stops the task meanwhile, which no mask
 * holds back, stops it again as it goes on. */
static enum next run_to_delivery(struct walker *w, int carrier)
{
    const struct task *t = w->t;
    for (bool left_group_stop = false, lost_stop = false;;) {
        int status;
        if (tracee_resume(t->tid, TRACEE_CONT, 0) < 0 || tracee_wait(t->tid, &status) < 0)
            return ELSEWHERE; /* killed: wait will tell the loop */
        struct stop stop = stop_decode(status);
        bool delivers = stop.kind == STOP_SIGNAL;
        if (!delivers && stop.kind != STOP_GROUP && stop.kind != STOP_TRAP)
            return met(w, status);
        left_group_stop = left_group_stop || stop.kind == STOP_GROUP;
        lost_stop = lost_stop || (delivers && stop.signo == SIGSTOP);
        if (!delivers || stop.signo != carrier)
            continue;
        if (left_group_stop)
            (void)tracee_interrupt(t->tid);
        if (lost_stop)
            (void)kill(t->pid, SIGSTOP);
        return ARRIVED;
    }
}

/* To the delivery stop of a signal that nobody has sent, before the next instruction. */
static enum next stop_for_delivery(struct walker *w)
{
    const struct task *t = w->t;
    int carrier = signals_unused(t);
    if (tracee_get_sigmask(t->tid, &w->sigmask) < 0 ||
        tracee_set_sigmask(t->tid, ~(1ull << (carrier - 1))) < 0 ||
        syscall(NR_TGKILL, t->pid, t->tid, carrier) < 0)
        return ELSEWHERE;
    enum next next = run_to_delivery(w, carrier);
    if (next == ARRIVED)
        (void)tracee_set_sigmask(t->tid, w->sigmask);
    return next;
}

/* The place is where it stands; replay may have to look more often. */
static bool stand_still(struct walker *w)
{
    uint64_t ip = regs_ip(&w->walk->regs);
    const struct insn *insn = look_at(w, ip);
    if (insn == NULL || insn->repeats || insn->enters_kernel || insn->shows_flags ||
        clock_reads_has_code_at(ip) || stub_calls_has_code_at(w->t, ip)) {
        task_resume(w->r, w->t, 0); /* another time */
        return false;
    }
    look_ahead(w);
    return stop_for_delivery(w) == ARRIVED;
}

int step_walk_to_place(struct recorder *r, struct task *t, struct insn_decoder *decoder,
                       struct step_walk *ret)
{
    struct insn seen[MAX_STEPS];
    struct walker w = {.r = r, .t = t, .decoder = decoder, .walk = ret, .seen = seen};
    *ret = (struct step_walk){0};
    if (!task_get_regs(r, t, &ret->regs))
        return 0;
    if ((regs_flags(&ret->regs) & TF) != 0) { /* it steps by itself: each step is a boundary */
        task_resume(r, t, 0);
        return 0;
    }
    if (!signals_allow_traps(t))
        return stand_still(&w);
    if (tracee_block_signals(t->tid, &w.sigmask) < 0)
        return 0;
    enum next next;
    do
        next = move(&w);
    while (next == GO_ON);
    if (next == ARRIVED) {
        (void)tracee_set_sigmask(t->tid, w.sigmask);
        forced_signals_mend(t, SIGTRAP);
    }
    if (next == ARRIVED && w.has_mark) {
        note_varying(&w, &w.at_mark);
        note_lanes(&w);
    }
    if (next == ARRIVED)
        sort_words(&w);
    buf_done(&w.xstate_at_mark);
    buf_done(&w.end.xstate);
    return next == ARRIVED ? 1 : 0;
}

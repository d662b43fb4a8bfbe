/* Owns the choice among register, int3, writes and page, and the way of the task past each of them.
 * Knows nothing of checks, and compares no state. */
#include "replayer/arrive_watch.h"

#include "base/page.h"
#include "replayer/task_memory.h"
#include "replayer/task_run.h"
#include "replayer/zygote.h"
#include "task/machine_insn.h"
#include "task/made_calls.h"
#include "task/stop.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define LOW_ADDR 0x10000ull /* vm.mmap_min_addr, mostly */

static int failed(const struct point *pt, int err)
{
    return err_sys(pt->r->err, -err, "cannot watch the code of replayed task %u", pt->t->serial);
}

/* ---- register, int3, writes ---- */

/* Whether the instruction at the point is the recorded one; *ret_len: how many bytes tell. */
static bool code_is_there(const struct point *pt, size_t *ret_len)
{
    uint8_t now[INSN_MAX_LEN];
    const ProtobufCBinaryData *code = &pt->p->code;
    struct insn insn = {.len = INSN_MAX_LEN};
    struct insn_decoder *decoder = insn_decoder_new();
    if (decoder != NULL &&
        !machine_insn_decode(decoder, code->data, code->len, regs_ip(&pt->want), &insn))
        insn.len = INSN_MAX_LEN;
    insn_decoder_free(decoder);
    size_t len = insn.len < code->len ? insn.len : code->len;
    *ret_len = len > 0 ? len : 1;
    return len > 0 && tracee_read_all(pt->t->pid, regs_ip(&pt->want), now, len) == 0 &&
           memcmp(now, code->data, len) == 0;
}

/* Free pages, away from where a stack may grow; 0: there are none. */
static uint64_t find_gap(const struct maps *maps)
{
    const uint64_t len = GUARD_PAGES * PAGE;
    uint64_t end = LOW_ADDR;
    for (size_t i = 0; i < maps->n; i++) {
        if (maps->v[i].start >= end + 2 * len)
            return end + len;
        end = maps->v[i].end > end ? maps->v[i].end : end;
    }
    return 0;
}

/* 1: it is watched; 0: it cannot be; -errno. */
static int watch_code(struct arrive_watch *w, struct point *pt, const struct maps *maps,
                      const struct map *m)
{
    size_t len;
    bool there = code_is_there(pt, &len);
    uint64_t start = regs_ip(&pt->want), end = start + (there ? 1 : len), gap = find_gap(maps);
    int usable = gap == 0 ? 0
                          : code_guard_close(&w->guard, pt->r, pt->t, maps, start,
                                             end < m->end ? end : m->end, gap);
    if (usable <= 0)
        return usable;
    if (there && task_memory_stop_at(pt->r, pt->t->pid, CODE_STOP_INT3, start, &w->stop) == 0) {
        w->kind = WATCH_INT3;
        return 1;
    }
    if (there) {
        int err = code_guard_open(&w->guard, pt->r, pt->t);
        return err < 0 ? err : 0;
    }
    if (!code_guard_is_closed(&w->guard))
        return 0; /* nobody can write there */
    w->kind = WATCH_WRITES;
    return 1;
}

/* ---- the page ---- */

static int set_executable(const struct arrive_watch *w, const struct point *pt, bool on)
{
    uint64_t prot = (uint64_t)(on ? w->page.prot : w->page.prot & ~PROT_EXEC);
    int64_t got =
        zygote_call(pt->r, pt->t->pid, NR_MPROTECT, w->page.addr, w->page.len, prot, 0, 0, 0);
    return got < 0 ? (int)got : 0;
}

static int watch_page(struct arrive_watch *w, struct point *pt, const struct map *m)
{
    w->page = (struct guard_range){regs_ip(&pt->want) & ~(PAGE - 1), PAGE, m->prot};
    int err = set_executable(w, pt, false);
    if (err == 0)
        w->kind = WATCH_PAGE;
    return err;
}

static bool is_in_page(const struct arrive_watch *w, uint64_t ip)
{
    return ip - w->page.addr < w->page.len;
}

/* An instruction may begin before the page. */
static bool is_entered(const struct arrive_watch *w, const siginfo_t *fault, uint64_t ip)
{
    uint64_t addr = (uint64_t)fault->si_addr;
    bool crosses = addr == w->page.addr && addr - ip < INSN_MAX_LEN;
    return w->kind == WATCH_PAGE && !w->steps && fault->si_signo == SIGSEGV &&
           fault->si_code == SEGV_ACCERR && is_in_page(w, addr) && (addr == ip || crosses);
}

/* A step over pushf shows that it is one (arch/x86/kernel/step.c hides TF in registers alone). */
static int hide_trap_flag(const struct arrive_watch *w, struct replayer *r, const struct rtask *t)
{
    uint8_t code[3] = {0}, flags;
    if (regs_sp(&t->regs) >= w->stack_before)
        return 0;
    long n = tracee_read(t->pid, w->stepped_from, code, sizeof code);
    size_t i = 0;
    while (i < 2 && (code[i] == 0x66 || (code[i] & 0xf0) == 0x40))
        i++;
    if (n <= (long)i || code[i] != 0x9c)
        return 0;
    int err = tracee_read_all(t->pid, regs_sp(&t->regs) + 1, &flags, 1);
    flags &= (uint8_t)~1u;
    return err < 0 ? err : task_memory_write(r, t->pid, regs_sp(&t->regs) + 1, &flags, 1);
}

/* ---- begin and end ---- */

int arrive_watch_begin(struct arrive_watch *w, struct point *pt, bool by_page)
{
    *w = (struct arrive_watch){.n_steps = w->n_steps};
    int err = 0;
    if (replayer_has(pt->r, MACHINE_BREAKPOINTS)) {
        err = task_memory_stop_at(pt->r, pt->t->pid, CODE_STOP_REGISTER, regs_ip(&pt->want),
                                  &w->stop);
        w->kind = WATCH_REGISTER;
        return err < 0 ? failed(pt, err) : 0;
    }
    struct maps maps = {0};
    err = maps_read(pt->t->pid, &maps);
    const struct map *m = err == 0 ? maps_find(&maps, regs_ip(&pt->want)) : NULL;
    if (m != NULL && (m->prot & PROT_EXEC) != 0) {
        err = by_page ? 0 : watch_code(w, pt, &maps, m);
        if (err == 0)
            err = watch_page(w, pt, m);
    }
    maps_done(&maps);
    return err < 0 ? failed(pt, err) : 0;
}

int arrive_watch_end(struct arrive_watch *w, struct point *pt)
{
    int err = code_stop_clear(pt->t->pid, &w->stop);
    if (err == 0)
        err = code_guard_open(&w->guard, pt->r, pt->t);
    if (err == 0 && w->kind == WATCH_PAGE && !w->steps)
        err = set_executable(w, pt, true);
    *w = (struct arrive_watch){.n_steps = w->n_steps};
    return err < 0 ? failed(pt, err) : 0;
}

/* ---- on the way ---- */

int arrive_watch_resume(struct arrive_watch *w, const struct point *pt)
{
    if (!w->steps)
        return tracee_resume(pt->t->pid, TRACEE_SYSEMU, 0);
    const struct user_regs_struct *regs = rtask_regs(pt->r, pt->t);
    if (regs == NULL)
        return -ESRCH;
    w->stepped_from = regs_ip(regs);
    w->stack_before = regs_sp(regs);
    return tracee_resume(pt->t->pid, TRACEE_SYSEMU_STEP, 0);
}

int arrive_watch_pass(struct arrive_watch *w, struct point *pt)
{
    if (w->kind != WATCH_INT3 || w->steps)
        return 0;
    int err = code_stop_clear(pt->t->pid, &w->stop);
    w->steps = true;
    if (err < 0)
        return failed(pt, err);
    return rtask_leave(pt->r, pt->t);
}

/* The task has been stepped, which is looked at where it stands now. */
static int after_step(struct arrive_watch *w, struct point *pt)
{
    const struct rtask *t = pt->t;
    bool there = regs_ip(&t->regs) == regs_ip(&pt->want);
    int err = 0;
    if (w->kind == WATCH_PAGE) {
        w->n_steps++;
        err = hide_trap_flag(w, pt->r, t);
        w->steps = is_in_page(w, regs_ip(&t->regs));
        if (err == 0 && !w->steps)
            err = set_executable(w, pt, false);
    } else if (!there) { /* else it would only have to be lifted again */
        err = task_memory_stop_at(pt->r, t->pid, CODE_STOP_INT3, regs_ip(&pt->want), &w->stop);
        w->steps = false;
    }
    return err < 0 ? failed(pt, err) : there ? WATCH_MET_POINT : WATCH_MET_SELF;
}

static int enter_page(struct arrive_watch *w, struct point *pt)
{
    int err = set_executable(w, pt, true);
    w->steps = true;
    if (err < 0)
        return failed(pt, err);
    return regs_ip(&pt->t->regs) == regs_ip(&pt->want) ? WATCH_MET_POINT : WATCH_MET_SELF;
}

/* The int3 stands in the midst of an instruction: behind a lock prefix, behind which other code
 * jumps. */
static bool is_in_midst(const struct arrive_watch *w, const struct rtask *t)
{
    uint64_t ahead = w->stop.addr - regs_ip(&t->regs);
    return w->stop.kind == CODE_STOP_INT3 && t->fault.si_signo == SIGILL && ahead > 0 &&
           ahead < INSN_MAX_LEN;
}

int arrive_watch_meaning(struct arrive_watch *w, struct point *pt)
{
    struct rtask *t = pt->t;
    const siginfo_t *fault = &t->fault;
    if (code_stop_is_hit(&w->stop, fault, &t->regs))
        return WATCH_MET_POINT;
    bool traps = w->steps && fault->si_signo == SIGTRAP;
    if (traps && stop_ends_step(fault->si_code, w->stepped_from, regs_ip(&t->regs)))
        return after_step(w, pt);
    if (traps && fault->si_code == TRAP_BRKPT)
        return WATCH_MET_SELF;
    if (is_entered(w, fault, regs_ip(&t->regs)))
        return enter_page(w, pt);
    if (is_in_midst(w, t)) {
        int err = arrive_watch_pass(w, pt);
        return err < 0 ? err : WATCH_MET_SELF;
    }
    bool write = fault->si_signo == SIGSEGV && fault->si_code == SEGV_ACCERR &&
                 code_guard_stops(&w->guard, (uint64_t)fault->si_addr);
    return write ? WATCH_MET_WRITE : WATCH_MET_ELSE;
}

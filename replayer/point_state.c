/* Owns the comparison of complete states: registers, xstate, memory. Cheap parts come first. */
#include "replayer/point_state.h"

#include "base/page.h"
#include "replayer/diverge.h"
#include "replayer/fast_stub.h"
#include "replayer/task_watch.h"
#include "replayer/xstate_compare.h"
#include "task/landmark.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TF_AND_RF  0x10100ull /* the debugger's flags, not the program's */
#define CALCULATED 0x8d5ull   /* CF, PF, AF, ZF, SF, OF */

static const char *const reg_names[] = {
    "r15",    "r14", "r13", "r12",     "rbp",     "rbx", "r11",      "r10", "r9",
    "r8",     "rax", "rcx", "rdx",     "rsi",     "rdi", "orig_rax", "rip", "cs",
    "eflags", "rsp", "ss",  "fs_base", "gs_base", "ds",  "es",       "fs",  "gs",
};

#define N_REGS (sizeof reg_names / sizeof reg_names[0])

int point_init(struct point *pt, struct replayer *r, struct rtask *t, const Reprise__Preemption *p)
{
    *pt = (struct point){.r = r, .t = t, .p = p, .nearest = ~0u};
    if (p->regs.len != sizeof pt->want)
        return err_set(r->err, EBADMSG, "damaged trace: a preemption without registers");
    if (access("/proc/self/maps", R_OK) < 0)
        return err_set(r->err, ENOTSUP,
                       "a task was preempted here when recorded; to find that place its memory has "
                       "to be compared, which needs /proc: mount it and replay again");
    memcpy(&pt->want, p->regs.data, sizeof pt->want);
    pt->dead = calloc(p->n_dead + 2, sizeof *pt->dead);
    if (pt->dead == NULL)
        return err_sys(r->err, ENOMEM, "cannot replay");
    pt->dead[pt->n_dead++] = (struct memory_span){.addr = STUB_ADDR, .len = STUB_END - STUB_ADDR};
    for (size_t i = 0; i < p->n_lanes && i < CHECK_LANES; i++)
        pt->lanes[pt->n_lanes++] = p->lanes[i];
    for (size_t i = 0; i < p->n_dead; i++)
        pt->dead[pt->n_dead++] =
            (struct memory_span){.addr = p->dead[i]->addr, .len = p->dead[i]->len};
    return 0;
}

void point_done(struct point *pt)
{
    free(pt->dead);
}

static uint64_t masked(const struct point *pt, size_t i, uint64_t value)
{
    uint64_t ignored = TF_AND_RF | (pt->flags_are_dead ? CALCULATED : 0);
    if (i == REGS_NUMBER)
        return 0;
    return i == REGS_FLAGS ? value & ~ignored : value;
}

__attribute__((format(printf, 3, 4))) static void note(struct point *pt, unsigned n_different,
                                                       const char *fmt, ...)
{
    if (n_different >= pt->nearest && n_different > 0)
        return;
    pt->nearest = n_different;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(pt->difference, sizeof pt->difference, fmt, ap);
    va_end(ap);
}

static bool same_registers(struct point *pt, const struct user_regs_struct *regs)
{
    const unsigned long long *now = (const void *)regs, *want = (const void *)&pt->want;
    unsigned n = 0;
    size_t first = 0;
    for (size_t i = 0; i < N_REGS; i++) {
        if (masked(pt, i, now[i]) == masked(pt, i, want[i]))
            continue;
        if (n++ == 0)
            first = i;
    }
    if (n > 0)
        note(pt, n, "%s was %#llx, not %#llx%s", reg_names[first], now[first], want[first],
             n > 1 ? ", and more registers differed" : "");
    return n == 0;
}

/* Whether a check at the point changes what can be read there. */
static bool is_at_point(const struct point *pt, uint64_t addr, uint64_t len)
{
    return addr + len > regs_ip(&pt->want) && addr < regs_ip(&pt->want) + LANDMARK_JUMP;
}

static bool same_witness(struct point *pt, bool in_check)
{
    for (size_t i = 0; i < pt->p->n_witness; i++) {
        const Reprise__Word *word = pt->p->witness[i];
        uint64_t now = 0;
        if (in_check && is_at_point(pt, word->addr, sizeof now))
            continue;
        int err = tracee_read_all(pt->t->pid, word->addr, &now, sizeof now);
        if (err == 0 && now == word->value)
            continue;
        note(pt, 0, "the word at %#llx was %#llx, not %#llx", (unsigned long long)word->addr,
             (unsigned long long)now, (unsigned long long)word->value);
        return false;
    }
    return true;
}

/* Some pages are known by themselves: enough to see a difference early, and to name it. */
static bool same_samples(struct point *pt, bool in_check)
{
    char pages[160];
    size_t at = 0, size = sizeof pages;
    for (size_t i = 0; i < pt->p->n_sample; i++) {
        const Reprise__PageHash *page = pt->p->sample[i];
        uint64_t hash = 0;
        if (in_check && is_at_point(pt, page->addr, PAGE))
            continue;
        int err = memory_hash_page(pt->t->pid, page->addr, pt->dead, pt->n_dead, &hash);
        if ((err == 0 && hash == page->hash) || at + 24 > size)
            continue;
        at += (size_t)snprintf(pages + at, size - at, "%s%#llx", at > 0 ? ", " : "",
                               (unsigned long long)page->addr);
    }
    if (at > 0)
        note(pt, 0, "the memory differed in the pages %s", pages);
    return at == 0;
}

static int same_memory(struct point *pt)
{
    if (!same_samples(pt, false))
        return 0;
    struct memory_hash now, want = {pt->p->memory_low, pt->p->memory_high, pt->p->pages};
    task_watch_memory(pt->r, pt->t);
    int err = memory_hash_take(pt->t->pid, pt->dead, pt->n_dead, pt->t->watch, &now);
    if (err < 0)
        return err_sys(pt->r->err, -err, "cannot read the memory of a replayed task");
    if (memory_hash_equal(&now, &want))
        return 1;
    note(pt, 0, "the memory differed (%llu pages are not zero, %llu were)",
         (unsigned long long)now.pages, (unsigned long long)want.pages);
    return 0;
}

/* A check that knows more lanes stops less often. */
static void learn_lane(struct point *pt, uint32_t lane)
{
    for (size_t i = 0; i < pt->n_lanes; i++)
        if (pt->lanes[i] == lane)
            return;
    if (lane == 0 || pt->n_lanes == CHECK_LANES)
        return;
    pt->lanes[pt->n_lanes++] = lane;
    pt->has_learned = true;
}

/* All but memory as a whole. 1, 0 or an error noted. */
static int same_at_a_glance(struct point *pt, const struct user_regs_struct *regs, bool in_check)
{
    if (!same_registers(pt, regs) || !same_witness(pt, in_check))
        return 0;
    struct xstate_difference differs;
    int err = xstate_compare(pt->r, pt->t, &pt->p->xstate, &differs);
    if (err < 0)
        return err;
    if (differs.what == NULL)
        return 1;
    learn_lane(pt, differs.lane);
    note(pt, 0, "%s differed", differs.what);
    return 0;
}

int point_may_be_reached(struct point *pt, const struct user_regs_struct *regs)
{
    int same = same_at_a_glance(pt, regs, true);
    same = same > 0 ? same_samples(pt, true) : same;
    pt->arrivals += same == 0;
    return same;
}

int point_is_reached(struct point *pt, const struct user_regs_struct *regs)
{
    pt->arrivals++;
    int same = same_at_a_glance(pt, regs, false);
    return same > 0 ? same_memory(pt) : same;
}

int point_missed(const struct point *pt, const char *instead)
{
    if (pt->nearest == ~0u)
        return diverge(
            pt->r, pt->t,
            "it was preempted at %#llx when recorded, but came to %s without having been "
            "there",
            (unsigned long long)regs_ip(&pt->want), instead);
    return diverge(pt->r, pt->t,
                   "it was preempted at %#llx when recorded, but came to %s without having been in "
                   "that state; at the nearest of the arrivals there that were looked at (%llu) %s",
                   (unsigned long long)regs_ip(&pt->want), instead,
                   (unsigned long long)pt->arrivals, pt->difference);
}

/* Owns the answers to whoever asks what is rewritten or held back. Changes nothing. */
#include "recorder/code_watch.h"

#include "base/page.h"
#include "recorder/code_watch_private.h"
#include "recorder/found_code.h"
#include "recorder/known_code.h"
#include "vdso/clock_ring.h"

void code_watch_undo(const struct task *t, uint64_t addr, uint8_t *bytes, size_t len)
{
    if (t->space->code != NULL)
        rewrites_undo(&t->space->code->rewrites, addr, bytes, len);
}

uint64_t code_watch_held_until(const struct task *t, uint64_t addr, bool *ret_held)
{
    const struct code_areas *areas = &t->space->code->areas;
    size_t i = code_areas_first(areas, addr);
    while (i < areas->n && areas->v[i].state != AREA_HELD)
        i++;
    *ret_held = i < areas->n && areas->v[i].start <= addr;
    return i == areas->n ? UINT64_MAX : *ret_held ? areas->v[i].end : areas->v[i].start;
}

bool code_watch_changes(const struct task *t, uint64_t addr, uint64_t len)
{
    const struct code_watch *w = t->space->code;
    size_t i = w != NULL ? rewrites_first_in(&w->rewrites, addr) : 0;
    return w != NULL && i < w->rewrites.n &&
           (w->rewrites.v[i].addr < addr || w->rewrites.v[i].addr - addr < len);
}

bool code_watch_is_whole(const struct task *t, const struct code_area *area)
{
    const struct rewrites *w = &t->space->code->rewrites;
    if (area->state != AREA_SEEN || !area->pristine || area->known == NULL || area->offset != 0 ||
        area->end - area->start != area->known->len)
        return false;
    for (size_t i = rewrites_first_in(w, area->start); i < w->n && w->v[i].addr < area->end; i++)
        if (w->v[i].is_covered)
            return false;
    return true;
}

/* Those less than `gap` apart are in one. */
static size_t spans_by(const struct rewrites *w, uint64_t gap, struct call_code *ret, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++) {
        uint64_t addr = w->v[i].addr, end = addr + w->v[i].n_now;
        if (addr - VDSO_ADDR < VDSO_SIZE) /* nobody hands that over */
            continue;
        if (n > 0 && addr - ret[n - 1].end < gap) {
            ret[n - 1].end = end;
            continue;
        }
        if (n == max)
            return max + 1;
        ret[n++] = (struct call_code){.start = addr, .end = end};
    }
    return n;
}

size_t code_watch_spans(const struct task *t, struct call_code *ret, size_t max)
{
    const struct code_watch *w = t->space->code;
    if (w == NULL)
        return 0;
    for (uint64_t gap = PAGE;; gap *= 16) {
        size_t n = spans_by(&w->rewrites, gap, ret, max);
        if (n <= max)
            return n;
    }
}

/* Of an instruction that begins at rip: it may end in the next page. */
bool code_watch_is_fetch(const siginfo_t *info, const struct user_regs_struct *regs)
{
    return info->si_code == SEGV_ACCERR && (uint64_t)info->si_addr - regs_ip(regs) < FOUND_INSN_MAX;
}

/* Owns the capture of a task's complete state in the midst of computing. */
#include "recorder/point.h"

#include "base/page.h"
#include "format/event_check.h"
#include "recorder/call_stub.h"
#include "recorder/code_patches.h"
#include "recorder/emit.h"
#include "recorder/watch_memory.h"
#include "task/memory_hash.h"

#include <string.h>
#include <sys/mman.h>

#define RED_ZONE 128
#define SAMPLES  8
#define STACKED  8 /* words */

struct capture {
    struct recorder *r;
    struct task *t;
    struct memory_span *dead;
    size_t n_dead, max_dead;
    Reprise__Preemption *p;
};

/* ---- memory that does not count: dead stack, and what only the recorder uses ---- */

/* The stack pointer with which a stopped task, or one blocked in a call, will go on. */
static uint64_t stack_pointer(const struct task *t)
{
    return t->call.active || t->call.restarting ? regs_sp(&t->call.regs) : regs_sp(&t->regs);
}

/* The lowest address of the stack that rsp points into, 0 if none is known for certain: the one
 * that exec made, or the mapping above a guard page in which a thread was born. A stack that a
 * program cuts out of its heap (coroutines, goroutines) has other data below. */
static uint64_t stack_start(const struct capture *c, const struct task *t, uint64_t rsp)
{
    const struct map *m = maps_find(&c->r->maps, rsp);
    if (m == NULL || m->shared || m->ino != 0 || (m->prot & PROT_WRITE) == 0)
        return 0;
    if (strcmp(m->name, "[stack]") == 0)
        return m->start;
    bool born_here = t->stack_top >= rsp && t->stack_top <= m->end;
    bool guarded = m > c->r->maps.v && m[-1].end == m->start && m[-1].prot == PROT_NONE;
    return born_here && guarded ? m->start : 0;
}

static void add_dead(struct capture *c, uint64_t start, uint64_t end)
{
    if (start < end && c->n_dead < c->max_dead)
        c->dead[c->n_dead++] = (struct memory_span){.addr = start, .len = end - start};
}

static void add_stack(struct capture *c, const struct task *t, uint64_t rsp)
{
    uint64_t start = stack_start(c, t, rsp);
    if (start != 0)
        add_dead(c, start, rsp - RED_ZONE);
}

static void find_dead(struct capture *c, const struct step_walk *walk)
{
    const struct scratch_areas *scratch = &c->t->space->scratch;
    size_t max = scratch->n_areas + 1 + c->t->space->refs;
    c->max_dead = max < EVENT_DEAD_MAX ? max : EVENT_DEAD_MAX;
    c->dead = emit_alloc(c->r, c->max_dead * sizeof *c->dead);
    for (size_t i = 0; i < scratch->n_areas; i++)
        add_dead(c, scratch->areas[i].start, scratch->areas[i].end);
    if (c->t->space->stub.mapped)
        add_dead(c, CALL_DATA, CALL_DATA + CALL_DATA_SIZE);
    if (maps_read(c->t->tid, &c->r->maps) < 0)
        return;
    size_t pos = 0;
    for (const struct task *i; (i = map64_next(&c->r->tasks, &pos)) != NULL;)
        if (i == c->t)
            add_stack(c, i, regs_sp(&walk->regs));
        else if (i->space == c->t->space && i->state != TASK_DYING && i->state != TASK_NEW)
            add_stack(c, i, stack_pointer(i));
}

static void emit_dead(struct capture *c)
{
    struct emit_list list = {0};
    for (size_t i = 0; i < c->n_dead; i++) {
        Reprise__Span *span = emit_alloc(c->r, sizeof *span);
        reprise__span__init(span);
        span->addr = c->dead[i].addr;
        span->len = c->dead[i].len;
        emit_push(c->r, &list, span);
    }
    c->p->dead = (Reprise__Span **)list.v;
    c->p->n_dead = list.n;
}

/* ---- what tells one arrival from the other ---- */

static bool is_in(const struct emit_list *list, uint64_t addr)
{
    for (size_t i = 0; i < list->n; i++)
        if (((const Reprise__Word *)list->v[i])->addr == addr)
            return true;
    return false;
}

/* False: it is there already, or cannot be read. */
static bool emit_word(struct capture *c, struct emit_list *list, uint64_t addr)
{
    Reprise__Word *word = emit_alloc(c->r, sizeof *word);
    reprise__word__init(word);
    word->addr = addr;
    if (is_in(list, addr) || tracee_read_all(c->t->tid, addr, &word->value, sizeof word->value) < 0)
        return false;
    emit_push(c->r, list, word);
    return true;
}

/* What the caller of a short function has in its frame changes, too, where the function itself
 * changes nothing: interpreters have their counters there. */
static void emit_witness(struct capture *c, const struct step_walk *walk)
{
    struct emit_list list = {0};
    for (size_t i = 0; i < walk->n_words; i++)
        c->p->changing += emit_word(c, &list, walk->words[i].addr) && i < walk->n_changing;
    for (uint64_t i = 0; i < STACKED; i++)
        (void)emit_word(c, &list, (regs_sp(&walk->regs) & ~7ull) + 8 * i);
    c->p->witness = (Reprise__Word **)list.v;
    c->p->n_witness = list.n;
}

static void emit_sample(struct capture *c, struct emit_list *list, uint64_t addr)
{
    uint64_t page = addr & ~(PAGE - 1);
    for (size_t i = 0; i < list->n; i++)
        if (((const Reprise__PageHash *)list->v[i])->addr == page)
            return;
    Reprise__PageHash *sample = emit_alloc(c->r, sizeof *sample);
    reprise__page_hash__init(sample);
    sample->addr = page;
    if (list->n < SAMPLES &&
        memory_hash_page(c->t->tid, page, c->dead, c->n_dead, &sample->hash) == 0)
        emit_push(c->r, list, sample);
}

static void emit_samples(struct capture *c, const struct step_walk *walk)
{
    struct emit_list list = {0};
    emit_sample(c, &list, regs_sp(&walk->regs));
    for (size_t i = 0; i < walk->n_words; i++)
        emit_sample(c, &list, walk->words[i].addr);
    c->p->sample = (Reprise__PageHash **)list.v;
    c->p->n_sample = list.n;
}

static void emit_code(struct capture *c, uint64_t rip)
{
    uint8_t code[EVENT_CODE_MAX];
    long n = tracee_read(c->t->tid, rip, code, sizeof code);
    if (n > 0)
        code_patches_undo(c->t, rip, code, (size_t)n);
    if (n > 0)
        c->p->code = emit_copy(c->r, code, (size_t)n);
}

int point_log(struct recorder *r, struct task *t, const struct step_walk *walk)
{
    Reprise__Preemption p = REPRISE__PREEMPTION__INIT;
    struct capture c = {.r = r, .t = t, .p = &p};
    struct memory_hash hash;
    find_dead(&c, walk);
    watch_memory(r, t);
    int err = memory_hash_take(t->tid, c.dead, c.n_dead, t->space->watch, &hash);
    if (err < 0)
        return err;
    p.memory_low = hash.low;
    p.memory_high = hash.high;
    p.pages = hash.pages;
    p.regs = emit_regs(r, &walk->regs);
    p.xstate = emit_xstate(r, t->tid);
    emit_code(&c, regs_ip(&walk->regs));
    emit_dead(&c);
    emit_witness(&c, walk);
    p.varying = (uint32_t *)walk->varying;
    p.n_varying = walk->n_varying;
    p.lanes = (uint32_t *)walk->lanes;
    p.n_lanes = walk->n_lanes;
    emit_samples(&c, walk);
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.body_case = REPRISE__EVENT__BODY_PREEMPTION;
    e.preemption = &p;
    emit_event(r, t, &e);
    return 0;
}

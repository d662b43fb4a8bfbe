/* Owns the decision which instructions become jumps, and the events that tell of it. */
#include "recorder/hot_reads.h"

#include "recorder/code_patches.h"
#include "recorder/code_watch_private.h"
#include "recorder/known_code.h"
#include "recorder/poke.h"
#include "recorder/state_saves.h"
#include "recorder/task_control.h"
#include "task/redirect_book.h"
#include "vdso/clock_ring.h"
#include "vdso/tsc_read.h"

#include <stddef.h>
#include <string.h>
#include <x86intrin.h>

#define HITS  16
#define TRIES 15 /* after so many hits each: others may have stood in the way */

/* Those of redirect_book.h. */
enum read_kind { READ_RDTSC, READ_RDTSCP };

static bool is_read(const struct recorder *r, const struct machine_insn *insn)
{
    bool same_core = r->core >= 0; /* which rdtscp tells */
    return (insn->kind == MACHINE_RDTSC && insn->len == 2) ||
           (insn->kind == MACHINE_RDTSCP && insn->len == 3 && same_core);
}

/* ---- making jumps ---- */

struct reading {
    const struct task *t;
    uint64_t start;
};

/* As the program has it. */
static bool read_code(void *ctx, uint64_t offset, uint8_t *bytes, size_t len)
{
    const struct reading *at = ctx;
    uint64_t addr = at->start + offset;
    if (tracee_read_all(at->t->tid, addr, bytes, len) < 0)
        return false;
    rewrites_undo(&at->t->space->code->rewrites, addr, bytes, len);
    code_patches_undo(at->t, addr, bytes, len);
    return true;
}

static bool make_change(struct task *t, uint64_t start, const struct redirect_change *c)
{
    return rewrites_put(&t->space->code->rewrites, t->tid, start + c->offset, c->bytes, c->len);
}

/* Whether nobody has an address behind the instruction, up to `end`. */
static bool may_move(const struct recorder *r, const struct task *t, uint64_t addr, uint64_t end)
{
    size_t pos = 0;
    struct user_regs_struct regs;
    const struct rewrite *at = rewrites_find(&t->space->code->rewrites, addr);
    if (at == NULL || at->is_interrupted)
        return false;
    for (const struct task *i; (i = map64_next(&r->tasks, &pos)) != NULL;)
        if (i != t && i->space == t->space && tracee_get_regs(i->tid, &regs) == 0 &&
            regs_ip(&regs) > addr && regs_ip(&regs) < end)
            return false;
    return true;
}

static void note_moved(struct task *t, uint64_t addr, uint64_t moved)
{
    struct rewrites *w = &t->space->code->rewrites;
    struct rewrite *way = &w->v[rewrites_first_in(w, moved)];
    way->moved = moved;
    way->of = addr;
}

static bool make_jump(const struct recorder *r, struct task *t, const struct code_area *area,
                      struct redirect_book *b, const struct machine_insn *insn)
{
    struct reading at = {.t = t, .start = area->start};
    const struct redirect_code code = {.read = read_code, .ctx = &at, .len = b->len};
    enum read_kind kind = insn->kind == MACHINE_RDTSCP ? READ_RDTSCP : READ_RDTSC;
    const struct redirect_read read = {
        .offset = insn->offset,
        .len = insn->len,
        .code = VDSO_ADDR + (kind == READ_RDTSCP ? TSC_READ_RDTSCP : TSC_READ_RDTSC),
        .may_move = true,
        .function = insn->function,
        .function_end = insn->function_end,
    };
    const struct redirect_known_read *known = redirect_book_read(b, &code, &read, kind);
    if (known == NULL)
        return false;
    const struct redirect_change *last = &b->changes[known->first + known->n - 1].new;
    uint64_t addr = area->start + insn->offset;
    if ((known->moved != 0 && !may_move(r, t, addr, addr + last->len)) ||
        !make_change(t, area->start, &b->changes[b->read_hops[kind].change].new))
        return false;
    for (size_t i = 0; i < known->n; i++) /* the instruction comes last */
        if (!make_change(t, area->start, &b->changes[known->first + i].new))
            return false;
    if (known->moved != 0)
        note_moved(t, addr, area->start + known->moved);
    return true;
}

static size_t make_jumps(struct recorder *r, struct task *t, const struct code_area *area)
{
    const struct known_code *k = area->known;
    struct redirect_book *b =
        redirect_books_get(&r->code_books, sizeof *b, k->id.bytes, k->start, k->len);
    size_t n = 0;
    for (size_t i = 0; b != NULL && i < k->sites.n; i++) {
        const struct machine_insn *insn = &k->sites.v[i];
        if (is_read(r, insn) &&
            rewrites_find(&t->space->code->rewrites, area->start + insn->offset) != NULL)
            n += make_jump(r, t, area, b, insn);
    }
    return n;
}

/* ---- telling ---- */

static void emit_content(struct recorder *r, const struct task *t, const struct code_area *area,
                         struct emit_list *out)
{
    const struct rewrites *w = &t->space->code->rewrites;
    state_saves_emit(r, t, area->start, area->end, out);
    for (size_t i = rewrites_first_in(w, area->start); i < w->n && w->v[i].addr < area->end; i++) {
        ProtobufCBinaryData bytes = emit_copy(r, w->v[i].now, w->v[i].n_now);
        emit_push(r, out, emit_bytes(r, w->v[i].addr, bytes.data, bytes.len));
    }
}

/* The int3 that the code in the vDSO has in place of an instruction. */
static void note_traced(struct task *t, uint64_t code, enum machine_insn_kind kind)
{
    struct rewrite traced = {
        .addr = VDSO_ADDR + code + TSC_READ_TRACED,
        .insn = {.kind = kind, .len = kind == MACHINE_RDTSCP ? 3 : 2},
        .original = {0x0f, 0x31},
        .now = {REWRITE_INT3},
        .n_now = 1,
    };
    if (kind == MACHINE_RDTSCP)
        memcpy(traced.original, "\x0f\x01\xf9", 3);
    rewrites_note(&t->space->code->rewrites, &traced);
}

/* The first jump of a program makes its ring known. */
static void begin(struct recorder *r, struct task *t, struct emit_list *out)
{
    const uint64_t addr = CLOCK_RING_ADDR + offsetof(struct clock_ring, aux);
    unsigned aux = 0;
    if (t->space->code->has_jumps)
        return;
    t->space->code->has_jumps = t->space->reads_clocks = true;
    note_traced(t, TSC_READ_RDTSC, MACHINE_RDTSC);
    note_traced(t, TSC_READ_RDTSCP, MACHINE_RDTSCP);
    (void)__rdtscp(&aux);
    t->space->tsc_aux = aux;
    if (tracee_write(t->tid, addr, &aux, sizeof aux) < 0)
        return;
    ProtobufCBinaryData bytes = emit_copy(r, &aux, sizeof aux);
    emit_push(r, out, emit_bytes(r, addr, bytes.data, bytes.len));
}

/* Where the task that stands behind the instruction goes on, if that has moved. */
static uint64_t moved_to(const struct task *t, uint64_t addr, uint64_t ip)
{
    const struct rewrites *w = &t->space->code->rewrites;
    for (size_t i = 0; i < w->n; i++)
        if (w->v[i].moved != 0 && w->v[i].of == addr)
            return w->v[i].moved;
    return ip;
}

static bool is_due(struct recorder *r, const struct task *t, uint64_t addr)
{
    const struct code_watch *w = t->space->code;
    struct rewrite *at = rewrites_find(&w->rewrites, addr);
    return at != NULL && is_read(r, &at->insn) && at->hits < HITS * TRIES &&
           ++at->hits % HITS == 0 && !w->no_jumps && t->traced == NULL;
}

void hot_reads_count(struct recorder *r, struct task *t, uint64_t addr,
                     struct user_regs_struct *regs)
{
    const struct code_area *area = code_areas_find(&t->space->code->areas, addr);
    if (!is_due(r, t, addr) || area == NULL || !code_watch_is_whole(t, area) ||
        make_jumps(r, t, area) == 0)
        return;
    struct emit_list map = {0}, content = {0}, out = {0};
    struct user_regs_struct before = *regs;
    emit_content(r, t, area, &content);
    code_watch_emit_remade(r, area, &content, &map);
    begin(r, t, &out);
    regs_set_ip(regs, moved_to(t, addr, regs_ip(regs)));
    if (regs_ip(regs) != regs_ip(&before))
        (void)task_set_regs(r, t, regs);
    poke_remade(r, t, &map, &out, &before, regs);
    t->space->stub.tell_codes = t->space->stub.tell_codes || t->space->stub.mapped;
}

void hot_reads_note_frame(const struct task *t, uint64_t ip)
{
    struct code_watch *w = t->space->code;
    for (uint64_t back = 1; w != NULL && back < REWRITE_MAX; back++) {
        struct rewrite *at = rewrites_find(&w->rewrites, ip - back);
        if (at != NULL)
            at->is_interrupted = true;
    }
}

uint64_t hot_reads_address(const struct task *t, uint64_t back, size_t len)
{
    const struct code_watch *w = t->space->code;
    size_t i = w != NULL ? rewrites_first_in(&w->rewrites, back) : 0;
    return w != NULL && i < w->rewrites.n && w->rewrites.v[i].moved == back ? w->rewrites.v[i].of
                                                                            : back - len;
}

/* ---- and back ---- */

struct stopping {
    struct recorder *r;
    struct emit_list *out;
};

static void note_byte(void *ctx, uint64_t addr, uint8_t byte)
{
    struct stopping *on = ctx;
    ProtobufCBinaryData copy = emit_copy(on->r, &byte, 1);
    emit_push(on->r, on->out, emit_bytes(on->r, addr, copy.data, 1));
}

static bool has_jump(const struct code_watch *w, const struct code_area *area)
{
    for (size_t i = rewrites_first_in(&w->rewrites, area->start);
         i < w->rewrites.n && w->rewrites.v[i].addr < area->end; i++)
        if (rewrite_is_jump(&w->rewrites.v[i]))
            return true;
    return false;
}

/* In all areas that have to do with [start, end), but for what was written there to [kept_start,
 * kept_end). */
static void stop_jumps(struct recorder *r, struct task *t, const struct span *in,
                       const struct span *kept, struct emit_list *out)
{
    struct code_watch *w = t->space->code;
    struct stopping on = {.r = r, .out = out};
    for (size_t i = code_areas_first(&w->areas, in->start);
         w->has_jumps && i < w->areas.n && w->areas.v[i].start < in->end; i++)
        if (has_jump(w, &w->areas.v[i]))
            rewrites_stop_jumps(&w->rewrites, t->tid, w->areas.v[i].start, w->areas.v[i].end,
                                kept->start, kept->end, note_byte, &on);
}

static bool is_vdso(uint64_t start, uint64_t end)
{
    return start < CLOCK_RING_ADDR + CLOCK_RING_SIZE && end > VDSO_ADDR;
}

static const struct span everything = {0, UINT64_MAX}, nothing = {0, 0};

void hot_reads_stop_in(struct recorder *r, struct task *t, uint64_t start, uint64_t end,
                       struct emit_list *out)
{
    bool vdso = is_vdso(start, end);
    const struct span in = {start, end};
    t->space->code->no_jumps = t->space->code->no_jumps || vdso;
    stop_jumps(r, t, vdso ? &everything : &in, &nothing, out);
}

void hot_reads_written(struct recorder *r, struct task *t, uint64_t start, uint64_t end)
{
    struct code_watch *w = t->space->code;
    const struct span written = {start, end};
    struct emit_list out = {0};
    stop_jumps(r, t, &written, &written, &out);
    if (out.n > 0)
        poke_ranges(r, t, &out);
    for (size_t i = code_areas_first(&w->areas, start); i < w->areas.n && w->areas.v[i].start < end;
         i++)
        w->areas.v[i].pristine = false;
}

bool hot_reads_has_way_at(const struct task *t, uint64_t ip)
{
    const struct code_watch *w = t->space->code;
    size_t i = w != NULL && w->has_jumps ? rewrites_first_in(&w->rewrites, ip) : 0;
    return w != NULL && w->has_jumps && i < w->rewrites.n && w->rewrites.v[i].addr <= ip &&
           w->rewrites.v[i].insn.kind == MACHINE_NONE;
}

void hot_reads_stop(struct recorder *r, struct task *t, bool at_call)
{
    struct code_watch *w = t->space != NULL ? t->space->code : NULL;
    struct emit_list out = {0};
    if (w == NULL)
        return;
    w->no_jumps = true;
    stop_jumps(r, t, &everything, &nothing, &out);
    if (out.n > 0 && at_call)
        poke_ranges_before_call(r, t, &out);
    else if (out.n > 0)
        poke_ranges(r, t, &out);
}

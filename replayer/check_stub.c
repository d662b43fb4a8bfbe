/* Owns the machine code of the check. Knows neither tasks nor traces. */
#include "replayer/check_stub.h"

#include "task/tracee.h"

#include <assert.h>
#include <string.h>

/* The data: what the stub saves, then what it compares with. */
enum slot { SAVED_RAX, SAVED_RCX, SAVED_FLAGS, WANTED_FIRST, WANTED };
#define FX_OFFSET  512 /* in the data: room for fxsave, behind the slots */
#define FIRST_XMM  20
#define NEAR_STACK (1 << 20)
#define ROUND_AT   1536 /* in the code: behind all else */
#define LINE       64

struct maker {
    struct check_stub *stub;
    uint64_t at, data;
    const struct check_round *round; /* that is made, or NULL */
    uint64_t top;                    /* where it begins in the stub */
    bool ok;
};

/* Numbers of the general registers in machine code. */
static const struct {
    uint8_t word, number;
} general[] = {
    {REG_INDEX(rax), 0},  {REG_INDEX(rcx), 1},  {REG_INDEX(rdx), 2},  {REG_INDEX(rbx), 3},
    {REG_INDEX(rsp), 4},  {REG_INDEX(rbp), 5},  {REG_INDEX(rsi), 6},  {REG_INDEX(rdi), 7},
    {REG_INDEX(r8), 8},   {REG_INDEX(r9), 9},   {REG_INDEX(r10), 10}, {REG_INDEX(r11), 11},
    {REG_INDEX(r12), 12}, {REG_INDEX(r13), 13}, {REG_INDEX(r14), 14}, {REG_INDEX(r15), 15},
};
enum { RAX, RCX, RSP = 4, N_GENERAL = sizeof general / sizeof general[0] };

/* ---- bytes ---- */

static void put(struct maker *m, const void *bytes, size_t len)
{
    assert(m->stub->code_len + len <= sizeof m->stub->code);
    memcpy(m->stub->code + m->stub->code_len, bytes, len);
    m->stub->code_len += len;
}

#define PUT(m, ...)                                                                                \
    do {                                                                                           \
        const uint8_t bytes_[] = {__VA_ARGS__};                                                    \
        put(m, bytes_, sizeof bytes_);                                                             \
    } while (0)

static uint64_t here(const struct maker *m)
{
    return m->at + m->stub->code_len;
}

/* A displacement from `from` to `to`; the stub is no good if it does not fit. */
static void put_rel32(struct maker *m, uint64_t from, uint64_t to)
{
    int64_t distance = (int64_t)(to - from);
    int32_t rel = (int32_t)distance;
    m->ok = m->ok && rel == distance;
    put(m, &rel, sizeof rel);
}

static void put_data(struct maker *m, size_t slot, uint64_t value)
{
    size_t end = (slot + 1) * sizeof value;
    assert(end <= FX_OFFSET);
    memcpy(m->stub->data + slot * sizeof value, &value, sizeof value);
    if (end > m->stub->data_len)
        m->stub->data_len = end;
}

/* An instruction with a register and a slot of the data page: op reg, [rip + slot]. */
static void put_slot_op(struct maker *m, uint8_t opcode, unsigned reg, size_t slot)
{
    PUT(m, (uint8_t)(0x48 | (reg >> 3) << 2), opcode, (uint8_t)((reg & 7) << 3 | 5));
    put_rel32(m, here(m) + 4, m->data + slot * 8);
}

static void put_save(struct maker *m, unsigned reg, size_t slot)
{
    put_slot_op(m, 0x89, reg, slot); /* mov [slot], reg */
}

static void put_load(struct maker *m, unsigned reg, size_t slot)
{
    put_slot_op(m, 0x8b, reg, slot); /* mov reg, [slot] */
}

static void put_load_word(struct maker *m, uint64_t addr)
{
    PUT(m, 0x48, 0xa1); /* mov rax, [addr] */
    put(m, &addr, sizeof addr);
}

/* mov rax, xmm or, for its upper half, pextrq; registers of the x87 are as fxsave left them. */
static void put_load_lane(struct maker *m, uint32_t number)
{
    if (number < FIRST_XMM) {
        PUT(m, 0x48, 0x8b, 0x05);
        put_rel32(m, here(m) + 4, m->data + FX_OFFSET + 8 * number);
        return;
    }
    unsigned xmm = (number - FIRST_XMM) / 2, rex = 0x48 | xmm >> 3 << 2, reg = xmm & 7;
    if (number % 2 == 0)
        PUT(m, 0x66, (uint8_t)rex, 0x0f, 0x7e, (uint8_t)(0xc0 | reg << 3));
    else
        PUT(m, 0x66, (uint8_t)rex, 0x0f, 0x3a, 0x16, (uint8_t)(0xc0 | reg << 3), 1);
}

static void put_fxsave(struct maker *m)
{
    PUT(m, 0x48, 0x0f, 0xae, 0x05);
    put_rel32(m, here(m) + 4, m->data + FX_OFFSET);
}

/* ---- parts ---- */

/* mov rcx, -value; lea rcx, [reg + rcx]: zero if they are equal, and no flag has changed. */
static void put_difference(struct maker *m, unsigned reg, uint64_t value)
{
    uint64_t negative = 0 - value;
    PUT(m, 0x48, 0xb9);
    put(m, &negative, sizeof negative);
    /* with a displacement of 8 bits, which rbp and r13 need as a base; SIB: index rcx, base reg */
    PUT(m, (uint8_t)(0x48 | reg >> 3), 0x8d, 0x4c, (uint8_t)(RCX << 3 | (reg & 7)), 0);
}

static unsigned number_of(uint32_t word)
{
    for (size_t i = 0; i < N_GENERAL; i++)
        if (general[i].word == word)
            return general[i].number;
    return N_GENERAL;
}

/* Loads into rax what is looked at first; its value at the point. */
static uint64_t put_load_first(struct maker *m, const struct check_wish *wish)
{
    if (wish->first == CHECK_WORD) {
        put_load_word(m, wish->words[0].addr);
        return wish->words[0].value;
    }
    if (wish->first == CHECK_LANE) {
        if (wish->lanes[0].number < FIRST_XMM)
            put_fxsave(m);
        put_load_lane(m, wish->lanes[0].number);
        return wish->lanes[0].value;
    }
    PUT(m, 0x48, 0x89, 0xc8); /* mov rax, rcx */
    return wish->want->rcx;
}

/* A jump with a distance of 8 bits that is filled in later: returns its place. */
static size_t put_short_jump(struct maker *m, uint8_t opcode)
{
    PUT(m, opcode, 0);
    return m->stub->code_len - 1;
}

/* Without a change of the flags. rcx is lost, and saved, if the jump is taken. */
static size_t put_first_look_keeping_flags(struct maker *m, const struct check_wish *wish,
                                           unsigned reg)
{
    put_save(m, RCX, SAVED_RCX);
    if (reg < N_GENERAL && reg != RCX) {
        put_difference(m, reg, ((const unsigned long long *)wish->want)[wish->first_reg]);
    } else {
        put_save(m, RAX, SAVED_RAX);
        put_difference(m, RAX, put_load_first(m, wish));
        put_load(m, RAX, SAVED_RAX);
    }
    size_t place = put_short_jump(m, 0xe3); /* jrcxz */
    put_load(m, RCX, SAVED_RCX);
    return place;
}

/* The low half of a word, compared in place: cmp dword [...], value. A word of the stack is found
 * by rsp, which is the point's wherever it matters. False: it is out of reach. */
static bool put_compare_in_place(struct maker *m, const struct check_wish *wish)
{
    uint64_t addr = wish->words[0].addr;
    uint32_t low = (uint32_t)wish->words[0].value;
    int64_t by_rip = (int64_t)(addr - (here(m) + 10));
    int64_t by_rsp = (int64_t)(addr - wish->want->rsp);
    int32_t offset = (int32_t)by_rsp;
    if (by_rsp > -NEAR_STACK && by_rsp < NEAR_STACK) {
        PUT(m, 0x81, 0xbc, 0x24);
    } else if (by_rip == (int32_t)by_rip) {
        offset = (int32_t)by_rip;
        PUT(m, 0x81, 0x3d);
    } else {
        return false;
    }
    put(m, &offset, sizeof offset);
    put(m, &low, sizeof low);
    return true;
}

static void put_compare_register(struct maker *m, unsigned reg, uint64_t value)
{
    int32_t low = (int32_t)value;
    if ((uint64_t)(int64_t)low == value) {
        PUT(m, (uint8_t)(0x48 | reg >> 3), 0x81, (uint8_t)(0xf8 | (reg & 7))); /* cmp reg, value */
        put(m, &low, sizeof low);
        return;
    }
    put_data(m, WANTED_FIRST, value);
    put_slot_op(m, 0x3b, reg, WANTED_FIRST); /* cmp reg, [slot] */
}

static size_t put_first_look_with_flags(struct maker *m, const struct check_wish *wish,
                                        unsigned reg)
{
    if (reg < N_GENERAL) {
        put_compare_register(m, reg, ((const unsigned long long *)wish->want)[wish->first_reg]);
    } else if (wish->first != CHECK_WORD || !put_compare_in_place(m, wish)) {
        put_save(m, RAX, SAVED_RAX);
        put_data(m, WANTED_FIRST, put_load_first(m, wish));
        put_slot_op(m, 0x3b, RAX, WANTED_FIRST);
        put_load(m, RAX, SAVED_RAX);
    }
    return put_short_jump(m, 0x74); /* je */
}

/* Goes on unless the first value is equal: returns the place of the distance of that jump. */
static size_t put_first_look(struct maker *m, const struct check_wish *wish)
{
    unsigned reg = wish->first == CHECK_REG ? number_of(wish->first_reg) : N_GENERAL;
    if (wish->first == CHECK_ALL_AT_ONCE || (wish->first == CHECK_REG && reg == N_GENERAL)) {
        if (!wish->flags_are_dead)
            put_save(m, RCX, SAVED_RCX);
        return put_short_jump(m, 0xeb);
    }
    if (wish->flags_are_dead)
        return put_first_look_with_flags(m, wish, reg);
    return put_first_look_keeping_flags(m, wish, reg);
}

/* An instruction in its new place, where it does what it did in the old one. */
static void put_moved(struct maker *m, const struct insn *insn, const uint8_t *code)
{
    size_t start = m->stub->code_len;
    put(m, code, insn->len);
    if (insn->rip_at == 0)
        return;
    int32_t old;
    memcpy(&old, code + insn->rip_at, sizeof old);
    uint64_t target = insn->addr + insn->len + (uint64_t)(int64_t)old;
    m->stub->code_len = start + insn->rip_at;
    put_rel32(m, m->at + start + insn->len, target);
    m->stub->code_len = start + insn->len;
}

static void put_jump(struct maker *m, const struct insn *insn)
{
    bool is_back = m->round != NULL && insn->target == m->round->start;
    if (insn->condition == INSN_ALWAYS)
        PUT(m, 0xe9);
    else
        PUT(m, 0x0f, (uint8_t)(0x80 | insn->condition));
    put_rel32(m, here(m) + 4, is_back ? m->top : insn->target);
}

static void put_insn(struct maker *m, const struct insn *insn, const uint8_t *code)
{
    if (insn->jumps)
        put_jump(m, insn);
    else
        put_moved(m, insn, code);
}

/* What follows the landmark: in the stub, if the loop goes on there. */
static uint64_t way_on(const struct maker *m, const struct landmark *landmark)
{
    uint64_t target = landmark->insns[0].addr + landmark->len;
    for (size_t i = 0; m->round != NULL && i < m->round->n; i++)
        if (m->round->insns[i].addr == target)
            return m->stub->round[i];
    return target;
}

/* The displaced instructions and the way back. */
static void put_displaced(struct maker *m, const struct check_wish *wish)
{
    const struct landmark *landmark = wish->landmark;
    const uint8_t *code = wish->code;
    for (size_t i = 0; i < landmark->n; i++) {
        const struct insn *insn = &landmark->insns[i];
        m->stub->moved[i] = here(m);
        put_insn(m, insn, code);
        code += insn->len;
    }
    PUT(m, 0xe9);
    put_rel32(m, here(m) + 4, way_on(m, landmark));
}

/* The loop with a look at its landmark. Returns the place of the distance to the full look, or 0:
 * that look is out of reach. */
static size_t put_round(struct maker *m, const struct check_wish *wish)
{
    const struct check_round *round = m->round;
    const uint8_t *code = round->code;
    size_t place = 0;
    m->stub->code_len = ROUND_AT + (-(m->at + ROUND_AT) & (LINE - 1));
    m->top = here(m);
    for (size_t i = 0; i < round->n; i++) {
        if (i == round->at) {
            m->stub->round_look = here(m);
            place = put_first_look(m, wish);
        }
        m->stub->round[i] = here(m);
        put_insn(m, &round->insns[i], code);
        code += round->insns[i].len;
    }
    PUT(m, 0xe9);
    put_rel32(m, here(m) + 4, round->end);
    size_t distance = m->stub->code_len - place - 1;
    if (distance > INT8_MAX)
        return 0;
    m->stub->code[place] = (uint8_t)distance;
    PUT(m, 0xe9, 0, 0, 0, 0);
    return m->stub->code_len - 4;
}

static void set_distance(struct check_stub *stub, size_t place, size_t target)
{
    int32_t distance = (int32_t)target - (int32_t)place - 4;
    memcpy(stub->code + place, &distance, sizeof distance);
}

/* The low flags in ah and the overflow flag in al, as lahf and seto leave them. */
static uint16_t flags_in_ax(uint64_t eflags)
{
    return (uint16_t)(((eflags & 0xd5) | 2) << 8 | (eflags >> 11 & 1));
}

static void put_restore(struct maker *m, const struct check_wish *wish)
{
    if (!wish->flags_are_dead) {
        put_load(m, RAX, SAVED_FLAGS);
        PUT(m, 0x04, 0x7f, 0x9e); /* add al, 0x7f: overflows if it was 1; sahf */
    }
    put_load(m, RAX, SAVED_RAX);
}

struct misses {
    size_t places[N_GENERAL + CHECK_WORDS + CHECK_LANES + 1];
    size_t n;
};

static void put_jne_miss(struct maker *m, struct misses *misses)
{
    PUT(m, 0x0f, 0x85, 0, 0, 0, 0);
    misses->places[misses->n++] = m->stub->code_len - 4;
}

static void put_comparisons(struct maker *m, const struct check_wish *wish, struct misses *misses)
{
    const unsigned long long *want = (const void *)wish->want;
    size_t slot = WANTED;
    for (size_t i = 0; i < N_GENERAL; i++) {
        if (general[i].number == RAX)
            put_load(m, RAX, SAVED_RAX);
        put_data(m, slot, want[general[i].word]);
        put_slot_op(m, 0x3b, general[i].number, slot++); /* cmp reg, [slot] */
        put_jne_miss(m, misses);
    }
    uint16_t flags = flags_in_ax(wish->want->eflags);
    if (!wish->flags_are_dead) {
        put_load(m, RAX, SAVED_FLAGS);
        PUT(m, 0x66, 0x3d, (uint8_t)flags, (uint8_t)(flags >> 8)); /* cmp ax, flags */
        put_jne_miss(m, misses);
    }
    for (size_t i = 0; i < wish->n_lanes; i++) {
        if (wish->lanes[i].number < FIRST_XMM)
            continue;
        put_load_lane(m, wish->lanes[i].number);
        put_data(m, slot, wish->lanes[i].value);
        put_slot_op(m, 0x3b, RAX, slot++);
        put_jne_miss(m, misses);
    }
    for (size_t i = 0; i < wish->n_words; i++) {
        put_load_word(m, wish->words[i].addr);
        put_data(m, slot, wish->words[i].value);
        put_slot_op(m, 0x3b, RAX, slot++);
        put_jne_miss(m, misses);
    }
}

static void put_full_look(struct maker *m, const struct check_wish *wish)
{
    struct misses misses = {.n = 0};
    if (!wish->flags_are_dead)
        put_load(m, RCX, SAVED_RCX);
    put_save(m, RAX, SAVED_RAX);
    if (!wish->flags_are_dead) {
        PUT(m, 0x9f, 0x0f, 0x90, 0xc0); /* lahf; seto al */
        put_save(m, RAX, SAVED_FLAGS);
    }
    put_comparisons(m, wish, &misses);
    put_restore(m, wish);
    PUT(m, 0xcc); /* int3 */
    m->stub->equal_ip = here(m);
    PUT(m, 0xe9);
    put_rel32(m, here(m) + 4, m->stub->moved[0]);
    for (size_t i = 0; i < misses.n; i++)
        set_distance(m->stub, misses.places[i], m->stub->code_len);
    put_restore(m, wish);
    PUT(m, 0xe9);
    put_rel32(m, here(m) + 4, m->stub->moved[0]);
}

static bool make(const struct check_wish *wish, const struct check_round *round,
                 struct check_stub *ret)
{
    struct maker m = {.stub = ret, .at = wish->at, .data = wish->data, .round = round, .ok = true};
    *ret = (struct check_stub){.jump = {0xe9}};
    put_data(&m, WANTED - 1, 0);
    size_t to_full = round != NULL ? put_round(&m, wish) : 0, end = ret->code_len;
    if (round != NULL && to_full == 0)
        return false;
    ret->has_round = round != NULL;
    ret->code_len = 0;
    size_t place = put_first_look(&m, wish);
    put_displaced(&m, wish);
    size_t full = ret->code_len, distance = full - place - 1;
    assert(distance <= INT8_MAX);
    ret->code[place] = (uint8_t)distance;
    put_full_look(&m, wish);
    if (ret->has_round) {
        assert(ret->code_len <= ROUND_AT);
        ret->code_len = end;
        set_distance(ret, to_full, full);
    }
    int64_t jump = (int64_t)(wish->at - (wish->landmark->insns[0].addr + sizeof ret->jump));
    int32_t rel = (int32_t)jump;
    memcpy(ret->jump + 1, &rel, sizeof rel);
    return m.ok && rel == jump;
}

bool check_stub_make(const struct check_wish *wish, struct check_stub *ret)
{
    if (wish->n_words > CHECK_WORDS || wish->n_lanes > CHECK_LANES)
        return false;
    return (wish->round != NULL && make(wish, wish->round, ret)) || make(wish, NULL, ret);
}

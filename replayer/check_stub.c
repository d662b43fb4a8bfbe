/* Owns the machine code of the check. Knows neither tasks nor traces. */
#include "replayer/check_stub.h"

#include "task/tracee.h"

#include <assert.h>
#include <string.h>

/* The data: what the stub saves, then what it compares with. */
enum slot { SAVED_RAX, SAVED_RCX, SAVED_FLAGS, WANTED };

struct maker {
    struct check_stub *stub;
    uint64_t at, data;
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
    assert(end <= sizeof m->stub->data);
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

/* Goes on at the end of the part unless the first value is equal: returns the place of the
 * distance of that jump. rcx is lost if it is taken. */
static size_t put_first_look(struct maker *m, const struct check_wish *wish)
{
    const unsigned long long *want = (const void *)wish->want;
    unsigned reg = N_GENERAL;
    for (size_t i = 0; wish->has_first_reg && i < N_GENERAL; i++)
        if (general[i].word == wish->first_reg)
            reg = general[i].number;
    put_save(m, RCX, SAVED_RCX);
    if (reg < N_GENERAL && reg != RCX) {
        put_difference(m, reg, want[wish->first_reg]);
    } else if (reg == RCX || wish->n_words > 0) {
        put_save(m, RAX, SAVED_RAX);
        if (reg == RCX)
            PUT(m, 0x48, 0x89, 0xc8); /* mov rax, rcx */
        else
            put_load_word(m, wish->words[0].addr);
        put_difference(m, RAX, reg == RCX ? wish->want->rcx : wish->words[0].value);
        put_load(m, RAX, SAVED_RAX);
    } else {
        PUT(m, 0xeb, 0); /* jmp: nothing tells arrivals apart */
        return m->stub->code_len - 1;
    }
    PUT(m, 0xe3, 0); /* jrcxz */
    size_t place = m->stub->code_len - 1;
    put_load(m, RCX, SAVED_RCX);
    return place;
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
    if (insn->condition == INSN_ALWAYS)
        PUT(m, 0xe9);
    else
        PUT(m, 0x0f, (uint8_t)(0x80 | insn->condition));
    put_rel32(m, here(m) + 4, insn->target);
}

/* The displaced instructions and the way back. */
static void put_displaced(struct maker *m, const struct check_wish *wish)
{
    const struct landmark *landmark = wish->landmark;
    const uint8_t *code = wish->code;
    for (size_t i = 0; i < landmark->n; i++) {
        const struct insn *insn = &landmark->insns[i];
        m->stub->moved[i] = here(m);
        if (insn->jumps)
            put_jump(m, insn);
        else
            put_moved(m, insn, code);
        code += insn->len;
    }
    PUT(m, 0xe9);
    put_rel32(m, here(m) + 4, landmark->insns[0].addr + landmark->len);
}

/* The low flags in ah and the overflow flag in al, as lahf and seto leave them. */
static uint16_t flags_in_ax(uint64_t eflags)
{
    return (uint16_t)(((eflags & 0xd5) | 2) << 8 | (eflags >> 11 & 1));
}

static void put_restore_flags_and_rax(struct maker *m)
{
    put_load(m, RAX, SAVED_FLAGS);
    PUT(m, 0x04, 0x7f, 0x9e); /* add al, 0x7f: overflows if it was 1; sahf */
    put_load(m, RAX, SAVED_RAX);
}

struct misses {
    size_t places[N_GENERAL + CHECK_WORDS + 1];
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
    put_load(m, RAX, SAVED_FLAGS);
    PUT(m, 0x66, 0x3d, (uint8_t)flags, (uint8_t)(flags >> 8)); /* cmp ax, flags */
    put_jne_miss(m, misses);
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
    put_load(m, RCX, SAVED_RCX);
    put_save(m, RAX, SAVED_RAX);
    PUT(m, 0x9f, 0x0f, 0x90, 0xc0); /* lahf; seto al */
    put_save(m, RAX, SAVED_FLAGS);
    put_comparisons(m, wish, &misses);
    put_restore_flags_and_rax(m);
    PUT(m, 0xcc); /* int3 */
    m->stub->equal_ip = here(m);
    PUT(m, 0xe9);
    put_rel32(m, here(m) + 4, m->stub->moved[0]);
    for (size_t i = 0; i < misses.n; i++) {
        int32_t distance = (int32_t)(m->stub->code_len - misses.places[i] - 4);
        memcpy(m->stub->code + misses.places[i], &distance, sizeof distance);
    }
    put_restore_flags_and_rax(m);
    PUT(m, 0xe9);
    put_rel32(m, here(m) + 4, m->stub->moved[0]);
}

bool check_stub_make(const struct check_wish *wish, struct check_stub *ret)
{
    struct maker m = {.stub = ret, .at = wish->at, .data = wish->data, .ok = true};
    if (wish->n_words > CHECK_WORDS)
        return false;
    *ret = (struct check_stub){.jump = {0xe9}};
    put_data(&m, WANTED - 1, 0);
    size_t place = put_first_look(&m, wish);
    put_displaced(&m, wish);
    size_t distance = ret->code_len - place - 1;
    assert(distance <= INT8_MAX);
    ret->code[place] = (uint8_t)distance;
    put_full_look(&m, wish);
    int64_t jump = (int64_t)(wish->at - (wish->landmark->insns[0].addr + sizeof ret->jump));
    int32_t rel = (int32_t)jump;
    memcpy(ret->jump + 1, &rel, sizeof rel);
    return m.ok && rel == jump;
}

/* Owns the ways around instructions that read the time stamp counter: by fillers, or by moving what
 * is behind the instruction. */
#include "task/redirect_parts.h"

#include "base/page.h"
#include "code/insn.h"
#include "code/machine_code.h"

#include <string.h>

#define STEP 1024
#define REST 0x98 /* cwtl: stands behind a jump, and looks like no filler */

static bool make_read_hop(struct redirect_planner *p, uint64_t code, uint64_t *hop)
{
    if (*hop != 0)
        return true;
    uint8_t bytes[] = {0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xe0}; /* movabs, jmp *%rax */
    memcpy(bytes + 2, &code, sizeof code);
    return redirect_append(p, bytes, sizeof bytes, hop);
}

/* lea back(%rip), %rdx; jmp hop */
#define READ_ENTRY (7 + REDIRECT_JUMP)
static void put_read_entry(uint8_t code[READ_ENTRY], uint64_t at, uint64_t back, uint64_t hop)
{
    static const uint8_t bytes[READ_ENTRY] = {0x48, 0x8d, 0x15, [7] = 0xe9};
    memcpy(code, bytes, sizeof bytes);
    redirect_put_distance(code + 3, at + 7, back);
    redirect_put_distance(code + 8, at + READ_ENTRY, hop);
}

#define BEHIND (REDIRECT_REACH + REDIRECT_FILLER + 15)

static bool plan_read_filler(struct redirect_planner *p, const struct redirect_read *read,
                             uint64_t *hop, const uint8_t *behind, size_t len)
{
    uint64_t back = read->offset + read->len, entry;
    uint64_t filler =
        redirect_find_filler(behind, len, back, REDIRECT_REACH - (read->len - REDIRECT_NEAR));
    uint8_t code[READ_ENTRY];
    if (filler == 0 || !make_read_hop(p, read->code, hop))
        return false;
    put_read_entry(code, p->room.next, back, *hop);
    if (!redirect_append(p, code, sizeof code, &entry))
        return false;
    uint8_t near[REDIRECT_NEAR] = {0xeb, (uint8_t)(filler - read->offset - REDIRECT_NEAR)};
    redirect_put_jump(p, filler, entry);
    redirect_change(p, read->offset, near, sizeof near);
    return true;
}

/* ---- by moving what is behind the instruction ---- */

/* Where in the instruction a distance from its end begins; 0: nowhere. */
static size_t place_of_distance(const uint8_t *p, const struct insn_parts *insn)
{
    bool by_rip = insn->operand < insn->len && (p[insn->operand] & 0xc7) == 0x05;
    return by_rip ? insn->operand + 1 : 0;
}

/* add, or, adc, sbb, and, sub, xor, cmp, test, xchg, mov, lea, movslq. Opcodes that have no operand
 * in memory may look as if it were a distance. */
static bool has_operand(const struct insn_parts *insn)
{
    uint8_t opcode = insn->opcode;
    return insn->map == 1 &&
           ((opcode < 0x40 && (opcode & 7) < 4) || (opcode >= 0x84 && opcode <= 0x8b) ||
            opcode == 0x8d || opcode == 0x63);
}

/* What can stand anywhere, if its distance is put right: it goes nowhere, and nothing else is known
 * to happen at its address. */
static bool can_stand_anywhere(const uint8_t *p, const struct insn_parts *insn)
{
    struct machine_insn tells;
    bool has_distance = place_of_distance(p, insn) != 0;
    bool calls = insn->map == 1 && (insn->opcode == 0xe8 || insn->opcode == 0xff);
    bool syscall = insn->map == 2 && (insn->opcode == 0x05 || insn->opcode == 0x34);
    bool interrupts = insn->map == 1 && insn->opcode == 0xcd;
    return insn->kind == INSN_PLAIN && insn->map != 0 && !insn->jumps &&
           (!has_distance || has_operand(insn)) && !calls && !syscall && !interrupts &&
           !machine_insn_at(p, insn->len, &tells);
}

/* Puts the distances right of n bytes of instructions that have moved. */
static void aim_again(uint8_t *code, size_t n, uint64_t from, uint64_t to)
{
    struct insn_parts insn;
    for (size_t at = 0; at < n && insn_read(code + at, n - at, &insn); at += insn.len) {
        size_t place = place_of_distance(code + at, &insn);
        uint32_t distance;
        if (place == 0)
            continue;
        memcpy(&distance, code + at + place, sizeof distance);
        distance += (uint32_t)(from - to); /* within REDIRECT_CODE_MAX of where it was */
        memcpy(code + at + place, &distance, sizeof distance);
    }
}

/* Bytes of whole instructions that make room for a jump. 0: they cannot be moved. */
static size_t followers_size(const uint8_t *behind, size_t len, size_t wanted, uint64_t back)
{
    size_t n = 0;
    for (struct insn_parts insn; n < wanted; n += insn.len)
        if (!insn_read(behind + n, len - n, &insn) || !can_stand_anywhere(behind + n, &insn))
            return 0;
    return redirect_filler_size(behind + n, len - n, back + n) >= REDIRECT_JUMP ? 0 : n;
}

static bool is_within(uint64_t target, uint64_t start, uint64_t end)
{
    return target - start < end - start;
}

/* Whether a near jump or call to [start, end) may begin with the byte, be it an instruction or not:
 * accidents are rare. */
static bool may_jump_far(const uint8_t *p, size_t len, uint64_t offset, uint64_t start,
                         uint64_t end)
{
    bool is_jump = p[0] == 0xe8 || p[0] == 0xe9;
    bool is_jcc = p[0] == 0x0f && len >= 2 && (p[1] & 0xf0) == 0x80;
    size_t at = is_jcc ? 2 : 1;
    int32_t distance;
    if ((!is_jump && !is_jcc) || len < at + sizeof distance)
        return false;
    memcpy(&distance, p + at, sizeof distance);
    uint64_t target = offset + at + sizeof distance + (uint64_t)(int64_t)distance;
    return is_within(target, start, end);
}

static bool jumps_near(const uint8_t *p, uint64_t offset, uint64_t start, uint64_t end)
{
    bool is_short = (p[0] & 0xf0) == 0x70 || (p[0] >= 0xe0 && p[0] <= 0xe3) || p[0] == 0xeb;
    return is_short && is_within(offset + 2 + (uint64_t)(int64_t)(int8_t)p[1], start, end);
}

/* Short jumps have to be instructions: their bytes are everywhere. Code that is decoded from a
 * wrong place soon falls into step, so those before the site are on a way that leads there and
 * began well before them. */
#define LONG_BEFORE 64
#define IN_STEP     12
static bool is_jumped_to_from_before(const uint8_t *code, size_t len, uint64_t site, uint64_t start,
                                     uint64_t end)
{
    uint64_t from = site - len;
    for (size_t first = 0; first < len; first++) {
        size_t at = first, size;
        while (at < len && insn_decode(code + at, len - at, &size) != INSN_UNKNOWN)
            at += size;
        if (at != len)
            continue;
        for (at = first; at < len; at += size) {
            if (insn_decode(code + at, len - at, &size) == INSN_UNKNOWN)
                break;
            if (at - first >= IN_STEP && at + 2 <= len &&
                jumps_near(code + at, from + at, start, end))
                return true;
        }
    }
    return false;
}

static bool is_jumped_to_from_behind(const uint8_t *code, size_t len, uint64_t start, uint64_t end)
{
    for (size_t at = 0, size; at + 2 <= len && at <= REDIRECT_REACH + 2; at += size) {
        if (jumps_near(code + at, end + at, start, end))
            return true;
        if (insn_decode(code + at, len - at, &size) == INSN_UNKNOWN)
            size = 1;
    }
    return false;
}

static bool is_jumped_to_from_afar(const struct redirect_planner *p, uint64_t start, uint64_t end)
{
    uint8_t bytes[PAGE + 6];
    for (uint64_t at = 0; at < p->code->len; at += PAGE) {
        uint64_t left = p->code->len - at;
        size_t len = left < sizeof bytes ? (size_t)left : sizeof bytes;
        if (!redirect_read_at(p, at, bytes, len))
            return true;
        for (size_t i = 0; i < len && i < PAGE; i++)
            if (may_jump_far(bytes + i, len - i, at + i, start, end))
                return true;
    }
    return false;
}

/* Tables of jumps lead anywhere in their function. */
#define FUNCTION_MAX 65536
static bool has_table(const struct redirect_planner *p, const struct redirect_read *read)
{
    uint8_t code[STEP + 15];
    uint64_t at = read->function, end = read->function_end;
    if (at >= end || end > p->code->len || end - at > FUNCTION_MAX)
        return true; /* who knows */
    while (at < end) {
        uint64_t left = end - at;
        size_t len = left < sizeof code ? (size_t)left : sizeof code, i = 0;
        if (!redirect_read_at(p, at, code, len))
            return true;
        for (struct insn_parts insn; i < len && i < STEP; i += insn.len) {
            if (!insn_read(code + i, len - i, &insn))
                return true;
            if (insn.map == 1 && insn.opcode == 0xff && insn.kind == INSN_END)
                return true;
        }
        at += i;
    }
    return false;
}

/* Between an instruction that reads and the one that puts together what it has read, nothing leads:
 * shl $32, %rdx. */
static bool is_put_together(const uint8_t *behind)
{
    return memcmp(behind, "\x48\xc1\xe2\x20", 4) == 0;
}

/* Whether something may lead to the n bytes of instructions behind it. */
static bool is_entered(const struct redirect_planner *p, const struct redirect_read *read,
                       const uint8_t *behind, size_t len, size_t n)
{
    uint8_t before[LONG_BEFORE + REDIRECT_REACH + 2];
    uint64_t site = read->offset, start = site + read->len, end = start + n;
    size_t n_before = site < sizeof before ? (size_t)site : sizeof before;
    return site < LONG_BEFORE || !redirect_read_at(p, site - n_before, before, n_before) ||
           is_jumped_to_from_before(before, n_before, site, start, end) ||
           is_jumped_to_from_behind(behind + n, len - n, start, end) ||
           (!is_put_together(behind) && has_table(p, read)) ||
           is_jumped_to_from_afar(p, start, end);
}

static bool plan_read_move(struct redirect_planner *p, const struct redirect_read *read,
                           uint64_t *hop, const uint8_t *behind, size_t len, uint64_t *ret_moved)
{
    uint64_t back = read->offset + read->len, entry;
    size_t n = read->may_move ? followers_size(behind, len, REDIRECT_JUMP - read->len, back) : 0;
    uint8_t code[REDIRECT_BYTES], jump[REDIRECT_BYTES] = {0xe9};
    if (n == 0 || READ_ENTRY + n + REDIRECT_JUMP > sizeof code ||
        is_entered(p, read, behind, len, n) || !make_read_hop(p, read->code, hop))
        return false;
    uint64_t moved = p->room.next + READ_ENTRY;
    put_read_entry(code, p->room.next, moved, *hop);
    memcpy(code + READ_ENTRY, behind, n);
    aim_again(code + READ_ENTRY, n, back, moved);
    code[READ_ENTRY + n] = 0xe9;
    redirect_put_distance(code + READ_ENTRY + n + 1, moved + n + REDIRECT_JUMP, back + n);
    if (!redirect_append(p, code, READ_ENTRY + n + REDIRECT_JUMP, &entry))
        return false;
    redirect_put_distance(jump + 1, read->offset + REDIRECT_JUMP, entry);
    memset(jump + REDIRECT_JUMP, REST, sizeof jump - REDIRECT_JUMP);
    redirect_change(p, read->offset, jump, read->len + n);
    *ret_moved = moved;
    return true;
}

bool redirect_make_read_plan(const struct redirect_code *code, const struct redirect_read *read,
                             struct redirect_room *room, uint64_t *hop, struct redirect_plan *ret,
                             uint64_t *ret_moved)
{
    struct redirect_planner p = {.code = code, .room = *room, .plan = ret};
    uint8_t behind[BEHIND];
    uint64_t back = read->offset + read->len, new_hop = *hop;
    ret->n = 0;
    *ret_moved = 0;
    if (code->len > REDIRECT_CODE_MAX || back >= code->len)
        return false;
    uint64_t left = code->len - back;
    size_t len = left < sizeof behind ? (size_t)left : sizeof behind;
    if (!redirect_read_at(&p, back, behind, len))
        return false;
    if (!plan_read_filler(&p, read, &new_hop, behind, len)) {
        p.room = *room;
        new_hop = *hop;
        ret->n = 0;
        if (!plan_read_move(&p, read, &new_hop, behind, len, ret_moved))
            return false;
    }
    *room = p.room;
    *hop = new_hop;
    return true;
}

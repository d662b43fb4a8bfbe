/* Owns the choice of the bytes that change. */
#include "task/redirect.h"

#include "code/insn.h"

#include <string.h>

#define REACH     127
#define FILLER    16 /* no more, so that what is behind it is aligned */
#define JUMP_SIZE 5
#define HOP_SIZE  13 /* movabs $stub, %r11; jmp *%r11 */
#define MARGIN    16 /* code may end in zeros of its own */
#define CALL_SIZE 2
#define NEAR_SIZE 2 /* of a short jump */
#define PAGE      4096u

struct planner {
    const struct redirect_code *code;
    struct redirect_room room;
    struct redirect_plan *plan;
};

static bool read_at(const struct planner *p, uint64_t offset, uint8_t *bytes, size_t len)
{
    return p->code->read(p->code->ctx, offset, bytes, len);
}

bool redirect_find_room(const struct redirect_code *code, struct redirect_room *ret)
{
    uint8_t page[PAGE];
    if (code->len < PAGE || !code->read(code->ctx, code->len - PAGE, page, PAGE))
        return false;
    size_t zeros = 0;
    while (zeros < PAGE && page[PAGE - 1 - zeros] == 0)
        zeros++;
    if (zeros <= MARGIN)
        return false;
    *ret = (struct redirect_room){.next = code->len - zeros + MARGIN, .end = code->len};
    return true;
}

static void change(struct planner *p, uint64_t offset, const uint8_t *bytes, size_t len)
{
    struct redirect_change *c = &p->plan->v[p->plan->n++];
    c->offset = offset;
    c->len = (uint8_t)len;
    memcpy(c->bytes, bytes, len);
}

static void put_distance(uint8_t *at, uint64_t from, uint64_t to)
{
    uint32_t v = (uint32_t)(to - from); /* within REDIRECT_CODE_MAX */
    memcpy(at, &v, sizeof v);
}

static bool append(struct planner *p, const uint8_t *bytes, size_t len, uint64_t *ret_offset)
{
    if (len > p->room.end - p->room.next)
        return false;
    *ret_offset = p->room.next;
    change(p, p->room.next, bytes, len);
    p->room.next += len;
    return true;
}

static bool make_hop(struct planner *p, uint64_t stub)
{
    if (p->room.hop != 0)
        return true;
    uint8_t hop[HOP_SIZE] = {0x49, 0xbb, [10] = 0x41, 0xff, 0xe3};
    memcpy(hop + 2, &stub, sizeof stub);
    return append(p, hop, sizeof hop, &p->room.hop);
}

/* The way from a call, whose instruction ends at `site`, to the stub. mov: its five bytes to set
 * the number, or NULL. */
static bool make_entry(struct planner *p, uint64_t site, uint64_t stub, const uint8_t *mov,
                       uint64_t *ret_entry)
{
    uint8_t code[REDIRECT_BYTES];
    size_t n = 0;
    if (!make_hop(p, stub))
        return false;
    if (mov != NULL) {
        memcpy(code, mov, JUMP_SIZE);
        n += JUMP_SIZE;
    }
    memcpy(code + n, "\x48\x8d\x0d", 3);
    put_distance(code + n + 3, p->room.next + n + 7, site);
    n += 7;
    code[n] = 0xe9;
    put_distance(code + n + 1, p->room.next + n + JUMP_SIZE, p->room.hop);
    return append(p, code, n + JUMP_SIZE, ret_entry);
}

static void put_jump(struct planner *p, uint64_t at, uint64_t to)
{
    uint8_t jump[JUMP_SIZE] = {0xe9};
    put_distance(jump + 1, at + JUMP_SIZE, to);
    change(p, at, jump, sizeof jump);
}

/* Fillers from p on, up to the next place where something may begin. */
static size_t filler_size(const uint8_t *p, size_t len, uint64_t offset)
{
    size_t n = 0, max = (size_t)(-offset % FILLER), size;
    if (max > len)
        max = len;
    while (n < max) {
        enum insn_kind kind = insn_decode(p + n, len - n, &size);
        if ((kind != INSN_NOP && p[n] != 0xcc) || n + size > max)
            break;
        n += size;
    }
    return n;
}

/* Goes through the code behind the instruction that ends at `site`, so that it is sure where
 * instructions begin, to fillers that nothing runs into, not further than `reach`. An int3 that is
 * run into stands in place of another instruction: who knows where that ends. Fillers right behind
 * the site are run into, too, though others may take the jump there for an end. 0: there are none.
 */
static uint64_t find_filler(const uint8_t *code, size_t len, uint64_t site, size_t reach)
{
    bool is_reached = true;
    if (filler_size(code, len, site) >= JUMP_SIZE)
        return 0;
    for (size_t i = 0, size; i <= reach; i += size) {
        enum insn_kind kind = insn_decode(code + i, len - i, &size);
        if (kind == INSN_UNKNOWN || (is_reached && code[i] == 0xcc))
            return 0;
        is_reached = kind != INSN_END;
        size_t behind = i + size;
        if (kind == INSN_END && behind <= reach &&
            filler_size(code + behind, len - behind, site + behind) >= JUMP_SIZE)
            return site + behind;
    }
    return 0;
}

/* By the mov before the instruction. A prefix before the mov would make it another one. */
static bool plan_mov(struct planner *p, uint64_t site, int64_t nr, uint64_t stub)
{
    uint8_t code[1 + JUMP_SIZE + CALL_SIZE];
    uint32_t number;
    uint64_t entry;
    if (site < sizeof code || !read_at(p, site - sizeof code, code, sizeof code))
        return false;
    memcpy(&number, code + 2, sizeof number);
    bool has_prefix = (code[0] & 0xf0) == 0x40 || code[0] == 0x66 || code[0] == 0x67;
    if (code[1] != 0xb8 || number != (uint64_t)nr || has_prefix ||
        !make_entry(p, site, stub, code + 1, &entry))
        return false;
    put_jump(p, site - JUMP_SIZE - CALL_SIZE, entry);
    return true;
}

static bool plan_filler(struct planner *p, uint64_t site, uint64_t stub)
{
    uint8_t code[REACH + FILLER + 15];
    uint64_t left = p->code->len - site, entry;
    size_t len = left < sizeof code ? (size_t)left : sizeof code;
    if (!read_at(p, site, code, len))
        return false;
    uint64_t filler = find_filler(code, len, site, REACH);
    if (filler == 0 || !make_entry(p, site, stub, NULL, &entry))
        return false;
    uint8_t near[NEAR_SIZE] = {0xeb, (uint8_t)(filler - site)};
    put_jump(p, filler, entry);
    change(p, site - CALL_SIZE, near, sizeof near);
    return true;
}

bool redirect_make_plan(const struct redirect_code *code, uint64_t site, int64_t nr, uint64_t stub,
                        struct redirect_room *room, struct redirect_plan *ret)
{
    struct planner p = {.code = code, .room = *room, .plan = ret};
    uint8_t call[CALL_SIZE];
    ret->n = 0;
    if (site < CALL_SIZE || site >= code->len || code->len > REDIRECT_CODE_MAX ||
        !read_at(&p, site - CALL_SIZE, call, sizeof call) || call[0] != 0x0f || call[1] != 0x05)
        return false;
    if (!plan_mov(&p, site, nr, stub)) {
        p.room = *room;
        ret->n = 0;
        if (!plan_filler(&p, site, stub))
            return false;
    }
    *room = p.room;
    return true;
}

/* ---- reading the time stamp counter ---- */

static bool make_read_hop(struct planner *p, uint64_t code, uint64_t *hop)
{
    if (*hop != 0)
        return true;
    uint8_t bytes[] = {0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xe0}; /* movabs, jmp *%rax */
    memcpy(bytes + 2, &code, sizeof code);
    return append(p, bytes, sizeof bytes, hop);
}

/* lea back(%rip), %rdx; jmp hop */
static bool make_read_entry(struct planner *p, uint64_t back, uint64_t hop, uint64_t *ret_entry)
{
    uint8_t code[7 + JUMP_SIZE] = {0x48, 0x8d, 0x15, [7] = 0xe9};
    put_distance(code + 3, p->room.next + 7, back);
    put_distance(code + 8, p->room.next + sizeof code, hop);
    return append(p, code, sizeof code, ret_entry);
}

bool redirect_make_read_plan(const struct redirect_code *code, const struct redirect_read *read,
                             struct redirect_room *room, uint64_t *hop, struct redirect_plan *ret)
{
    struct planner p = {.code = code, .room = *room, .plan = ret};
    uint8_t behind[REACH + FILLER + 15];
    uint64_t back = read->offset + read->len, new_hop = *hop, entry;
    ret->n = 0;
    if (code->len > REDIRECT_CODE_MAX || back >= code->len)
        return false;
    uint64_t left = code->len - back;
    size_t len = left < sizeof behind ? (size_t)left : sizeof behind;
    size_t reach = REACH - (read->len - NEAR_SIZE);
    if (!read_at(&p, back, behind, len))
        return false;
    uint64_t filler = find_filler(behind, len, back, reach);
    if (filler == 0 || !make_read_hop(&p, read->code, &new_hop) ||
        !make_read_entry(&p, back, new_hop, &entry))
        return false;
    uint8_t near[NEAR_SIZE] = {0xeb, (uint8_t)(filler - read->offset - NEAR_SIZE)};
    put_jump(&p, filler, entry);
    change(&p, read->offset, near, sizeof near);
    *room = p.room;
    *hop = new_hop;
    return true;
}

/* Owns the choice of the bytes that change. */
#include "task/redirect_parts.h"

#include "base/page.h"
#include "code/insn.h"

#include <string.h>

#define HOP_SIZE  13 /* movabs $stub, %r11; jmp *%r11 */
#define MARGIN    16 /* code may end in zeros of its own */
#define CALL_SIZE 2

bool redirect_read_at(const struct redirect_planner *p, uint64_t offset, uint8_t *bytes, size_t len)
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

void redirect_change(struct redirect_planner *p, uint64_t offset, const uint8_t *bytes, size_t len)
{
    struct redirect_change *c = &p->plan->v[p->plan->n++];
    c->offset = offset;
    c->len = (uint8_t)len;
    memcpy(c->bytes, bytes, len);
}

void redirect_put_distance(uint8_t *at, uint64_t from, uint64_t to)
{
    uint32_t v = (uint32_t)(to - from); /* within REDIRECT_CODE_MAX */
    memcpy(at, &v, sizeof v);
}

bool redirect_append(struct redirect_planner *p, const uint8_t *bytes, size_t len,
                     uint64_t *ret_offset)
{
    if (len > p->room.end - p->room.next)
        return false;
    *ret_offset = p->room.next;
    redirect_change(p, p->room.next, bytes, len);
    p->room.next += len;
    return true;
}

static bool make_hop(struct redirect_planner *p, uint64_t stub)
{
    if (p->room.hop != 0)
        return true;
    uint8_t hop[HOP_SIZE] = {0x49, 0xbb, [10] = 0x41, 0xff, 0xe3};
    memcpy(hop + 2, &stub, sizeof stub);
    return redirect_append(p, hop, sizeof hop, &p->room.hop);
}

/* The way from a call, whose instruction ends at `site`, to the stub. mov: its five bytes to set
 * the number, or NULL. */
static bool make_entry(struct redirect_planner *p, uint64_t site, uint64_t stub, const uint8_t *mov,
                       uint64_t *ret_entry)
{
    uint8_t code[REDIRECT_BYTES];
    size_t n = 0;
    if (!make_hop(p, stub))
        return false;
    if (mov != NULL) {
        memcpy(code, mov, REDIRECT_JUMP);
        n += REDIRECT_JUMP;
    }
    memcpy(code + n, "\x48\x8d\x0d", 3);
    redirect_put_distance(code + n + 3, p->room.next + n + 7, site);
    n += 7;
    code[n] = 0xe9;
    redirect_put_distance(code + n + 1, p->room.next + n + REDIRECT_JUMP, p->room.hop);
    return redirect_append(p, code, n + REDIRECT_JUMP, ret_entry);
}

void redirect_put_jump(struct redirect_planner *p, uint64_t at, uint64_t to)
{
    uint8_t jump[REDIRECT_JUMP] = {0xe9};
    redirect_put_distance(jump + 1, at + REDIRECT_JUMP, to);
    redirect_change(p, at, jump, sizeof jump);
}

size_t redirect_filler_size(const uint8_t *p, size_t len, uint64_t offset)
{
    size_t n = 0, max = (size_t)(-offset % REDIRECT_FILLER), size;
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

uint64_t redirect_find_filler(const uint8_t *code, size_t len, uint64_t site, size_t reach)
{
    bool is_reached = true;
    if (redirect_filler_size(code, len, site) >= REDIRECT_JUMP)
        return 0;
    for (size_t i = 0, size; i <= reach; i += size) {
        enum insn_kind kind = insn_decode(code + i, len - i, &size);
        if (kind == INSN_UNKNOWN || (is_reached && code[i] == 0xcc))
            return 0;
        is_reached = kind != INSN_END;
        size_t behind = i + size;
        if (kind == INSN_END && behind <= reach &&
            redirect_filler_size(code + behind, len - behind, site + behind) >= REDIRECT_JUMP)
            return site + behind;
    }
    return 0;
}

/* By the mov before the instruction. A prefix before the mov would make it another one. */
static bool plan_mov(struct redirect_planner *p, uint64_t site, int64_t nr, uint64_t stub)
{
    uint8_t code[1 + REDIRECT_JUMP + CALL_SIZE];
    uint32_t number;
    uint64_t entry;
    if (site < sizeof code || !redirect_read_at(p, site - sizeof code, code, sizeof code))
        return false;
    memcpy(&number, code + 2, sizeof number);
    bool has_prefix = (code[0] & 0xf0) == 0x40 || code[0] == 0x66 || code[0] == 0x67;
    if (code[1] != 0xb8 || number != (uint64_t)nr || has_prefix ||
        !make_entry(p, site, stub, code + 1, &entry))
        return false;
    redirect_put_jump(p, site - REDIRECT_JUMP - CALL_SIZE, entry);
    return true;
}

static bool plan_filler(struct redirect_planner *p, uint64_t site, uint64_t stub)
{
    uint8_t code[REDIRECT_REACH + REDIRECT_FILLER + 15];
    uint64_t left = p->code->len - site, entry;
    size_t len = left < sizeof code ? (size_t)left : sizeof code;
    if (!redirect_read_at(p, site, code, len))
        return false;
    uint64_t filler = redirect_find_filler(code, len, site, REDIRECT_REACH);
    if (filler == 0 || !make_entry(p, site, stub, NULL, &entry))
        return false;
    uint8_t near[REDIRECT_NEAR] = {0xeb, (uint8_t)(filler - site)};
    redirect_put_jump(p, filler, entry);
    redirect_change(p, site - CALL_SIZE, near, sizeof near);
    return true;
}

bool redirect_make_plan(const struct redirect_code *code, uint64_t site, int64_t nr, uint64_t stub,
                        struct redirect_room *room, struct redirect_plan *ret)
{
    struct redirect_planner p = {.code = code, .room = *room, .plan = ret};
    uint8_t call[CALL_SIZE];
    ret->n = 0;
    if (site < CALL_SIZE || site >= code->len || code->len > REDIRECT_CODE_MAX ||
        !redirect_read_at(&p, site - CALL_SIZE, call, sizeof call) || call[0] != 0x0f ||
        call[1] != 0x05)
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

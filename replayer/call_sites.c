/* Owns the changes to the code of replayed tasks. Knows nothing of events. */
#include "replayer/call_sites.h"

#include "replayer/fast_stub.h"
#include "task/insn.h"
#include "task/tracee.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CODES_MAX  256
#define SITES_MAX  512
#define HITS       2 /* a change costs as much as some stops */
#define REACH      127
#define FILLER     16 /* no more, so that what is behind it is aligned */
#define JUMP_SIZE  5
#define ENTRY_SIZE 12 /* lea site(%rip), %rcx; jmp */
#define HOP_SIZE   13 /* movabs $fast_stub_enter, %r11; jmp *%r11 */
#define MARGIN     16 /* code may end in zeros of its own */
#define PAGE       4096u

struct code {
    uint64_t start, end;
    uint64_t hop;  /* to the stub, by which all its sites go; 0: not there yet */
    uint64_t room; /* from here to the end */
    bool is_full;
};

struct site {
    uint64_t ip;
    unsigned hits;
};

struct change {
    uint64_t addr;
    uint8_t len, was[HOP_SIZE];
};

struct call_sites {
    unsigned refs;
    bool gave_up;
    struct code codes[CODES_MAX];
    struct site sites[SITES_MAX];
    struct change *changes; /* in order */
    size_t n_codes, n_sites, n_changes, changes_cap;
};

struct call_sites *call_sites_new(void)
{
    struct call_sites *s = calloc(1, sizeof *s);
    if (s != NULL)
        s->refs = 1;
    return s;
}

struct call_sites *call_sites_ref(struct call_sites *s)
{
    if (s != NULL)
        s->refs++;
    return s;
}

struct call_sites *call_sites_copy(const struct call_sites *s)
{
    struct call_sites *copy = s != NULL ? call_sites_new() : NULL;
    if (copy == NULL)
        return NULL;
    memcpy(copy->codes, s->codes, s->n_codes * sizeof *s->codes);
    memcpy(copy->sites, s->sites, s->n_sites * sizeof *s->sites);
    copy->n_codes = s->n_codes;
    copy->n_sites = s->n_sites;
    copy->gave_up = s->gave_up;
    if (s->n_changes == 0)
        return copy;
    copy->changes = reallocarray(NULL, s->n_changes, sizeof *s->changes);
    if (copy->changes == NULL)
        abort(); /* the copied memory has the changes: without the list nobody could undo them */
    memcpy(copy->changes, s->changes, s->n_changes * sizeof *s->changes);
    copy->n_changes = copy->changes_cap = s->n_changes;
    return copy;
}

void call_sites_unref(struct call_sites *s)
{
    if (s == NULL || --s->refs > 0)
        return;
    free(s->changes);
    free(s);
}

void call_sites_add_code(struct call_sites *s, uint64_t start, uint64_t end)
{
    if (s != NULL && s->n_codes < CODES_MAX)
        s->codes[s->n_codes++] = (struct code){.start = start, .end = end};
}

/* ---- changing ---- */

/* Writes into code and notes what was there. */
static int change(struct call_sites *s, pid_t pid, uint64_t addr, const uint8_t *bytes, size_t len)
{
    if (s->n_changes == s->changes_cap) {
        size_t cap = s->changes_cap > 0 ? s->changes_cap * 2 : 32;
        struct change *v = reallocarray(s->changes, cap, sizeof *v);
        if (v == NULL)
            return -1;
        s->changes = v;
        s->changes_cap = cap;
    }
    struct change *c = &s->changes[s->n_changes];
    *c = (struct change){.addr = addr, .len = (uint8_t)len};
    if (tracee_read_all(pid, addr, c->was, len) < 0)
        return -1;
    s->n_changes++; /* also if only part of it gets written */
    return tracee_write(pid, addr, bytes, len);
}

/* False: out of reach. */
static bool put_rel32(uint8_t *at, uint64_t from, uint64_t to)
{
    int64_t distance = (int64_t)(to - from);
    if (distance != (int32_t)distance)
        return false;
    uint32_t v = (uint32_t)distance;
    memcpy(at, &v, sizeof v);
    return true;
}

/* Finds the zeros between the end of the code and the end of its last page. */
static bool find_room(struct code *c, pid_t pid)
{
    uint8_t page[PAGE];
    if (tracee_read_all(pid, c->end - PAGE, page, PAGE) < 0)
        return false;
    size_t zeros = 0;
    while (zeros < PAGE && page[PAGE - 1 - zeros] == 0)
        zeros++;
    if (zeros < MARGIN + HOP_SIZE + ENTRY_SIZE)
        return false;
    c->room = c->end - zeros + MARGIN;
    return true;
}

static bool make_hop(struct call_sites *s, struct code *c, pid_t pid)
{
    if (c->hop != 0)
        return true;
    uint8_t hop[HOP_SIZE] = {0x49, 0xbb, [10] = 0x41, 0xff, 0xe3};
    uint64_t stub = fast_stub_at(fast_stub_enter);
    memcpy(hop + 2, &stub, sizeof stub);
    if (!find_room(c, pid) || change(s, pid, c->room, hop, sizeof hop) < 0)
        return false;
    c->hop = c->room;
    c->room += HOP_SIZE;
    return true;
}

static bool make_entry(struct call_sites *s, struct code *c, pid_t pid, uint64_t ip,
                       uint64_t *ret_entry)
{
    uint8_t entry[ENTRY_SIZE] = {0x48, 0x8d, 0x0d, [7] = 0xe9};
    uint64_t at = c->room;
    if (c->end - at < ENTRY_SIZE || !put_rel32(entry + 3, at + 7, ip) ||
        !put_rel32(entry + 8, at + ENTRY_SIZE, c->hop) ||
        change(s, pid, at, entry, sizeof entry) < 0)
        return false;
    c->room += ENTRY_SIZE;
    *ret_entry = at;
    return true;
}

/* Fillers from p on, up to the next place where something may begin. */
static size_t filler_size(const uint8_t *p, size_t len, uint64_t addr)
{
    size_t n = 0, max = (size_t)(-addr % FILLER), size;
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

/* Goes through the code behind the call, so that it is sure where instructions begin, to fillers
 * that nothing runs into. 0: there are none. */
static uint64_t find_filler(const uint8_t *code, size_t len, uint64_t ip)
{
    for (size_t i = 0, size; i <= REACH; i += size) {
        enum insn_kind kind = insn_decode(code + i, len - i, &size);
        if (kind == INSN_UNKNOWN)
            return 0;
        size_t behind = i + size;
        if (kind == INSN_END && behind <= REACH &&
            filler_size(code + behind, len - behind, ip + behind) >= JUMP_SIZE)
            return ip + behind;
    }
    return 0;
}

static void redirect(struct call_sites *s, struct code *c, pid_t pid, uint64_t ip)
{
    uint8_t code[2 + REACH + FILLER + 15];
    uint64_t left = c->end - (ip - 2);
    size_t len = left < sizeof code ? (size_t)left : sizeof code;
    if (tracee_read_all(pid, ip - 2, code, len) < 0 || len <= 2 || code[0] != 0x0f ||
        code[1] != 0x05)
        return;
    uint64_t filler = find_filler(code + 2, len - 2, ip), entry;
    if (filler == 0)
        return;
    if (!make_hop(s, c, pid) || !make_entry(s, c, pid, ip, &entry)) {
        c->is_full = true;
        return;
    }
    uint8_t far[JUMP_SIZE] = {0xe9}, near[2] = {0xeb, (uint8_t)(filler - ip)};
    if (put_rel32(far + 1, filler + JUMP_SIZE, entry) &&
        change(s, pid, filler, far, sizeof far) == 0)
        change(s, pid, ip - 2, near, sizeof near);
}

static struct code *find_code(struct call_sites *s, uint64_t addr)
{
    for (size_t i = 0; i < s->n_codes; i++)
        if (addr >= s->codes[i].start && addr < s->codes[i].end)
            return &s->codes[i];
    return NULL;
}

static struct site *find_site(struct call_sites *s, uint64_t ip)
{
    for (size_t i = 0; i < s->n_sites; i++)
        if (s->sites[i].ip == ip)
            return &s->sites[i];
    if (s->n_sites == SITES_MAX)
        return NULL;
    s->sites[s->n_sites] = (struct site){.ip = ip};
    return &s->sites[s->n_sites++];
}

void call_sites_hit(struct call_sites *s, pid_t pid, uint64_t ip)
{
    if (s == NULL || s->gave_up || ip < 2)
        return;
    struct code *c = find_code(s, ip - 2);
    if (c == NULL || c->is_full || ip >= c->end)
        return;
    struct site *site = find_site(s, ip);
    if (site != NULL && site->hits <= HITS && ++site->hits == HITS)
        redirect(s, c, pid, ip);
}

/* ---- undoing ---- */

static void undo_within(struct call_sites *s, pid_t pid, uint64_t start, uint64_t end)
{
    size_t kept = 0;
    for (size_t i = s->n_changes; i-- > 0;) { /* the latest first: fillers may be used in parts */
        const struct change *c = &s->changes[i];
        if (c->addr >= start && c->addr < end)
            (void)tracee_write(pid, c->addr, c->was, c->len);
    }
    for (size_t i = 0; i < s->n_changes; i++)
        if (s->changes[i].addr < start || s->changes[i].addr >= end)
            s->changes[kept++] = s->changes[i];
    s->n_changes = kept;
}

static void forget_sites(struct call_sites *s, uint64_t start, uint64_t end)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->n_sites; i++)
        if (s->sites[i].ip - 2 < start || s->sites[i].ip - 2 >= end)
            s->sites[kept++] = s->sites[i];
    s->n_sites = kept;
}

void call_sites_touch(struct call_sites *s, pid_t pid, uint64_t addr, uint64_t len)
{
    if (s == NULL)
        return;
    uint64_t end = addr + len;
    for (size_t i = 0; i < s->n_codes;) {
        struct code c = s->codes[i];
        if (c.start >= end || addr >= c.end) {
            i++;
            continue;
        }
        undo_within(s, pid, c.start, c.end);
        forget_sites(s, c.start, c.end);
        s->codes[i] = s->codes[--s->n_codes];
    }
}

void call_sites_give_up(struct call_sites *s, pid_t pid)
{
    if (s == NULL || s->gave_up)
        return;
    undo_within(s, pid, 0, UINT64_MAX);
    s->n_codes = s->n_sites = 0;
    s->gave_up = true;
}

void call_sites_undo(const struct call_sites *s, uint64_t addr, uint8_t *bytes, uint64_t len)
{
    for (size_t i = s != NULL ? s->n_changes : 0; i-- > 0;) {
        const struct change *c = &s->changes[i];
        if (c->addr + c->len <= addr || (c->addr >= addr && c->addr - addr >= len))
            continue;
        for (uint64_t k = 0; k < c->len; k++)
            if (c->addr + k >= addr && c->addr + k - addr < len)
                bytes[c->addr + k - addr] = c->was[k];
    }
}

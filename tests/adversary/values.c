/* Owns what values are worth trying, by the names of fields: one table. */
#include "values.h"

#include "hostile_code.h"
#include "replayer/reserved.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/user.h>

#define PAGE 4096ull
#define TOP  0x7ffffffff000ull

#define COUNT(v)        (sizeof(v) / sizeof(v)[0])
#define PICK(dice, v)   (v)[dice_below(dice, COUNT(v))]
#define REG_WORD(field) (offsetof(struct user_regs_struct, field) / 8)

/* ---- numbers ---- */

static uint64_t any_number(struct dice *dice)
{
    static const uint64_t edges[] = {0,          1,
                                     2,          7,
                                     8,          255,
                                     4095,       4096,
                                     4097,       0x7fff,
                                     0xffff,     0x7fffffff,
                                     0x80000000, 0xffffffff,
                                     1ull << 32, INT64_MAX,
                                     1ull << 63, UINT64_MAX,
                                     -PAGE,      1ull << 46,
                                     1ull << 47, 64 << 20,
                                     1 << 20,    216,
                                     112,        UINT64_MAX / 2 + 2};
    return dice_one_in(dice, 3) ? dice_throw(dice) >> dice_below(dice, 64) : PICK(dice, edges);
}

/* At and around what replay keeps for itself, where user space ends, and what the trace uses. */
static uint64_t address(struct dice *dice, const struct draft *d)
{
    static const uint64_t edges[] = {STUB_ADDR,
                                     STUB_ADDR + 64,
                                     STUB_BEHIND_CALL,
                                     FAST_CODE,
                                     FAST_QUEUE,
                                     FAST_MAIL,
                                     FAST_QUEUE + FAST_FIRST_CALL,
                                     STUB_END,
                                     0x2a0000fea000,
                                     0,
                                     PAGE,
                                     0x10000,
                                     TOP,
                                     1ull << 47,
                                     0xffff800000000000,
                                     0xffffffffff600000,
                                     UINT64_MAX - PAGE + 1};
    static const int64_t steps[] = {
        0, 0, 0, 1, -1, 2, 8, -8, 63, PAGE, -(int64_t)PAGE, (int64_t)(STUB_END - STUB_ADDR)};
    const struct specimen *s = d->origin;
    uint64_t at = s->n_places > 0 && !dice_one_in(dice, 3)
                      ? s->places[dice_below(dice, s->n_places)]
                      : PICK(dice, edges);
    at += (uint64_t)PICK(dice, steps);
    return dice_one_in(dice, 2) ? at & -PAGE : at;
}

static uint64_t for_address(struct dice *dice, const struct draft *d, uint64_t now)
{
    if (dice_one_in(dice, 4))
        return now + (dice_below(dice, 9) - 4) * (dice_one_in(dice, 2) ? 1 : PAGE);
    return dice_one_in(dice, 12) ? any_number(dice) : address(dice, d);
}

/* Some reach from a place of the trace over what replay keeps for itself. */
static uint64_t for_length(struct dice *dice, const struct draft *d, uint64_t now)
{
    static const uint64_t edges[] = {0,          1,        8,          PAGE - 1,  PAGE,
                                     PAGE + 1,   2 * PAGE, 64 * PAGE,  16 << 20,  1ull << 30,
                                     1ull << 40, TOP,      1ull << 47, UINT64_MAX};
    (void)d;
    switch (dice_below(dice, 4)) {
    case 0:
        return now + (dice_below(dice, 9) - 4) * (dice_one_in(dice, 2) ? 1 : PAGE);
    case 1:
        return any_number(dice);
    case 2:
        return PAGE * dice_below(dice, 64);
    default:
        return PICK(dice, edges);
    }
}

static uint64_t for_prot(struct dice *dice, const struct draft *d, uint64_t now)
{
    static const uint64_t some[] = {PROT_NONE,
                                    PROT_READ,
                                    PROT_READ | PROT_WRITE,
                                    PROT_READ | PROT_EXEC,
                                    PROT_READ | PROT_WRITE | PROT_EXEC,
                                    PROT_READ | PROT_GROWSDOWN,
                                    PROT_WRITE | PROT_GROWSUP,
                                    8,
                                    0x10,
                                    UINT32_MAX};
    (void)d;
    return dice_one_in(dice, 8) ? now ^ (1ull << dice_below(dice, 32)) : PICK(dice, some);
}

static uint64_t for_flags(struct dice *dice, const struct draft *d, uint64_t now)
{
    static const uint64_t some[] = {MAP_SHARED,
                                    MAP_PRIVATE,
                                    MAP_SHARED | MAP_PRIVATE,
                                    MAP_PRIVATE | MAP_GROWSDOWN,
                                    MAP_PRIVATE | MAP_HUGETLB,
                                    MAP_PRIVATE | MAP_LOCKED | MAP_POPULATE,
                                    MREMAP_MAYMOVE | MREMAP_FIXED,
                                    MREMAP_FIXED | MREMAP_MAYMOVE | 4,
                                    CLONE_UNTRACED | CLONE_VM,
                                    UINT32_MAX};
    (void)d;
    return dice_one_in(dice, 3) ? now ^ (1ull << dice_below(dice, 32)) : PICK(dice, some);
}

static uint64_t for_advice(struct dice *dice, const struct draft *d, uint64_t now)
{
    (void)d, (void)now;
    return dice_one_in(dice, 8) ? any_number(dice) : dice_below(dice, 104);
}

static uint64_t for_call(struct dice *dice, const struct draft *d, uint64_t now)
{
    static const uint64_t some[] = {SYS_mkdir,  SYS_fork,  SYS_clone,        SYS_execve,
                                    SYS_mmap,   SYS_write, SYS_rt_sigreturn, SYS_exit_group,
                                    SYS_munmap, SYS_brk,   SYS_getpid,       UINT64_MAX};
    (void)d, (void)now;
    return dice_one_in(dice, 2) ? PICK(dice, some) : dice_below(dice, 520);
}

static uint64_t for_small(struct dice *dice, const struct draft *d, uint64_t now)
{
    (void)d, (void)now;
    return dice_one_in(dice, 16) ? any_number(dice) : dice_below(dice, 6);
}

/* Words of struct user_regs_struct, the debug registers, and what lies between. */
static uint64_t for_index(struct dice *dice, const struct draft *d, uint64_t now)
{
    static const uint64_t some[] = {REG_WORD(rip),
                                    REG_WORD(cs),
                                    REG_WORD(ss),
                                    REG_WORD(eflags),
                                    REG_WORD(rsp),
                                    REG_WORD(orig_rax),
                                    REG_WORD(fs_base),
                                    REG_WORD(gs_base),
                                    REG_WORD(ds),
                                    26,
                                    27,
                                    105,
                                    106,
                                    109,
                                    110,
                                    112,
                                    113,
                                    114};
    (void)d, (void)now;
    return dice_one_in(dice, 2) ? PICK(dice, some) : dice_below(dice, 120);
}

static uint64_t segment(struct dice *dice)
{
    static const uint64_t some[] = {0,    3,    7,    0x10, 0x18, 0x23,   0x2b,
                                    0x33, 0x53, 0x7b, 0x63, 0x6b, 0xffff, 0x100000033};
    return PICK(dice, some);
}

static uint64_t flags_of_cpu(struct dice *dice)
{
    static const uint64_t some[] = {0,        2,        0x202,   0x302,      0x3202,
                                    0x4202,   0x10202,  0x20202, 0x40202,    0x80202,
                                    0x100202, 0x200202, 0x200,   UINT64_MAX, UINT32_MAX};
    return PICK(dice, some);
}

static uint64_t for_value(struct dice *dice, const struct draft *d, uint64_t now)
{
    switch (dice_below(dice, 5)) {
    case 0:
        return segment(dice);
    case 1:
        return flags_of_cpu(dice);
    case 2:
        return dice_below(dice, 1 << 20); /* of debug register 7, too */
    case 3:
        return any_number(dice);
    default:
        return for_address(dice, d, now);
    }
}

static uint64_t for_arg(struct dice *dice, const struct draft *d, uint64_t now)
{
    return dice_one_in(dice, 2) ? for_address(dice, d, now) : any_number(dice);
}

static uint64_t for_result(struct dice *dice, const struct draft *d, uint64_t now)
{
    (void)d, (void)now;
    return dice_one_in(dice, 2) ? (uint64_t)-dice_below(dice, 520) : any_number(dice);
}

static uint64_t for_signo(struct dice *dice, const struct draft *d, uint64_t now)
{
    static const uint64_t some[] = {SIGTRAP, SIGSEGV, SIGKILL, SIGSTOP, SIGSYS, SIGBUS, 64, 65, 0};
    (void)d, (void)now;
    return dice_one_in(dice, 2) ? PICK(dice, some) : dice_below(dice, 66);
}

/* What is there already lies close by. */
static uint64_t for_time(struct dice *dice, const struct draft *d, uint64_t now)
{
    (void)d;
    return dice_one_in(dice, 4) ? any_number(dice) : now + dice_below(dice, 20000) - 10000;
}

static uint64_t for_number(struct dice *dice, const struct draft *d, uint64_t now)
{
    (void)d;
    return dice_one_in(dice, 3) ? now + dice_below(dice, 5) - 2 : any_number(dice);
}

/* ---- bytes ---- */

static ProtobufCBinaryData room(const struct draft *d, size_t len)
{
    uint8_t *data = arena_alloc(d->arena, len + 1);
    if (data == NULL)
        len = 0;
    return (ProtobufCBinaryData){.len = len, .data = data};
}

static ProtobufCBinaryData resized(const struct draft *d, ProtobufCBinaryData now, size_t len)
{
    ProtobufCBinaryData b = room(d, len);
    size_t kept = now.len < b.len ? now.len : b.len;
    if (b.len > kept)
        memset(b.data + kept, 0, b.len - kept);
    if (kept > 0)
        memcpy(b.data, now.data, kept);
    return b;
}

static ProtobufCBinaryData with_some_changed(struct dice *dice, const struct draft *d,
                                             ProtobufCBinaryData now)
{
    ProtobufCBinaryData b = resized(d, now, now.len);
    for (size_t n = 1 + dice_below(dice, 8); n > 0 && b.len > 0; n--)
        b.data[dice_below(dice, b.len)] ^= (uint8_t)(1u << dice_below(dice, 8));
    return b;
}

ProtobufCBinaryData code_for(struct dice *dice, const struct draft *d)
{
    const struct hostile_code *code = &hostile_codes[dice_below(dice, n_hostile_codes)];
    ProtobufCBinaryData b = room(d, code->len);
    if (b.len > 0)
        memcpy(b.data, code->bytes, b.len);
    return b;
}

static ProtobufCBinaryData for_content(struct dice *dice, const struct draft *d,
                                       ProtobufCBinaryData now)
{
    ProtobufCBinaryData code = code_for(dice, d), b;
    switch (dice_below(dice, 6)) {
    case 0:
        return resized(d, now, dice_below(dice, 2 * now.len + 16));
    case 1:
        return resized(d, now, dice_below(dice, 4) << 20);
    case 2:
    case 3:
        b = resized(d, now, now.len > code.len ? now.len : code.len);
        if (b.len >= code.len)
            memcpy(b.data + dice_below(dice, b.len - code.len + 1), code.data, code.len);
        return b;
    default:
        return with_some_changed(dice, d, now);
    }
}

static ProtobufCBinaryData for_regs(struct dice *dice, const struct draft *d,
                                    ProtobufCBinaryData now)
{
    struct user_regs_struct regs = {.cs = USER_CS, .ss = USER_SS, .eflags = 0x202};
    ProtobufCBinaryData b = resized(d, now, sizeof regs);
    if (b.len < sizeof regs)
        return b;
    if (now.len == sizeof regs)
        memcpy(&regs, b.data, sizeof regs);
    uint64_t words[sizeof regs / 8];
    memcpy(words, &regs, sizeof words);
    size_t i = (size_t)for_index(dice, d, 0) % COUNT(words);
    bool is_segment = i == REG_WORD(cs) || i == REG_WORD(ss) || i == REG_WORD(ds) ||
                      i == REG_WORD(es) || i == REG_WORD(fs) || i == REG_WORD(gs);
    words[i] = is_segment              ? segment(dice)
               : i == REG_WORD(eflags) ? flags_of_cpu(dice)
                                       : for_value(dice, d, words[i]);
    memcpy(b.data, words, sizeof words);
    return dice_one_in(dice, 20) ? resized(d, b, dice_below(dice, 300)) : b;
}

/* The header of XSAVE's area begins at byte 512; MXCSR lies at 24. */
static ProtobufCBinaryData for_xstate(struct dice *dice, const struct draft *d,
                                      ProtobufCBinaryData now)
{
    static const size_t sizes[] = {0,   1,    24,   512,   575,   576,  577,
                                   832, 2696, 8192, 65535, 65536, 65537};
    static const size_t places[] = {0, 4, 24, 28, 464, 512, 513, 519, 520, 527, 528, 575};
    if (dice_one_in(dice, 3))
        return resized(d, now, PICK(dice, sizes));
    ProtobufCBinaryData b = with_some_changed(dice, d, now);
    for (size_t n = dice_below(dice, 4); n > 0 && b.len >= 576; n--)
        b.data[PICK(dice, places)] = (uint8_t)dice_throw(dice);
    return b;
}

static ProtobufCBinaryData for_blob(struct dice *dice, const struct draft *d,
                                    ProtobufCBinaryData now)
{
    const struct specimen *s = d->origin;
    ProtobufCBinaryData b;
    if (s->n_blob_ids == 0 || dice_one_in(dice, 8))
        return dice_one_in(dice, 2) ? resized(d, now, 0) : for_content(dice, d, now);
    b = room(d, BLOB_ID_SIZE);
    if (b.len == BLOB_ID_SIZE)
        memcpy(b.data, s->blob_ids[dice_below(dice, s->n_blob_ids)].bytes, BLOB_ID_SIZE);
    return b;
}

static ProtobufCBinaryData for_siginfo(struct dice *dice, const struct draft *d,
                                       ProtobufCBinaryData now)
{
    siginfo_t info = {.si_signo = SIGTRAP,
                      .si_code = (int)dice_below(dice, 8),
                      .si_addr = (void *)address(dice, d)};
    ProtobufCBinaryData b = resized(d, now, sizeof info);
    if (b.len == sizeof info && dice_one_in(dice, 2))
        memcpy(b.data, &info, sizeof info);
    return dice_one_in(dice, 4) ? resized(d, b, dice_below(dice, 140)) : b;
}

/* ---- the table ---- */

static const struct meaning {
    const char *name;
    uint64_t (*number)(struct dice *, const struct draft *, uint64_t now);
    ProtobufCBinaryData (*bytes)(struct dice *, const struct draft *, ProtobufCBinaryData now);
    unsigned weight;
} meanings[] = {
    {"addr", for_address, NULL, 6},       {"new_addr", for_address, NULL, 6},
    {"ip", for_address, NULL, 4},         {"back", for_address, NULL, 4},
    {"stack_limit", for_length, NULL, 2}, {"len", for_length, NULL, 4},
    {"new_len", for_length, NULL, 4},     {"valid_len", for_length, NULL, 4},
    {"blob_offset", for_length, NULL, 4}, {"object_offset", for_length, NULL, 4},
    {"file_offset", for_length, NULL, 1}, {"prot", for_prot, NULL, 4},
    {"flags", for_flags, NULL, 4},        {"clone_flags", for_flags, NULL, 1},
    {"advice", for_advice, NULL, 6},      {"nr", for_call, NULL, 3},
    {"args", for_arg, NULL, 2},           {"result", for_result, NULL, 2},
    {"signo", for_signo, NULL, 3},        {"task", for_small, NULL, 1},
    {"parent", for_small, NULL, 4},       {"parent_stream", for_small, NULL, 2},
    {"child", for_small, NULL, 4},        {"from", for_small, NULL, 2},
    {"into", for_small, NULL, 2},         {"object", for_small, NULL, 4},
    {"output", for_small, NULL, 3},       {"pkey", for_small, NULL, 3},
    {"index", for_index, NULL, 6},        {"value", for_value, NULL, 6},
    {"varying", for_index, NULL, 1},      {"time", for_time, NULL, 1},
    {"data", NULL, for_content, 6},       {"code", NULL, for_content, 3},
    {"regs", NULL, for_regs, 12},         {"xstate", NULL, for_xstate, 8},
    {"blob", NULL, for_blob, 4},          {"siginfo", NULL, for_siginfo, 4},
};

static const struct meaning *meaning_of(const ProtobufCFieldDescriptor *field)
{
    for (size_t i = 0; i < COUNT(meanings); i++)
        if (strcmp(meanings[i].name, field->name) == 0)
            return &meanings[i];
    return NULL;
}

unsigned weight_of(const ProtobufCFieldDescriptor *field)
{
    const struct meaning *m = meaning_of(field);
    return m != NULL ? m->weight : field->type == PROTOBUF_C_TYPE_ENUM ? 4 : 2;
}

uint64_t value_for(struct dice *dice, const struct draft *d, const ProtobufCFieldDescriptor *field,
                   uint64_t now)
{
    const struct meaning *m = meaning_of(field);
    if (field->type == PROTOBUF_C_TYPE_BOOL)
        return !now;
    if (field->type == PROTOBUF_C_TYPE_ENUM) {
        const ProtobufCEnumDescriptor *e = field->descriptor;
        return dice_one_in(dice, 30) ? any_number(dice) : dice_below(dice, e->n_values);
    }
    return m != NULL && m->number != NULL ? m->number(dice, d, now) : for_number(dice, d, now);
}

ProtobufCBinaryData bytes_for(struct dice *dice, const struct draft *d,
                              const ProtobufCFieldDescriptor *field, ProtobufCBinaryData now)
{
    const struct meaning *m = meaning_of(field);
    return m != NULL && m->bytes != NULL ? m->bytes(dice, d, now) : for_content(dice, d, now);
}

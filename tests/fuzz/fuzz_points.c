/* Feeds bytes, taken for registers, words and code, to what changes the code of replayed programs:
 * the checks at preemption points, and the ways of system calls to the stub. */
#include "replayer/check_place.h"
#include "replayer/check_stub.h"
#include "task/memory_operand.h"
#include "task/redirect_book.h"
#include "task/rep_span.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BASE 0x555555554000ull
#define PAGE 4096u
#define MAX  PAGE
#define CODE 1024u /* bytes of code that are looked at, at most: it is to be fast */

/* Code, as it is mapped at BASE: whole pages. */
struct code {
    uint8_t bytes[MAX];
    size_t len, whole;
};

static long read_code(void *ctx, uint64_t addr, uint8_t *bytes, size_t len)
{
    const struct code *c = ctx;
    if (addr < BASE || addr - BASE >= c->whole)
        return 0;
    size_t left = c->whole - (size_t)(addr - BASE), n = len < left ? len : left;
    memcpy(bytes, c->bytes + (addr - BASE), n);
    return (long)n;
}

static bool read_at(void *ctx, uint64_t offset, uint8_t *bytes, size_t len)
{
    return read_code(ctx, BASE + offset, bytes, len) == (long)len;
}

/* ---- a check at a point ---- */

static void check_stub(const struct check_stub *stub)
{
    if (stub->code_len > sizeof stub->code || stub->data_len > sizeof stub->data)
        abort();
}

static void make_checks(const struct code *c, struct check_wish *wish,
                        const struct landmark *landmark)
{
    struct map map = {.start = BASE, .end = BASE + c->whole, .prot = PROT_READ | PROT_EXEC};
    const struct maps maps = {.v = &map, .n = 1};
    struct check_place place;
    static struct check_stub stub;
    for (unsigned i = 0; i < 3 && check_place_find(&maps, landmark, i, &place); i++) {
        wish->at = place.code;
        wish->data = place.pages + 2 * PAGE;
        if (place.pages < BASE + c->whole && place.pages + CHECK_PAGES_SIZE > BASE)
            abort();
        if (check_stub_make(wish, &stub))
            check_stub(&stub);
    }
}

static void point(struct insn_decoder *d, struct code *c, size_t at, const uint8_t choice[4],
                  const struct user_regs_struct *want)
{
    struct landmark landmark;
    struct check_round round;
    struct check_word words[CHECK_WORDS];
    struct check_lane lanes[CHECK_LANES];
    uint64_t addr = BASE + at;
    if (!landmark_find(d, c->bytes + at, c->whole - at, addr, &landmark))
        return;
    for (size_t i = 0; i < CHECK_WORDS; i++)
        words[i] = (struct check_word){want->rdi + 8 * i, want->rsi};
    for (size_t i = 0; i < CHECK_LANES; i++) /* those that a trace may name */
        lanes[i] = (struct check_lane){4 + (choice[1] + i) % 48, want->rdx};
    struct check_wish wish = {.landmark = &landmark,
                              .code = c->bytes + at,
                              .want = want,
                              .flags_are_dead =
                                  landmark_flags_are_dead(d, c->bytes + at, c->whole - at, addr),
                              .first = (enum check_first)(choice[0] % 4),
                              .first_reg = choice[0] / 4 % 27,
                              .words = words,
                              .n_words = choice[2] % (CHECK_WORDS + 1),
                              .lanes = lanes,
                              .n_lanes = choice[3] % (CHECK_LANES + 1)};
    if ((wish.first == CHECK_WORD && wish.n_words == 0) ||
        (wish.first == CHECK_LANE && wish.n_lanes == 0))
        wish.first = CHECK_ALL_AT_ONCE;
    if (check_round_find(d, &landmark, read_code, c, &round))
        wish.round = &round;
    make_checks(c, &wish, &landmark);
}

/* ---- a call on its way to the stub ---- */

static void undo_all(const struct redirect_book *b, const struct code *c)
{
    static uint8_t changed[MAX];
    memcpy(changed, c->bytes, c->whole);
    for (size_t i = 0; i < b->n_changes; i++) {
        const struct redirect_change *change = &b->changes[i].new;
        if (change->offset > c->whole || change->len > c->whole - change->offset)
            abort();
        memcpy(changed + change->offset, change->bytes, change->len);
    }
    redirect_book_undo(b, NULL, 0, changed, c->whole);
    if (memcmp(changed, c->bytes, c->whole) != 0)
        abort();
    uint64_t ip;
    for (size_t offset = 0; offset < c->whole; offset += 61)
        (void)redirect_book_way_back(b, NULL, BASE, offset, BASE + offset / 2, &ip);
}

static void redirect(struct code *c)
{
    static const uint8_t id[REDIRECT_ID];
    const struct redirect_code code = {.read = read_at, .ctx = c, .len = c->whole};
    struct redirect_book *books = NULL;
    struct redirect_book *b = redirect_books_get(&books, sizeof *b, id, 0, c->whole);
    for (size_t at = 2; b != NULL && at <= c->len; at++) {
        if (c->bytes[at - 2] != 0x0f || (c->bytes[at - 1] != 0x05 && c->bytes[at - 1] != 0x31))
            continue;
        const struct redirect_read read = {.offset = at - 2,
                                           .len = 2,
                                           .code = BASE + 0x10000,
                                           .may_move = true,
                                           .function_end = c->whole};
        for (int hits = 0; hits < 2; hits++)
            (void)redirect_book_hit(b, &code, at, c->bytes[at % c->whole], BASE + 0x20000);
        if (c->bytes[at - 1] == 0x31)
            (void)redirect_book_read(b, &code, &read, 0);
    }
    if (b != NULL)
        undo_all(b, c);
    redirect_books_free(&books);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct insn_decoder *d;
    static struct code code;
    struct user_regs_struct regs;
    uint8_t choice[4];
    uint64_t operand;
    if (d == NULL)
        d = insn_decoder_new();
    if (d == NULL || size < sizeof regs + sizeof choice + 4)
        return 0;
    memcpy(&regs, data, sizeof regs);
    memcpy(choice, data + sizeof regs, sizeof choice);
    code.len = size - sizeof regs - sizeof choice;
    code.len = code.len < CODE ? code.len : CODE;
    code.whole = (code.len + PAGE - 1) / PAGE * PAGE;
    memset(code.bytes, 0, code.whole);
    memcpy(code.bytes, data + sizeof regs + sizeof choice, code.len);
    size_t at = (size_t)(regs.rip % code.len);
    regs.rip = BASE + at;
    point(d, &code, at, choice, &regs);
    (void)rep_may_touch(code.bytes + at, code.whole - at, &regs, regs.rdi);
    (void)memory_operand_address(code.bytes + at, code.whole - at, &regs, &operand);
    redirect(&code);
    return 0;
}

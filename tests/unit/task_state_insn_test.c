/* task/state_insn.c, against what this CPU does itself with the same registers. */
#include "task/state_insn.h"

#include "task/cpu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SIZE  STATE_IMAGE_MAX
#define XMM   160
#define MXCSR 24
#define BV    512
#define COMP  520
#define OWN   0xe7ull /* not AMX, which is large */

static struct state_layout layout;
static uint8_t xstate[SIZE] __attribute__((aligned(64)));
static uint8_t image[SIZE] __attribute__((aligned(64)));

#define WITH(insn, p, mask)                                                                        \
    __asm__ volatile(insn " (%0)"                                                                  \
                     :                                                                             \
                     : "r"(p), "a"((uint32_t)(mask)), "d"((uint32_t)((mask) >> 32))                \
                     : "memory")

static int read_layout(void **state)
{
    (void)state;
    state_layout_read(cpu_xcr0() & 0xe7, &layout);
    return 0;
}

static bool skips(enum machine_insn_kind kind)
{
    bool works = state_insn_works(kind);
    if (!works)
        print_message("this CPU has no %s\n", machine_insn_name(kind));
    return !works;
}

static void put64(uint8_t *p, uint64_t v)
{
    memcpy(p, &v, sizeof v);
}

static uint64_t get64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static bool has_some(uint64_t components, unsigned i)
{
    return (components >> i & 1) != 0;
}

/* A state in which these components are not as they are initially, as the kernel tells it. */
static void fill_xstate(uint64_t used)
{
    memset(xstate, 0, sizeof xstate);
    xstate[0] = 0x7f;
    xstate[1] = 0x03;
    xstate[MXCSR] = 0x80;
    xstate[MXCSR + 1] = 0x1f;
    if (has_some(used, 0))
        for (size_t i = 0; i < 80; i++) {
            xstate[4] = 0xff;
            xstate[32 + i / 10 * 16 + i % 10] = (uint8_t)(i + 1);
        }
    if (has_some(used, 1))
        for (size_t i = 0; i < 256; i++)
            xstate[XMM + i] = (uint8_t)(i * 3 + 1);
    for (uint32_t i = 2; i < STATE_COMPONENTS; i++)
        for (uint32_t k = 0; has_some(used, i) && k < layout.places[i].size; k++)
            xstate[layout.places[i].offset + k] = (uint8_t)(k * 5 + i);
    put64(xstate + BV, layout.known | 3);
}

/* What this CPU saves in `image` once it has this state: its own registers are that of the test
 * meanwhile, which the compiler keeps nothing in. */
static __attribute__((noinline)) void save_natively(enum machine_insn_kind kind, uint64_t mask)
{
    static uint8_t own[SIZE] __attribute__((aligned(64)));
    WITH("xsave64", own, OWN);
    WITH("xrstor64", xstate, layout.known);
    if (kind == MACHINE_FXSAVE)
        WITH("fxsave64", image, mask);
    else if (kind == MACHINE_XSAVE)
        WITH("xsave64", image, mask);
    else if (kind == MACHINE_XSAVEC)
        WITH("xsavec64", image, mask);
    else
        WITH("xsaveopt64", image, mask);
    WITH("xrstor64", own, OWN);
}

static void write_image(const struct state_image *from, uint8_t *to)
{
    for (size_t i = 0; i < from->n_parts; i++)
        memcpy(to + from->parts[i].offset, from->bytes + from->parts[i].offset, from->parts[i].len);
}

/* What CPUs do in their own way. */
static void normalise(uint8_t *p)
{
    memset(p + 6, 0, 18);
    if (get64(p + MXCSR) != 0xeeeeeeeeeeeeeeee)
        memcpy(p + MXCSR + 4, &(uint32_t){0xffff}, 4);
}

static void begin_image(uint64_t old_bv)
{
    memset(image, 0xee, sizeof image);
    memset(image + BV, 0, 64);
    put64(image + BV, old_bv);
}

/* Whether the CPU has taken a component for used that xrstor has made initial. It may, and does if
 * the task was switched between the two. */
static bool takes_more_for_used(enum machine_insn_kind kind, uint64_t mask, uint64_t used)
{
    return kind != MACHINE_FXSAVE && (get64(image + BV) & mask & ~used) != 0;
}

#define TRIES 1000

/* The CPU takes a component of initial values for unused or not: only those states can be compared
 * in which none of the mask is initial, or in which it was xrstor that made it so. */
static void compare(enum machine_insn_kind kind, uint64_t mask, uint64_t used, uint64_t old_bv)
{
    static uint8_t ours[SIZE];
    struct state_image saved;
    begin_image(old_bv);
    memcpy(ours, image, sizeof ours);
    fill_xstate(used);
    put64(xstate + BV, used); /* the others are made initial by xrstor */
    state_insn_save(&layout, kind, mask, xstate, sizeof xstate, ours + BV, &saved);
    write_image(&saved, ours);
    for (unsigned i = 0; i == 0 || (i < TRIES && takes_more_for_used(kind, mask, used)); i++) {
        begin_image(old_bv);
        save_natively(kind, mask);
    }
    if ((mask & 1) == 0 && kind != MACHINE_FXSAVE)
        assert_int_equal(image[6], 0xee);
    else if (image[6] != 0xee || ours[6] != 0xee)
        normalise(image);
    if (kind == MACHINE_FXSAVE || get64(image + MXCSR) != 0xeeeeeeeeeeeeeeee)
        memcpy(image + MXCSR + 4, &(uint32_t){0xffff}, 4);
    for (size_t i = 0; i < sizeof ours; i++)
        if (ours[i] != image[i])
            fail_msg("%s, mask %#lx, used %#lx: byte %zu is %#x, not %#x", machine_insn_name(kind),
                     mask, used, i, ours[i], image[i]);
}

/* XINUSE[0] may always be set, so x87 is in use here (SDM vol. 1, 13.6). */
static void what_is_saved_is_what_the_CPU_saves(void **state)
{
    (void)state;
    static const enum machine_insn_kind kinds[] = {MACHINE_FXSAVE, MACHINE_XSAVE, MACHINE_XSAVEOPT,
                                                   MACHINE_XSAVEC};
    static const uint64_t masks[] = {0, 1, 2,    3,    4,    5,
                                     6, 7, 0xe0, 0xe6, 0xa2, UINT64_MAX & ~0x200ull};
    if (cpu_xcr0() == 0)
        skip();
    for (size_t k = 0; k < 4; k++) {
        if (skips(kinds[k]))
            continue;
        for (size_t m = 0; m < sizeof masks / sizeof masks[0]; m++)
            for (uint64_t used = 1; used < 0x100; used += 2) {
                if ((used & ~layout.known) != 0)
                    continue;
                compare(kinds[k], masks[m] & layout.known, used, 0);
                compare(kinds[k], masks[m] & layout.known, used, 5);
            }
    }
}

static void more_than_what_was_told_is_not_saved(void **state)
{
    (void)state;
    static const enum machine_insn_kind kinds[] = {MACHINE_XSAVE, MACHINE_XSAVEOPT, MACHINE_XSAVEC};
    struct state_layout all = layout, told;
    fill_xstate(all.known);
    state_layout_read(cpu_xcr0() & 3, &told);
    assert_int_equal(told.known, cpu_xcr0() & 3);
    for (size_t k = 0; k < 3; k++) {
        struct state_image saved;
        uint8_t header[64] = {0};
        state_insn_save(&told, kinds[k], UINT64_MAX, xstate, sizeof xstate, header, &saved);
        for (size_t i = 0; i < saved.n_parts; i++)
            assert_in_range(saved.parts[i].offset + saved.parts[i].len, 1, 576);
        assert_int_equal(get64(saved.bytes + BV), told.known);
    }
}

/* Whatever the kernel says is in use. */
static void initial_values_are_not_in_use(void **state)
{
    (void)state;
    struct state_image saved;
    uint8_t header[64] = {0};
    fill_xstate(0);
    state_insn_save(&layout, MACHINE_XSAVEC, UINT64_MAX, xstate, sizeof xstate, header, &saved);
    assert_int_equal(get64(saved.bytes + BV), 0);
    assert_int_equal(get64(saved.bytes + COMP), layout.known | 1ull << 63);
    assert_int_equal(saved.n_parts, 1);
    state_insn_save(&layout, MACHINE_XSAVE, UINT64_MAX, xstate, sizeof xstate, header, &saved);
    assert_int_equal(get64(saved.bytes + BV), 0);
    xstate[MXCSR] = 0xa0; /* counts for the packed form alone */
    state_insn_save(&layout, MACHINE_XSAVE, UINT64_MAX, xstate, sizeof xstate, header, &saved);
    assert_int_equal(get64(saved.bytes + BV), 0);
    state_insn_save(&layout, MACHINE_XSAVEC, UINT64_MAX, xstate, sizeof xstate, header, &saved);
    assert_int_equal(get64(saved.bytes + BV), layout.known & 2);
    xstate[8] = 0x55; /* an address of the FPU: counts for nothing */
    state_insn_save(&layout, MACHINE_FXSAVE, 0, xstate, sizeof xstate, header, &saved);
    assert_int_equal(saved.bytes[8], 0);
    assert_int_equal(get64(saved.bytes + MXCSR) >> 32, 0xffff);
    assert_int_equal(saved.n_parts, 1);
    assert_int_equal(saved.parts[0].len, 416);
}

/* ---- restoring ---- */

/* Makes the registers those of `to`, of which the CPU restores `from`; what they are then is in
 * `to`. */
static __attribute__((noinline)) void restore_natively(uint8_t *to, const uint8_t *from,
                                                       uint64_t mask)
{
    static uint8_t own[SIZE] __attribute__((aligned(64)));
    WITH("xsave64", own, OWN);
    WITH("xrstor64", to, layout.known);
    WITH("xrstor64", from, mask);
    WITH("xsave64", to, layout.known);
    WITH("xrstor64", own, OWN);
}

static void restore_both_ways(uint64_t mask)
{
    static uint8_t ours[SIZE], theirs[SIZE] __attribute__((aligned(64)));
    static struct state_restore plan;
    fill_xstate(layout.known);
    for (size_t i = 0; i < sizeof xstate; i++)
        if (i >= XMM && (i < 416 || i >= 576))
            xstate[i] ^= 0x5a;
    xstate[MXCSR] = 0x90; /* another than in the image */
    memcpy(ours, xstate, sizeof ours);
    memcpy(theirs, xstate, sizeof theirs);
    assert_true(state_insn_plan_restore(&layout, mask, image + BV, &plan));
    for (size_t i = 0; i < plan.image.n_parts; i++)
        memcpy(plan.image.bytes + plan.image.parts[i].offset, image + plan.image.parts[i].offset,
               plan.image.parts[i].len);
    assert_true(state_insn_restore(&layout, &plan, ours, sizeof ours));
    restore_natively(theirs, image, mask & layout.known);
    normalise(theirs);
    normalise(ours);
    assert_memory_equal(ours, theirs, 416);
    for (uint32_t i = 2; i < STATE_COMPONENTS; i++)
        assert_memory_equal(ours + layout.places[i].offset, theirs + layout.places[i].offset,
                            layout.places[i].size);
}

static void what_is_restored_is_what_the_CPU_restores(void **state)
{
    (void)state;
    static const uint64_t masks[] = {0, 1, 2, 3, 4, 6, 7, 0xe0, 0xe6, UINT64_MAX};
    if (cpu_xcr0() == 0)
        skip();
    for (int packs = 0; packs <= state_insn_works(MACHINE_XSAVEC); packs++)
        for (uint64_t used = 0; used < 0x100; used++)
            for (size_t m = 0; m < sizeof masks / sizeof masks[0]; m++) {
                struct state_image saved;
                uint8_t header[64] = {0};
                if ((used & ~layout.known) != 0)
                    continue;
                fill_xstate(used);
                memset(image, 0, sizeof image);
                state_insn_save(&layout, packs ? MACHINE_XSAVEC : MACHINE_XSAVE, UINT64_MAX, xstate,
                                sizeof xstate, header, &saved);
                write_image(&saved, image);
                restore_both_ways(masks[m]);
            }
}

static void images_that_are_none_are_refused(void **state)
{
    (void)state;
    static const struct {
        uint64_t bv, comp, third;
        bool sound;
    } headers[] = {
        {3, 0, 0, true},
        {0, 1ull << 63 | 3, 0, true},
        {1ull << 40, 0, 0, false},
        {0x200, 0, 0, false}, /* PKRU, of which it was not told */
        {0, 1, 0, false},
        {0, 0, 1, false},
        {1ull << 63, 1ull << 63 | 3, 0, false},
        {3, 1ull << 63 | 1, 0, false},
        {0, 1ull << 63 | 0x200, 0, false},
        {0, 1ull << 63 | 3, 1, false},
    };
    struct state_restore plan;
    struct state_layout told = layout;
    told.known |= 3;
    told.packs = true;
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        uint8_t header[64] = {0};
        put64(header, headers[i].bv);
        put64(header + 8, headers[i].comp);
        put64(header + 16, headers[i].third);
        assert_int_equal(state_insn_plan_restore(&told, 7, header, &plan), headers[i].sound);
    }
    uint8_t header[64] = {3};
    fill_xstate(3);
    assert_true(state_insn_plan_restore(&told, 3, header, &plan));
    memcpy(plan.image.bytes, xstate, 416);
    plan.image.bytes[MXCSR + 2] = 1;
    assert_false(state_insn_restore(&told, &plan, xstate, sizeof xstate));
    told.packs = false;
    header[15] = 0x80;
    assert_false(state_insn_plan_restore(&told, 3, header, &plan));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_saved_is_what_the_CPU_saves),
        cmocka_unit_test(more_than_what_was_told_is_not_saved),
        cmocka_unit_test(initial_values_are_not_in_use),
        cmocka_unit_test(what_is_restored_is_what_the_CPU_restores),
        cmocka_unit_test(images_that_are_none_are_refused),
    };
    return cmocka_run_group_tests(tests, read_layout, NULL);
}

/* Owns the images, bit by bit. */
#include "task/state_insn.h"

#include "task/cpu.h"

#include <string.h>

#define X87    1ull
#define SSE    2ull
#define AVX    4ull
#define BIT(n) (1ull << (n))

#define FOP        6u /* the last instruction of the FPU, and where it and its operand were */
#define FOP_END    24u
#define MXCSR      24u
#define MXCSR_MASK 28u
#define ST         32u
#define XMM        160u
#define XMM_END    416u
#define XSTATE_BV  STATE_HEADER
#define XCOMP_BV   (STATE_HEADER + 8)
#define OTHERS     (STATE_HEADER + STATE_HEADER_SIZE)

#define IS_PACKED     BIT(63)
#define FIRST_OTHER   2u
#define INITIAL_FCW   0x37fu
#define INITIAL_MXCSR 0x1f80u
#define MXCSR_KNOWN   0xffffu /* bits that all CPUs of x86-64 have: what is stored as MXCSR_MASK */

bool state_insn_works(enum machine_insn_kind kind)
{
    if (kind == MACHINE_FXSAVE)
        return true;
    if (cpu_xcr0() == 0)
        return false;
    uint32_t has = cpu_steady(0xd, 1).eax;
    return kind == MACHINE_XSAVEOPT ? (has & 1) != 0 : kind != MACHINE_XSAVEC || (has & 2) != 0;
}

void state_layout_read(uint64_t xcr0, struct state_layout *ret)
{
    *ret = (struct state_layout){.known = xcr0 & (X87 | SSE),
                                 .packs = state_insn_works(MACHINE_XSAVEC)};
    uint32_t packed = OTHERS;
    for (uint32_t i = FIRST_OTHER; i < STATE_COMPONENTS; i++) {
        if ((xcr0 & BIT(i)) == 0)
            continue;
        struct cpuid_regs c = cpu_steady(0xd, i);
        if (c.eax > STATE_IMAGE_MAX || c.ebx < OTHERS || c.ebx > STATE_IMAGE_MAX - c.eax ||
            packed + c.eax + 63 > STATE_IMAGE_MAX)
            continue;
        packed = (packed + c.eax + 63) & ~63u;
        ret->places[i] = (struct state_place){c.ebx, c.eax, (c.ecx & 2) != 0};
        ret->known |= BIT(i);
    }
}

/* ---- parts ---- */

static void add_part(struct state_image *image, uint32_t offset, uint32_t len)
{
    struct state_part *last = image->n_parts > 0 ? &image->parts[image->n_parts - 1] : NULL;
    if (last != NULL && last->offset + last->len == offset)
        last->len += len;
    else
        image->parts[image->n_parts++] = (struct state_part){offset, len};
}

static void add_legacy(struct state_image *image, uint64_t components, bool has_mxcsr)
{
    if ((components & X87) != 0)
        add_part(image, 0, MXCSR);
    if (has_mxcsr)
        add_part(image, MXCSR, ST - MXCSR);
    if ((components & X87) != 0)
        add_part(image, ST, XMM - ST);
    if ((components & SSE) != 0)
        add_part(image, XMM, XMM_END - XMM);
}

/* Where each component lies if those of `has_place` are packed. */
static void pack(const struct state_layout *layout, uint64_t has_place,
                 uint32_t ret_offsets[STATE_COMPONENTS])
{
    uint32_t at = OTHERS;
    for (uint32_t i = FIRST_OTHER; i < STATE_COMPONENTS; i++) {
        if ((has_place & BIT(i)) == 0)
            continue;
        if (layout->places[i].is_aligned)
            at = (at + 63) & ~63u;
        ret_offsets[i] = at;
        at += layout->places[i].size;
    }
}

static void lay_out(const struct state_layout *layout, bool is_packed, uint64_t has_place,
                    uint32_t ret_offsets[STATE_COMPONENTS])
{
    if (is_packed)
        pack(layout, has_place, ret_offsets);
    for (uint32_t i = FIRST_OTHER; !is_packed && i < STATE_COMPONENTS; i++)
        ret_offsets[i] = layout->places[i].offset;
}

/* ---- values ---- */

static uint64_t get64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static uint32_t get_mxcsr(const uint8_t *image)
{
    uint32_t v;
    memcpy(&v, image + MXCSR, sizeof v);
    return v;
}

static void put_mxcsr(uint8_t *image, uint32_t v)
{
    memcpy(image + MXCSR, &v, sizeof v);
}

static bool is_zero(const uint8_t *p, size_t len)
{
    return len == 0 || (p[0] == 0 && memcmp(p, p + 1, len - 1) == 0);
}

static void initial_x87(uint8_t *image)
{
    static const uint16_t control = INITIAL_FCW;
    memset(image, 0, MXCSR);
    memcpy(image, &control, sizeof control);
    memset(image + ST, 0, XMM - ST);
}

/* Components that do not hold their initial value. That of MXCSR does not count here. */
static uint64_t in_use(const struct state_layout *layout, const uint8_t *xstate, size_t len)
{
    uint8_t initial[XMM];
    uint64_t used = is_zero(xstate + XMM, XMM_END - XMM) ? 0 : SSE;
    initial_x87(initial);
    if (memcmp(xstate, initial, FOP) != 0 || memcmp(xstate + ST, initial + ST, XMM - ST) != 0)
        used |= X87;
    for (uint32_t i = FIRST_OTHER; i < STATE_COMPONENTS; i++) {
        const struct state_place *c = &layout->places[i];
        if (c->offset + c->size <= len && !is_zero(xstate + c->offset, c->size))
            used |= BIT(i);
    }
    return used;
}

static void copy_legacy(const uint8_t *xstate, uint8_t *image)
{
    memcpy(image, xstate, XMM_END);
    memset(image + FOP, 0, FOP_END - FOP);
    memcpy(image + MXCSR_MASK, &(uint32_t){MXCSR_KNOWN}, 4);
}

/* ---- saving ---- */

static void save_others(const struct state_layout *layout, const uint8_t *xstate, size_t len,
                        uint64_t saved, const uint32_t offsets[STATE_COMPONENTS],
                        struct state_image *image)
{
    for (uint32_t i = FIRST_OTHER; i < STATE_COMPONENTS; i++) {
        const struct state_place *c = &layout->places[i];
        if ((saved & BIT(i)) == 0)
            continue;
        if (c->offset + c->size <= len)
            memcpy(image->bytes + offsets[i], xstate + c->offset, c->size);
        add_part(image, offsets[i], c->size);
    }
}

void state_insn_save(const struct state_layout *layout, enum machine_insn_kind kind, uint64_t mask,
                     const uint8_t *xstate, size_t len, const uint8_t header[STATE_HEADER_SIZE],
                     struct state_image *ret)
{
    uint32_t offsets[STATE_COMPONENTS];
    *ret = (struct state_image){0};
    copy_legacy(xstate, ret->bytes);
    if (kind == MACHINE_FXSAVE) {
        add_part(ret, 0, XMM_END);
        return;
    }
    bool packs = kind == MACHINE_XSAVEC;
    uint64_t wanted = layout->known & mask;
    uint64_t used = in_use(layout, xstate, len) & wanted;
    if (packs && get_mxcsr(xstate) != INITIAL_MXCSR)
        used |= SSE & wanted;
    uint64_t saved = kind == MACHINE_XSAVE ? wanted : used;
    uint64_t bv = packs ? used : (get64(header) & ~wanted) | used;
    uint64_t comp = wanted | IS_PACKED;
    memcpy(ret->bytes + XSTATE_BV, &bv, sizeof bv);
    memcpy(ret->bytes + XCOMP_BV, &comp, sizeof comp);
    add_legacy(ret, saved, packs ? (saved & SSE) != 0 : (wanted & (SSE | AVX)) != 0);
    add_part(ret, XSTATE_BV, packs ? 16 : 8);
    lay_out(layout, packs, wanted, offsets);
    save_others(layout, xstate, len, saved, offsets, ret);
}

/* ---- restoring ---- */

static bool header_is_sound(const struct state_layout *layout, const uint8_t *header)
{
    uint64_t bv = get64(header), comp = get64(header + 8), places = comp & ~IS_PACKED;
    if ((comp & IS_PACKED) == 0)
        return (bv & ~layout->known) == 0 && is_zero(header + 8, 16);
    return layout->packs && (places & ~layout->known) == 0 && (bv & ~places) == 0 &&
           is_zero(header + 16, STATE_HEADER_SIZE - 16);
}

bool state_insn_plan_restore(const struct state_layout *layout, uint64_t mask,
                             const uint8_t header[STATE_HEADER_SIZE], struct state_restore *ret)
{
    uint64_t comp = get64(header + 8);
    uint32_t offsets[STATE_COMPONENTS];
    if (!header_is_sound(layout, header))
        return false;
    *ret = (struct state_restore){.wanted = layout->known & mask,
                                  .present = get64(header),
                                  .is_packed = (comp & IS_PACKED) != 0};
    uint64_t read = ret->wanted & ret->present;
    memcpy(ret->image.bytes + STATE_HEADER, header, STATE_HEADER_SIZE);
    add_legacy(&ret->image, read,
               ret->is_packed ? (read & SSE) != 0 : (ret->wanted & (SSE | AVX)) != 0);
    lay_out(layout, ret->is_packed, comp, offsets);
    for (uint32_t i = FIRST_OTHER; i < STATE_COMPONENTS; i++)
        if ((read & BIT(i)) != 0)
            add_part(&ret->image, offsets[i], layout->places[i].size);
    return true;
}

/* The value that MXCSR gets. In a packed image it is a part of SSE, else it is there always. */
static uint32_t mxcsr_after(const struct state_restore *restore, const uint8_t *xstate)
{
    bool is_set = (restore->wanted & (restore->is_packed ? SSE : SSE | AVX)) != 0;
    bool is_read = !restore->is_packed || (restore->present & SSE) != 0;
    return !is_set ? get_mxcsr(xstate) : is_read ? get_mxcsr(restore->image.bytes) : INITIAL_MXCSR;
}

static void restore_legacy(const struct state_restore *restore, uint8_t *xstate)
{
    const uint8_t *image = restore->image.bytes;
    if ((restore->wanted & X87) != 0)
        initial_x87(xstate);
    if ((restore->wanted & restore->present & X87) != 0) {
        memcpy(xstate, image, FOP);
        memcpy(xstate + ST, image + ST, XMM - ST);
    }
    if ((restore->wanted & SSE) != 0)
        memset(xstate + XMM, 0, XMM_END - XMM);
    if ((restore->wanted & restore->present & SSE) != 0)
        memcpy(xstate + XMM, image + XMM, XMM_END - XMM);
}

bool state_insn_restore(const struct state_layout *layout, const struct state_restore *restore,
                        uint8_t *xstate, size_t len)
{
    uint32_t mxcsr = mxcsr_after(restore, xstate), offsets[STATE_COMPONENTS];
    uint64_t bv = get64(xstate + XSTATE_BV) & ~restore->wanted;
    if ((mxcsr & ~MXCSR_KNOWN) != 0)
        return false;
    restore_legacy(restore, xstate);
    put_mxcsr(xstate, mxcsr);
    lay_out(layout, restore->is_packed, get64(restore->image.bytes + XCOMP_BV), offsets);
    for (uint32_t i = FIRST_OTHER; i < STATE_COMPONENTS; i++) {
        const struct state_place *c = &layout->places[i];
        if ((restore->wanted & BIT(i)) == 0 || c->offset + c->size > len)
            continue;
        memset(xstate + c->offset, 0, c->size);
        if ((restore->present & BIT(i)) != 0)
            memcpy(xstate + c->offset, restore->image.bytes + offsets[i], c->size);
    }
    /* x87 and SSE are always told to the kernel: MXCSR goes with them. */
    bv |= X87 | SSE | (in_use(layout, xstate, len) & restore->wanted);
    memcpy(xstate + XSTATE_BV, &bv, sizeof bv);
    return true;
}

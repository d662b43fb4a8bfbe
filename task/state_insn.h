/* What fxsave, xsave, xsavec, xsaveopt and xrstor do, done by ourselves on the registers of a
 * stopped task. Intel SDM vol. 1, chapter 13 "Managing State Using the XSAVE Feature Set".
 *
 * The CPU knows of all components that its kernel has switched on, whatever a program was told;
 * takes a component that holds its initial value for unused or not, as it suits it; and stores
 * where the last instruction of the FPU was, or not. Here an image depends on the values of the
 * registers alone, and on what the program was told.
 *
 *     0           512      576
 *     +-----------+--------+-------------------------------------+
 *     | x87, SSE  | header | AVX and others: each in its place,  |
 *     | (FXSAVE)  |        | or packed (XSAVEC)                  |
 *     +-----------+--------+-------------------------------------+
 *                  512 XSTATE_BV: components that are in the image; others have their initial value
 *                  520 XCOMP_BV: bit 63: it is packed; components that have a place in it
 */
#ifndef REPRISE_TASK_STATE_INSN_H
#define REPRISE_TASK_STATE_INSN_H

#include "code/machine_code.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STATE_IMAGE_MAX   4096u
#define STATE_HEADER      512u
#define STATE_HEADER_SIZE 64u
#define STATE_COMPONENTS  20u

/* Whether this CPU has the instruction, and programs may use it. */
bool state_insn_works(enum machine_insn_kind kind);

/* Where components lie in an image that is not packed: in those of programs, and in what the kernel
 * tells of a task (tracee_get_xstate). */
struct state_layout {
    uint64_t known; /* the components of which a program is told, by bits as in XCR0 */
    bool packs;     /* whether packed images are known */
    struct state_place {
        uint32_t offset, size;
        bool is_aligned; /* to 64 bytes, if it is packed */
    } places[STATE_COMPONENTS];
};
/* Of this CPU, for a program that is told of these components. */
void state_layout_read(uint64_t xcr0, struct state_layout *ret);

/* An image; only the parts that are named are written, or have to be read. */
struct state_image {
    uint8_t bytes[STATE_IMAGE_MAX];
    size_t n_parts;
    struct state_part {
        uint32_t offset, len;
    } parts[STATE_COMPONENTS + 4];
};

/* What the instruction saves of this xstate. mask: edx and eax. header: of what is in the memory
 * now, which xsave and xsaveopt keep in part. */
void state_insn_save(const struct state_layout *layout, enum machine_insn_kind kind, uint64_t mask,
                     const uint8_t *xstate, size_t len, const uint8_t header[STATE_HEADER_SIZE],
                     struct state_image *ret);

/* A restore by xrstor. */
struct state_restore {
    uint64_t wanted;  /* components that are set */
    uint64_t present; /* of all, those that the image holds; the others get their initial value */
    bool is_packed;
    struct state_image image;
};
/* What has to be read of the image to which the header belongs: ret->image.parts. False: it raises
 * a general protection exception. */
bool state_insn_plan_restore(const struct state_layout *layout, uint64_t mask,
                             const uint8_t header[STATE_HEADER_SIZE], struct state_restore *ret);
/* The image has been read: changes xstate accordingly. False: it raises a general protection
 * exception. */
bool state_insn_restore(const struct state_layout *layout, const struct state_restore *restore,
                        uint8_t *xstate, size_t len);

#endif

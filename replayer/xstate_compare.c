/* Owns the comparison of a task's FPU and vector state with a recorded one, by value. The kernel
 * fills in the initial values of components that are not in use (arch/x86/kernel/fpu/xstate.c,
 * __copy_xstate_to_uabi_buf), so that being marked as in use does not matter. */
#include "replayer/xstate_compare.h"

#include "format/event_check.h"
#include "replayer/xstate_convert.h"
#include "task/cpu.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LEGACY_AND_HEADER 576

/* Stretches of the legacy area. Left out: the last x87 opcode and the addresses of instruction and
 * operand (bytes 6 to 23), which CPUs save or not as it suits them (Intel SDM vol. 1, 10.5.1; AMD
 * saves them only while an exception is pending), MXCSR_MASK, and what is reserved. */
static const struct {
    size_t offset, len;
    const char *name;
} legacy[] = {
    {0, 6, "x87 control, status or tags"},
    {24, 4, "MXCSR"},
    {32, 128, "an x87 register"},
    {160, 256, "an SSE register"},
};

static uint32_t sse_lane(const uint8_t *now, const uint8_t *recorded)
{
    for (uint32_t i = EVENT_LANE_XMM; i <= EVENT_LANE_LAST; i++)
        if (memcmp(now + 8 * i, recorded + 8 * i, 8) != 0)
            return i;
    return 0;
}

static const char *differs(struct replayer *r, const uint8_t *now, size_t len,
                           const ProtobufCBinaryData *recorded)
{
    for (size_t i = 0; i < sizeof legacy / sizeof legacy[0]; i++)
        if (memcmp(now + legacy[i].offset, recorded->data + legacy[i].offset, legacy[i].len) != 0)
            return legacy[i].name;
    for (uint32_t i = 2; i < 63; i++) {
        uint32_t offset, size;
        if (!xstate_recorded_place(r, i, &offset, &size))
            continue;
        struct cpuid_regs here = cpu_steady(0xd, i);
        if (here.eax < size || (here.ecx & 1) != 0 || (uint64_t)offset + size > recorded->len ||
            (uint64_t)here.ebx + size > len)
            continue; /* not here; or not part of what user code has */
        if (memcmp(now + here.ebx, recorded->data + offset, size) != 0)
            return i == 2 ? "an AVX register" : i == 9 ? "PKRU" : "an extended register";
    }
    return NULL;
}

int xstate_compare(struct replayer *r, struct rtask *t, const ProtobufCBinaryData *recorded,
                   struct xstate_difference *ret)
{
    *ret = (struct xstate_difference){0};
    if (recorded->len == 0)
        return 0;
    if (recorded->len < LEGACY_AND_HEADER)
        return err_set(r->err, EBADMSG, "damaged trace: an xstate of %zu bytes", recorded->len);
    int err = tracee_get_xstate(t->pid, &r->xstate);
    if (err < 0)
        return err_sys(r->err, -err, "cannot read the xstate of a replayed task");
    if (r->xstate.len >= LEGACY_AND_HEADER)
        ret->what = differs(r, r->xstate.data, r->xstate.len, recorded);
    if (ret->what != NULL)
        ret->lane = sse_lane(r->xstate.data, recorded->data);
    return 0;
}

/* Owns the move of xstate between CPUs: components have fixed sizes but not fixed places (Intel
 * SDM vol. 1, 13.4 "XSAVE area"; CPUID leaf 0xd tells the places in the standard format). */
#include "replayer/xstate_convert.h"

#include "task/cpu.h"

#include <errno.h>
#include <string.h>

#define LEGACY_AND_HEADER 576
#define XSTATE_BV         512 /* offset of the mask of components in use */

bool xstate_recorded_place(const struct replayer *r, uint32_t component, uint32_t *ret_offset,
                           uint32_t *ret_size)
{
    const Reprise__Header *h = trace_reader_header(r->trace);
    for (size_t i = 0; h->cpu_detail != NULL && i < h->cpu_detail->n_leaves; i++) {
        const Reprise__CpuidLeaf *leaf = h->cpu_detail->leaves[i];
        if (leaf->leaf == 0xd && leaf->subleaf == component) {
            *ret_offset = leaf->ebx;
            *ret_size = leaf->eax;
            return leaf->eax != 0;
        }
    }
    return false;
}

static void move_component(struct replayer *r, uint32_t component, const ProtobufCBinaryData *from,
                           struct buf *to, uint64_t *in_use)
{
    uint32_t old_offset, size;
    struct cpuid_regs here = cpu_steady(0xd, component);
    if (!xstate_recorded_place(r, component, &old_offset, &size) || here.eax < size ||
        (uint64_t)old_offset + size > from->len || (uint64_t)here.ebx + size > to->len)
        return;
    memcpy(to->data + here.ebx, from->data + old_offset, size);
    *in_use |= 1ull << component;
}

int xstate_set(struct replayer *r, struct rtask *t, const ProtobufCBinaryData *xstate)
{
    if (xstate->len == 0)
        return 0;
    if (xstate->len < LEGACY_AND_HEADER)
        return err_set(r->err, EBADMSG, "damaged trace: an xstate of %zu bytes", xstate->len);
    int err = tracee_get_xstate(t->pid, &r->xstate);
    if (err < 0)
        return err_sys(r->err, -err, "cannot read the xstate of a replayed task");
    struct buf *to = &r->xstate;
    uint64_t recorded, in_use;
    memcpy(&recorded, xstate->data + XSTATE_BV, sizeof recorded);
    memcpy(to->data, xstate->data, XSTATE_BV - 48); /* x87 and SSE; the last words are ours */
    memset(to->data + XSTATE_BV, 0, to->len - XSTATE_BV);
    in_use = recorded & 3;
    for (uint32_t i = 2; i < 63; i++)
        if ((recorded >> i & 1) != 0)
            move_component(r, i, xstate, to, &in_use);
    memcpy(to->data + XSTATE_BV, &in_use, sizeof in_use);
    err = tracee_set_xstate(t->pid, to->data, to->len);
    return err < 0 ? err_sys(r->err, -err, "cannot set the xstate of a replayed task") : 0;
}

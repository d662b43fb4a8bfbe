/* Owns the program's memory before and after such an instruction, and what it raises. */
#include "recorder/state_traps.h"

#include "base/page.h"
#include "recorder/emit.h"
#include "task/maps.h"
#include "task/memory_operand.h"
#include "task/state_insn.h"

#include <string.h>
#include <sys/mman.h>

struct access {
    struct recorder *r;
    struct task *t;
    uint64_t addr; /* of the image */
    siginfo_t *fault;
};

/* ---- what it raises ---- */

static bool protection_fault(struct access *a)
{
    *a->fault = (siginfo_t){.si_signo = SIGSEGV, .si_code = SI_KERNEL};
    return false;
}

static bool is_canonical(uint64_t addr)
{
    return addr >> 47 == 0 || addr >> 47 == 0x1ffff;
}

/* The address cannot be accessed. */
static bool page_fault(struct access *a, uint64_t addr, int prot)
{
    struct maps maps = {0};
    if (!is_canonical(addr))
        return protection_fault(a);
    const struct map *m = maps_read(a->t->tid, &maps) == 0 ? maps_find(&maps, addr) : NULL;
    *a->fault = (siginfo_t){.si_signo = SIGSEGV, .si_code = SEGV_MAPERR};
    if (m != NULL && (m->prot & prot) != 0) /* behind the end of a file */
        *a->fault = (siginfo_t){.si_signo = SIGBUS, .si_code = BUS_ADRERR};
    else if (m != NULL)
        a->fault->si_code = SEGV_ACCERR;
    a->fault->si_addr = (void *)addr;
    maps_done(&maps);
    return false;
}

/* ---- memory ---- */

/* tracee_read() makes a stack grow, as the access itself would (mm/memory.c,
 * __access_remote_vm), but knows no protection. */
static bool can_access(pid_t tid, uint64_t addr, int prot)
{
    uint8_t byte;
    const struct iovec remote = {.iov_base = (void *)addr, .iov_len = 1};
    return tracee_read(tid, addr, &byte, 1) == 1 &&
           (prot == PROT_WRITE ? tracee_write_user(tid, addr, &byte, 1) == 0
                               : tracee_read_many(tid, &remote, 1, &byte, 1));
}

static bool reach(struct access *a, uint32_t offset, uint32_t len, int prot)
{
    uint64_t start = a->addr + offset, end = start + len;
    for (uint64_t at = start; at < end; at = (at & ~(PAGE - 1)) + PAGE)
        if (!can_access(a->t->tid, at, prot))
            return page_fault(a, at, prot);
    return true;
}

/* All of it before any of it is written. */
static bool reach_parts(struct access *a, const struct state_image *image, int prot)
{
    for (size_t i = 0; i < image->n_parts; i++)
        if (!reach(a, image->parts[i].offset, image->parts[i].len, prot))
            return false;
    return true;
}

static bool read_header(struct access *a, uint8_t header[STATE_HEADER_SIZE])
{
    return reach(a, STATE_HEADER, STATE_HEADER_SIZE, PROT_READ) &&
           tracee_read_all(a->t->tid, a->addr + STATE_HEADER, header, STATE_HEADER_SIZE) == 0;
}

/* ---- the instructions ---- */

static uint64_t mask_of(const struct user_regs_struct *regs)
{
    return regs_wide(regs);
}

static bool save(struct access *a, enum machine_insn_kind kind, const struct user_regs_struct *regs,
                 Reprise__Trap *trap)
{
    struct buf *xstate = &a->r->scratch;
    uint8_t header[STATE_HEADER_SIZE] = {0};
    struct state_image image;
    struct emit_list out = {0};
    if (kind != MACHINE_FXSAVE && !read_header(a, header))
        return false;
    if (tracee_get_xstate(a->t->tid, xstate) < 0)
        return true; /* the task is gone */
    state_insn_save(&a->r->state_layout, kind, mask_of(regs), xstate->data, xstate->len, header,
                    &image);
    if (!reach_parts(a, &image, PROT_WRITE))
        return false;
    for (size_t i = 0; i < image.n_parts; i++) {
        const struct state_part *part = &image.parts[i];
        uint64_t addr = a->addr + part->offset;
        ProtobufCBinaryData bytes = emit_copy(a->r, image.bytes + part->offset, part->len);
        if (tracee_write_user(a->t->tid, addr, bytes.data, bytes.len) == 0)
            emit_push(a->r, &out, emit_bytes(a->r, addr, bytes.data, bytes.len));
    }
    trap->out = (Reprise__Range **)out.v;
    trap->n_out = out.n;
    return true;
}

static bool restore(struct access *a, const struct user_regs_struct *regs, Reprise__Trap *trap)
{
    struct buf *xstate = &a->r->scratch;
    const struct state_layout *layout = &a->r->state_layout;
    uint8_t header[STATE_HEADER_SIZE];
    struct state_restore plan;
    if (!read_header(a, header))
        return false;
    if (!state_insn_plan_restore(layout, mask_of(regs), header, &plan))
        return protection_fault(a);
    if (!reach_parts(a, &plan.image, PROT_READ))
        return false;
    for (size_t i = 0; i < plan.image.n_parts; i++) {
        const struct state_part *part = &plan.image.parts[i];
        (void)tracee_read(a->t->tid, a->addr + part->offset, plan.image.bytes + part->offset,
                          part->len);
    }
    if (tracee_get_xstate(a->t->tid, xstate) < 0)
        return true;
    if (!state_insn_restore(layout, &plan, xstate->data, xstate->len))
        return protection_fault(a);
    if (tracee_set_xstate(a->t->tid, xstate->data, xstate->len) == 0)
        trap->xstate = emit_xstate(a->r, a->t->tid);
    return true;
}

static Reprise__Trap__Kind kind_of(enum machine_insn_kind kind)
{
    static const Reprise__Trap__Kind kinds[MACHINE_LAST + 1] = {
        [MACHINE_FXSAVE] = REPRISE__TRAP__KIND__FXSAVE,
        [MACHINE_XSAVE] = REPRISE__TRAP__KIND__XSAVE,
        [MACHINE_XRSTOR] = REPRISE__TRAP__KIND__XRSTOR,
        [MACHINE_XSAVEOPT] = REPRISE__TRAP__KIND__XSAVEOPT,
        [MACHINE_XSAVEC] = REPRISE__TRAP__KIND__XSAVEC,
    };
    return kinds[kind];
}

bool state_traps_answer(struct recorder *r, struct task *t, enum machine_insn_kind kind,
                        const uint8_t *code, size_t len, const struct user_regs_struct *regs,
                        Reprise__Trap *trap, siginfo_t *ret_fault)
{
    struct access a = {.r = r, .t = t, .fault = ret_fault};
    uint64_t alignment = kind == MACHINE_FXSAVE ? 16 : 64;
    trap->kind = kind_of(kind);
    if (!memory_operand_address(code, len, regs, &a.addr) || a.addr % alignment != 0)
        return protection_fault(&a);
    return kind == MACHINE_XRSTOR ? restore(&a, regs, trap) : save(&a, kind, regs, trap);
}

/* Owns what the auxiliary vector tells a fresh program that the kernel did not put there.
 * AT_PLATFORM is "x86_64" on every CPU (arch/x86/include/asm/elf.h, ELF_PLATFORM) and stays. */
#include "recorder/exec_auxv.h"

#include "task/cpu_level.h"
#include "vdso/clock_ring.h"

#include <elf.h>

#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51
#endif

/* Like all of the vector, words in pairs. */
struct entry {
    uint64_t type, value;
};

/* Our vDSO, or none. */
static void edit_vdso(const struct recorder *r, const struct task *t, struct entry *e)
{
    (void)r;
    *e = t->space->has_vdso ? (struct entry){AT_SYSINFO_EHDR, VDSO_ADDR}
                            : (struct entry){AT_IGNORE, 0};
}

/* edx of leaf 1, as the kernel has it (ELF_HWCAP). */
static void edit_hwcap(const struct recorder *r, const struct task *t, struct entry *e)
{
    (void)t;
    if (r->level < CPU_HOST)
        e->value = r->hwcap;
}

/* Instructions that the kernel allows: bit 0 mwait, bit 1 rdfsbase and its like
 * (arch/x86/include/uapi/asm/hwcap2.h). No level has either. */
static void edit_hwcap2(const struct recorder *r, const struct task *t, struct entry *e)
{
    (void)t;
    e->value = r->level < CPU_HOST ? 0 : e->value & 2;
}

/* Room for a signal's frame, which has all of the machine's registers whatever the program was told
 * of: 11,952 bytes with those of AMX, 1,776 with AVX alone. The same on all machines, for
 * recordings to be compared. */
#define FRAME_ROOM 12288
static void edit_frame_size(const struct recorder *r, const struct task *t, struct entry *e)
{
    (void)t;
    if (r->level < CPU_HOST && e->value < FRAME_ROOM)
        e->value = FRAME_ROOM;
}

static const struct {
    uint64_t type;
    void (*edit)(const struct recorder *r, const struct task *t, struct entry *e);
} edits[] = {
    {AT_SYSINFO_EHDR, edit_vdso},
    {AT_HWCAP, edit_hwcap},
    {AT_HWCAP2, edit_hwcap2},
    {AT_MINSIGSTKSZ, edit_frame_size},
};

/* It lies behind argv and envp on the new stack: argc, then both, each ended by NULL. 0: there is
 * no finding it. */
static uint64_t find_vector(struct task *t, uint64_t rsp)
{
    uint64_t words[512];
    int nulls = 0;
    for (uint64_t at = rsp + sizeof words[0];;) { /* behind argc */
        long n = tracee_read(t->tid, at, words, sizeof words);
        size_t count = n > 0 ? (size_t)n / sizeof words[0] : 0;
        if (count == 0)
            return 0;
        for (size_t i = 0; i < count; i++, at += sizeof words[0]) {
            if (nulls == 2)
                return at;
            nulls += words[i] == 0;
        }
    }
}

void exec_auxv_edit(struct recorder *r, struct task *t, uint64_t rsp)
{
    struct entry e;
    uint64_t at = find_vector(t, rsp);
    for (; at != 0 && tracee_read_all(t->tid, at, &e, sizeof e) >= 0 && e.type != AT_NULL;
         at += sizeof e)
        for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++)
            if (edits[i].type == e.type) {
                edits[i].edit(r, t, &e);
                (void)tracee_write(t->tid, at, &e, sizeof e);
                break;
            }
}

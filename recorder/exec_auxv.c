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

/* Our vDSO, or none; of a program that is not recorded it stays what it is. */
static void edit_vdso(const struct recorder *r, const struct space *of, struct entry *e)
{
    (void)r;
    if (of != NULL)
        *e = of->has_vdso ? (struct entry){AT_SYSINFO_EHDR, VDSO_ADDR}
                          : (struct entry){AT_IGNORE, 0};
}

/* edx of leaf 1, as the kernel has it (ELF_HWCAP). */
static void edit_hwcap(const struct recorder *r, const struct space *of, struct entry *e)
{
    (void)of;
    if (r->level < CPU_HOST)
        e->value = r->hwcap;
}

/* Instructions that the kernel allows: bit 0 mwait, bit 1 rdfsbase and its like
 * (arch/x86/include/uapi/asm/hwcap2.h). No level has either. */
static void edit_hwcap2(const struct recorder *r, const struct space *of, struct entry *e)
{
    (void)of;
    e->value = r->level < CPU_HOST ? 0 : e->value & 2;
}

/* Room for a signal's frame, which has all of the machine's registers whatever the program was told
 * of: 11,952 bytes with those of AMX, 1,776 with AVX alone. The same on all machines, for
 * recordings to be compared. */
#define FRAME_ROOM 12288
static void edit_frame_size(const struct recorder *r, const struct space *of, struct entry *e)
{
    (void)of;
    if (r->level < CPU_HOST && e->value < FRAME_ROOM)
        e->value = FRAME_ROOM;
}

static const struct {
    uint64_t type;
    void (*edit)(const struct recorder *r, const struct space *of, struct entry *e);
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

static bool edit(const struct recorder *r, const struct space *of, struct entry *e)
{
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++)
        if (edits[i].type == e->type) {
            edits[i].edit(r, of, e);
            return true;
        }
    return false;
}

void exec_auxv_edit(struct recorder *r, struct task *t, uint64_t rsp)
{
    struct entry e;
    uint64_t at = find_vector(t, rsp);
    for (; at != 0 && tracee_read_all(t->tid, at, &e, sizeof e) >= 0 && e.type != AT_NULL;
         at += sizeof e) {
        if (e.type == AT_SYSINFO_EHDR)
            t->space->kernels_vdso = e.value;
        if (edit(r, t->space, &e))
            (void)tracee_write(t->tid, at, &e, sizeof e);
    }
}

/* Whose vector it is that tells of a vDSO there: the name of the file does not say it to those who
 * number processes in another way (namespaces). NULL: of none that is recorded. */
static const struct space *owner(const struct recorder *r, uint64_t kernels_vdso)
{
    const struct task *t;
    for (size_t pos = 0; (t = map64_next(&r->tasks, &pos)) != NULL;)
        if (t->space != NULL && t->space->kernels_vdso == kernels_vdso)
            return t->space;
    return NULL;
}

void exec_auxv_correct(const struct recorder *r, void *vector, size_t len)
{
    struct entry *v = vector;
    for (size_t i = 0; i < len / sizeof *v && v[i].type != AT_NULL; i++)
        (void)edit(r, v[i].type == AT_SYSINFO_EHDR ? owner(r, v[i].value) : NULL, &v[i]);
}

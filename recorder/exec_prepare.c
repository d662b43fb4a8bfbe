/* Owns what is done to a fresh program before its first instruction: rdtsc and cpuid trap, the
 * kernel's vDSO is gone, and ours is in its place. */
#include "recorder/exec_prepare.h"

#include "recorder/exec_auxv.h"
#include "recorder/forced_signals.h"
#include "recorder/signal_state.h"
#include "recorder/spawn.h"
#include "recorder/stub_calls.h"
#include "task/made_calls.h"
#include "vdso/vdso_image.h"

#include <asm/prctl.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>

#ifndef PTRACE_O_SUSPEND_SECCOMP
#define PTRACE_O_SUSPEND_SECCOMP (1 << 21)
#endif
#define MAP_ANONYMOUS_FIXED (MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE)

struct layout {
    const struct map *vdso;
    uint64_t hidden_start, hidden_end; /* vDSO and its data pages */
};

static struct layout find_vdso(const struct maps *maps)
{
    struct layout l = {0};
    for (size_t i = 0; i < maps->n; i++) {
        const struct map *m = &maps->v[i];
        if (strcmp(m->name, "[vdso]") == 0)
            l.vdso = m;
        else if (strncmp(m->name, "[vvar", 5) != 0)
            continue;
        if (l.hidden_start == 0)
            l.hidden_start = m->start;
        l.hidden_end = m->end;
    }
    return l;
}

/* The vDSO holds syscall instructions for what it cannot answer itself. */
static uint64_t find_syscall_instruction(struct recorder *r, struct task *t, const struct map *vdso)
{
    if (r->vdso_syscall != 0)
        return vdso->start + r->vdso_syscall;
    size_t len = (size_t)(vdso->end - vdso->start);
    buf_clear(&r->scratch);
    if (buf_reserve(&r->scratch, len) < 0 ||
        tracee_read_all(t->tid, vdso->start, r->scratch.data, len) < 0)
        return 0;
    const uint8_t *p = memmem(r->scratch.data, len, "\x0f\x05", 2);
    if (p == NULL)
        return 0;
    r->vdso_syscall = (uint64_t)(p - r->scratch.data);
    return vdso->start + r->vdso_syscall;
}

static void hold_signal(void *ctx, const siginfo_t *info)
{
    signals_hold(ctx, info);
}

/* The flags and the descriptor are for mmap alone. */
static int64_t run(struct task *t, uint64_t ip, int64_t nr, uint64_t a, uint64_t b, uint64_t c)
{
    struct tracee_syscall call = {.ip = ip,
                                  .nr = nr,
                                  .quiet = forced_signals_hurt(t, SIGTRAP),
                                  .args = {a, b, c, MAP_ANONYMOUS_FIXED, (uint64_t)-1},
                                  .on_signal = hold_signal,
                                  .ctx = t};
    int64_t result;
    int err = tracee_run_syscall(t->tid, &call, &result);
    return err < 0 ? err : result;
}

/* No filter shall judge the recorder's calls. Needs CAP_SYS_ADMIN; without, the calls are tried all
 * the same. */
static void suspend_filters(const struct recorder *r, const struct task *t, bool suspend)
{
    if (t->filtered || r->filters_calls)
        (void)tracee_set_options(t->tid, SPAWN_OPTIONS | (suspend ? PTRACE_O_SUSPEND_SECCOMP : 0));
}

/* With the stub below it. Its clock reads do not stop where calls stop by the filter; elsewhere
 * they do, unheeded. The program finds the same vDSO in both cases, so that recordings can be
 * compared. */
static int64_t map_own_vdso(struct recorder *r, struct task *t, uint64_t ip)
{
    bool stub = r->stub_calls != NULL && !t->filtered && !t->strict && t->traced == NULL;
    uint64_t start = stub ? CALL_DATA : VDSO_ADDR;
    uint64_t end = VDSO_ADDR + VDSO_SIZE + CLOCK_RING_SIZE;
    int64_t at = run(t, ip, NR_MMAP, start, end - start, PROT_READ | PROT_WRITE);
    if (at == -ESRCH)
        return at;
    if (at != (int64_t)start)
        return 0; /* something is there: do without */
    int err = tracee_write(t->tid, VDSO_ADDR, vdso_image, VDSO_SIZE);
    if (err < 0)
        return err;
    if (stub && !stub_calls_fill(r, t))
        return -ESRCH;
    t->space->has_vdso = true;
    uint64_t code = stub ? CALL_STUB_CODE : VDSO_ADDR;
    return run(t, ip, NR_MPROTECT, code, VDSO_ADDR + VDSO_SIZE - code, PROT_READ | PROT_EXEC);
}

bool exec_prepare(struct recorder *r, struct task *t, uint64_t rsp)
{
    struct layout l = find_vdso(&r->maps);
    uint64_t ip = l.vdso != NULL ? find_syscall_instruction(r, t, l.vdso) : 0;
    if (ip == 0) {
        recorder_give_up(r, ENOTSUP, "process %d has no vDSO to work with", (int)t->pid);
        return false;
    }
    suspend_filters(r, t, true);
    int64_t err = 0;
    if (recorder_has(r, MACHINE_TSC_TRAP))
        err = run(t, ip, NR_PRCTL, PR_SET_TSC, PR_TSC_SIGSEGV, 0);
    if (err >= 0 && recorder_has(r, MACHINE_CPUID_TRAP))
        err = run(t, ip, NR_ARCH_PRCTL, ARCH_SET_CPUID, 0, 0);
    if (err >= 0)
        err = map_own_vdso(r, t, ip);
    if (err >= 0)
        err = run(t, ip, NR_MUNMAP, l.hidden_start, l.hidden_end - l.hidden_start, 0);
    suspend_filters(r, t, false);
    if (err == -ESRCH)
        return false;
    if (err < 0) {
        recorder_give_up(r, (int)-err, "process %d cannot be prepared for recording (error %d)",
                         (int)t->pid, (int)-err);
        return false;
    }
    exec_auxv_edit(r, t, rsp);
    return true;
}

bool exec_prepare_hides(const struct map *m)
{
    return strcmp(m->name, "[vdso]") == 0 || strncmp(m->name, "[vvar", 5) == 0 ||
           strcmp(m->name, "[vsyscall]") == 0;
}

/* Owns the choice of the instruction, and that nothing of the program's is touched by the call. */
#include "recorder/inject.h"

#include "recorder/call_stub.h"
#include "recorder/forced_signals.h"
#include "recorder/signal_state.h"
#include "vdso/clock_ring.h"

#include <errno.h>
#include <string.h>

static bool is_syscall_instruction(const struct task *t, uint64_t ip)
{
    uint8_t code[2];
    return ip != 0 && tracee_read_all(t->tid, ip, code, 2) == 0 && code[0] == 0x0f &&
           code[1] == 0x05;
}

/* The first one is let through by the filter, so that the call stops once less. */
uint64_t inject_place(const struct task *t)
{
    if (t->space->stub.mapped)
        return call_stub_at(call_stub_own) - 2;
    if (t->space->has_vdso && is_syscall_instruction(t, CLOCK_SILENT_CALL))
        return CLOCK_SILENT_CALL;
    return is_syscall_instruction(t, t->last_syscall_ip) ? t->last_syscall_ip : 0;
}

static void hold_signal(void *ctx, const siginfo_t *info)
{
    signals_hold(ctx, info);
}

int64_t inject_call(struct task *t, int64_t nr, const uint64_t args[6])
{
    uint64_t mask;
    struct tracee_syscall call = {.ip = inject_place(t),
                                  .quiet = forced_signals_hurt(t, SIGTRAP),
                                  .nr = nr,
                                  .on_signal = hold_signal,
                                  .ctx = t};
    memcpy(call.args, args, sizeof call.args);
    if (call.ip == 0)
        return -ENOEXEC;
    int err = tracee_block_signals(t->tid, &mask);
    if (err < 0)
        return err;
    int64_t result;
    err = tracee_run_syscall(t->tid, &call, &result);
    if (err == 0)
        err = tracee_set_sigmask(t->tid, mask);
    return err < 0 ? err : result;
}

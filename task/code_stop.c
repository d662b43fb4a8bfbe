/* Owns the two ways to stop at an instruction. Knows nothing of why. */
#include "task/code_stop.h"

#include "task/tracee.h"

#include <errno.h>
#include <stddef.h>

#define DR(i) ((offsetof(struct user, u_debugreg) / sizeof(uint64_t)) + (i))
#define INT3  0xcc

static int set_register(pid_t tid, uint64_t addr, bool on)
{
    if (!on) { /* off before the address goes: 0 may be one */
        int err = tracee_set_reg(tid, DR(7), 0);
        return err < 0 ? err : tracee_set_reg(tid, DR(0), 0);
    }
    int err = tracee_set_reg(tid, DR(0), addr);
    return err < 0 ? err : tracee_set_reg(tid, DR(7), 1);
}

static int set_int3(pid_t tid, uint64_t addr, uint8_t *ret_original)
{
    const uint8_t int3 = INT3;
    uint8_t original;
    int err = tracee_read_all(tid, addr, &original, 1);
    if (err == 0)
        err = tracee_write(tid, addr, &int3, 1);
    if (err == 0)
        *ret_original = original;
    return err;
}

int code_stop_set(pid_t tid, enum code_stop_kind kind, uint64_t addr, struct code_stop *ret)
{
    struct code_stop stop = {.kind = kind, .addr = addr};
    int err = kind == CODE_STOP_INT3       ? set_int3(tid, addr, &stop.original)
              : kind == CODE_STOP_REGISTER ? set_register(tid, addr, true)
                                           : 0;
    if (err == 0)
        *ret = stop;
    return err;
}

int code_stop_clear(pid_t tid, struct code_stop *stop)
{
    const struct code_stop was = *stop;
    *stop = (struct code_stop){0};
    if (was.kind == CODE_STOP_REGISTER)
        return set_register(tid, 0, false);
    if (was.kind == CODE_STOP_NONE)
        return 0;
    uint8_t now;
    int err = tracee_read_all(tid, was.addr, &now, 1);
    return err < 0 || now != INT3 ? err : tracee_write(tid, was.addr, &was.original, 1);
}

bool code_stop_is_hit(const struct code_stop *stop, const siginfo_t *info,
                      struct user_regs_struct *regs)
{
    if (info->si_signo != SIGTRAP)
        return false;
    if (stop->kind == CODE_STOP_REGISTER)
        return info->si_code == TRAP_HWBKPT && regs_ip(regs) == stop->addr;
    if (stop->kind != CODE_STOP_INT3 || info->si_code != SI_KERNEL ||
        regs_ip(regs) != stop->addr + 1)
        return false;
    regs_set_ip(regs, stop->addr);
    return true;
}

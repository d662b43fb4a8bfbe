/* Owns signals: sets, actions, siginfo. */
#include "decode/text_types.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>

void text_sigset(struct text *t, size_t arg, uint64_t v)
{
    uint8_t set[8];
    (void)arg;
    if (v != 0 && read_either(t, v, set, sizeof set) == sizeof set)
        put_sigset(t, set, sizeof set);
    else
        put_addr(t, v);
}

/* pselect6's last argument: a pointer to a set and its size. */
void text_sigset_and_size(struct text *t, size_t arg, uint64_t v)
{
    uint64_t words[2];
    if (v == 0 || read_in(t, v, words, sizeof words) < sizeof words) {
        put_addr(t, v);
        return;
    }
    put(t, "{sigmask=");
    text_sigset(t, arg, words[0]);
    put_fmt(t, ", sigsetsize=%llu}", (unsigned long long)words[1]);
}

struct abi_sigaction {
    uint64_t handler, flags, restorer, mask;
};

#define ABI_SA_RESTORER 0x04000000u

void text_sigaction(struct text *t, size_t arg, uint64_t v)
{
    struct abi_sigaction a;
    (void)arg;
    if (v == 0 || read_either(t, v, &a, sizeof a) < sizeof a) {
        put_addr(t, v);
        return;
    }
    put(t, "{sa_handler=");
    if (a.handler == 0)
        put_named(t, "0", "SIG_DFL");
    else if (a.handler == 1)
        put_named(t, "0x1", "SIG_IGN");
    else
        put_hex(t, a.handler);
    put(t, ", sa_mask=");
    put_sigset(t, (const uint8_t *)&a.mask, sizeof a.mask);
    put(t, ", sa_flags=");
    put_set(t, arg_type_info(TYPE_SA_FLAGS)->set, (uint32_t)a.flags);
    if ((a.flags & ABI_SA_RESTORER) != 0) {
        put(t, ", sa_restorer=");
        put_addr(t, a.restorer);
    }
    put(t, "}");
}

/* ---- siginfo ---- */

struct code_name {
    int signo; /* 0: of any */
    int code;
    const char *name;
};

static const struct code_name codes[] = {
    {0, SI_USER, "SI_USER"},
    {0, SI_KERNEL, "SI_KERNEL"},
    {0, SI_QUEUE, "SI_QUEUE"},
    {0, SI_TIMER, "SI_TIMER"},
    {0, SI_MESGQ, "SI_MESGQ"},
    {0, SI_ASYNCIO, "SI_ASYNCIO"},
    {0, SI_SIGIO, "SI_SIGIO"},
    {0, SI_TKILL, "SI_TKILL"},
    {0, SI_ASYNCNL, "SI_ASYNCNL"},
    {SIGCHLD, CLD_EXITED, "CLD_EXITED"},
    {SIGCHLD, CLD_KILLED, "CLD_KILLED"},
    {SIGCHLD, CLD_DUMPED, "CLD_DUMPED"},
    {SIGCHLD, CLD_TRAPPED, "CLD_TRAPPED"},
    {SIGCHLD, CLD_STOPPED, "CLD_STOPPED"},
    {SIGCHLD, CLD_CONTINUED, "CLD_CONTINUED"},
    {SIGSEGV, SEGV_MAPERR, "SEGV_MAPERR"},
    {SIGSEGV, SEGV_ACCERR, "SEGV_ACCERR"},
    {SIGSEGV, 3, "SEGV_BNDERR"},
    {SIGSEGV, 4, "SEGV_PKUERR"},
    {SIGBUS, BUS_ADRALN, "BUS_ADRALN"},
    {SIGBUS, BUS_ADRERR, "BUS_ADRERR"},
    {SIGBUS, BUS_OBJERR, "BUS_OBJERR"},
    {SIGFPE, FPE_INTDIV, "FPE_INTDIV"},
    {SIGFPE, FPE_INTOVF, "FPE_INTOVF"},
    {SIGFPE, FPE_FLTDIV, "FPE_FLTDIV"},
    {SIGFPE, FPE_FLTOVF, "FPE_FLTOVF"},
    {SIGFPE, FPE_FLTUND, "FPE_FLTUND"},
    {SIGFPE, FPE_FLTRES, "FPE_FLTRES"},
    {SIGFPE, FPE_FLTINV, "FPE_FLTINV"},
    {SIGFPE, FPE_FLTSUB, "FPE_FLTSUB"},
    {SIGILL, ILL_ILLOPC, "ILL_ILLOPC"},
    {SIGILL, ILL_ILLOPN, "ILL_ILLOPN"},
    {SIGILL, ILL_ILLADR, "ILL_ILLADR"},
    {SIGILL, ILL_ILLTRP, "ILL_ILLTRP"},
    {SIGILL, ILL_PRVOPC, "ILL_PRVOPC"},
    {SIGILL, ILL_PRVREG, "ILL_PRVREG"},
    {SIGTRAP, TRAP_BRKPT, "TRAP_BRKPT"},
    {SIGTRAP, TRAP_TRACE, "TRAP_TRACE"},
    {SIGTRAP, 3, "TRAP_BRANCH"},
    {SIGTRAP, 4, "TRAP_HWBKPT"},
    {SIGSYS, 1, "SYS_SECCOMP"},
    {SIGSYS, 2, "SYS_USER_DISPATCH"},
    {SIGPOLL, POLL_IN, "POLL_IN"},
    {SIGPOLL, POLL_OUT, "POLL_OUT"},
    {SIGPOLL, POLL_MSG, "POLL_MSG"},
    {SIGPOLL, POLL_ERR, "POLL_ERR"},
    {SIGPOLL, POLL_PRI, "POLL_PRI"},
    {SIGPOLL, POLL_HUP, "POLL_HUP"},
};

static void put_code(struct text *t, int signo, int code)
{
    char number[24];
    const char *name = NULL;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0] && name == NULL; i++)
        if (codes[i].code == code && (codes[i].signo == 0 || codes[i].signo == signo))
            name = codes[i].name;
    snprintf(number, sizeof number, "%d", code);
    put_named(t, number, name);
}

static void put_sender(struct text *t, const siginfo_t *si)
{
    put_fmt(t, ", si_pid=%d, si_uid=%u", si->si_pid, si->si_uid);
}

static void put_child(struct text *t, const siginfo_t *si)
{
    put_sender(t, si);
    put(t, ", si_status=");
    if (si->si_code == CLD_EXITED)
        put_int(t, si->si_status);
    else
        put_signal(t, (uint32_t)si->si_status);
    put_fmt(t, ", si_utime=%ld, si_stime=%ld", (long)si->si_utime, (long)si->si_stime);
}

static void put_value_of(struct text *t, const siginfo_t *si)
{
    put_fmt(t, ", si_int=%d, si_ptr=", si->si_int);
    put_addr(t, (uint64_t)(uintptr_t)si->si_ptr);
}

static void put_details(struct text *t, const siginfo_t *si)
{
    switch (si->si_code) {
    case SI_USER:
    case SI_TKILL:
        put_sender(t, si);
        return;
    case SI_TIMER:
        put_fmt(t, ", si_timerid=%#x, si_overrun=%d", (unsigned)si->si_timerid, si->si_overrun);
        put_value_of(t, si);
        return;
    case SI_QUEUE:
    case SI_MESGQ:
        put_sender(t, si);
        put_value_of(t, si);
        return;
    }
    switch (si->si_signo) {
    case SIGCHLD:
        if (si->si_code > 0 && si->si_code != SI_KERNEL)
            put_child(t, si);
        return;
    case SIGILL:
    case SIGFPE:
    case SIGSEGV:
    case SIGBUS:
        put(t, ", si_addr=");
        put_addr(t, (uint64_t)(uintptr_t)si->si_addr);
        return;
    case SIGPOLL:
        if (si->si_code > 0 && si->si_code != SI_KERNEL)
            put_fmt(t, ", si_band=%ld, si_fd=%d", si->si_band, si->si_fd);
        return;
    case SIGSYS: {
        const struct syscall_row *row = syscall_row(si->si_syscall);
        put(t, ", si_call_addr=");
        put_addr(t, (uint64_t)(uintptr_t)si->si_call_addr);
        if (row != NULL)
            put_fmt(t, ", si_syscall=__NR_%s", row->name);
        else
            put_fmt(t, ", si_syscall=%d", si->si_syscall);
        put(t, ", si_arch=AUDIT_ARCH_X86_64");
        return;
    }
    }
    if (si->si_code == SI_KERNEL)
        return;
    if (si->si_pid != 0 || si->si_uid != 0)
        put_sender(t, si);
    if (si->si_ptr != NULL)
        put_value_of(t, si);
}

void put_siginfo(struct text *t, const uint8_t *data, size_t len)
{
    siginfo_t si = {0};
    if (len < 12) {
        put(t, "{...}");
        return;
    }
    memcpy(&si, data, len < sizeof si ? len : sizeof si);
    if (si.si_signo == 0) {
        put(t, "{}");
        return;
    }
    put(t, "{si_signo=");
    put_signal(t, (uint32_t)si.si_signo);
    put(t, ", si_code=");
    put_code(t, si.si_signo, si.si_code);
    if (si.si_errno != 0) {
        const char *name = call_errno_name(si.si_errno);
        put(t, ", si_errno=");
        if (name != NULL)
            put(t, name);
        else
            put_int(t, si.si_errno);
    }
    put_details(t, &si);
    put(t, "}");
}

void text_siginfo(struct text *t, size_t arg, uint64_t v)
{
    uint8_t data[sizeof(siginfo_t)] = {0};
    (void)arg;
    size_t n = v != 0 ? read_either(t, v, data, sizeof data) : 0;
    if (n < 12)
        put_addr(t, v);
    else
        put_siginfo(t, data, n < 28 ? n : sizeof data);
}

/* ---- struct sigevent ---- */

struct abi_sigevent {
    uint64_t value;
    int32_t signo, notify, tid, pad;
};

void text_sigevent(struct text *t, size_t arg, uint64_t v)
{
    struct abi_sigevent e;
    (void)arg;
    if (v == 0 || read_in(t, v, &e, sizeof e) < sizeof e) {
        put_addr(t, v);
        return;
    }
    put(t, "{");
    if (e.value != 0) {
        put_fmt(t, "sigev_value={sival_int=%d, sival_ptr=", (int)e.value);
        put_addr(t, e.value);
        put(t, "}, ");
    }
    put(t, "sigev_signo=");
    if (e.notify == SIGEV_SIGNAL || e.notify == 4)
        put_signal(t, (uint32_t)e.signo);
    else
        put_int(t, e.signo);
    put(t, ", sigev_notify=");
    put_set(t, arg_type_info(TYPE_SIGEV_NOTIFY)->set, (uint32_t)e.notify);
    if (e.notify == 4)
        put_fmt(t, ", sigev_notify_thread_id=%d", e.tid);
    put(t, "}");
}

/* A handler whose page is executed for the first time when its signal comes: also that of SIGSEGV
 * itself, on another stack, with all signals blocked in it; and one that tells of the machine. */
#include "telling.h"

#include <sys/prctl.h>
#include <ucontext.h>

/* The kernel calls it, and it calls on: movabs $to, %rax; jmp *%rax, behind cpuid and rdtsc. */
static void *trampoline(void (*to)(int, siginfo_t *, void *))
{
    static const uint8_t code[] = {0x53, 0x51, 0x52,       /* push %rbx, %rcx, %rdx */
                                   0x31, 0xc0, 0x31, 0xc9, /* xor %eax, %eax; %ecx */
                                   0x0f, 0xa2, 0x0f, 0x31, /* cpuid; rdtsc */
                                   0x5a, 0x59, 0x5b,       /* pop */
                                   0x48, 0xb8};
    static const uint8_t jump[] = {0xff, 0xe0};
    uint64_t address = (uintptr_t)to;
    uint8_t *p = pages(1, PROT_READ | PROT_WRITE);
    memcpy(p, code, sizeof code);
    memcpy(p + sizeof code, &address, 8);
    memcpy(p + sizeof code + 8, jump, sizeof jump);
    allow(p, 1, PROT_READ | PROT_EXEC);
    return p;
}

static volatile sig_atomic_t calls;
static volatile uintptr_t fault_address;
static uint8_t *alternate;

static void note(int sig, siginfo_t *info, void *context)
{
    (void)context;
    CHECK(sig == SIGUSR1 || sig == SIGTRAP);
    CHECK(info->si_pid == getpid());
    calls++;
}

static void mend(int sig, siginfo_t *info, void *context)
{
    ucontext_t *c = context;
    int here;
    CHECK(sig == SIGSEGV && info->si_code == SEGV_ACCERR);
    fault_address = (uintptr_t)info->si_addr;
    sigset_t mask;
    CHECK(sigprocmask(SIG_SETMASK, NULL, &mask) == 0 && sigismember(&mask, SIGUSR2));
    CHECK(!sigismember(&c->uc_sigmask, SIGUSR2));
    if (alternate != NULL)
        CHECK((uint8_t *)&here >= alternate && (uint8_t *)&here < alternate + 16 * PAGE);
    allow((void *)(fault_address & ~(PAGE - 1)), 1, PROT_READ | PROT_WRITE);
    calls++;
}

static void install(int sig, void *handler, int flags)
{
    struct sigaction a = {.sa_flags = SA_SIGINFO | flags};
    memcpy(&a.sa_sigaction, &handler, sizeof handler);
    sigfillset(&a.sa_mask);
    CHECK(sigaction(sig, &a, NULL) == 0);
}

static void of_a_fault(int flags)
{
    volatile uint8_t *p = pages(1, PROT_NONE);
    calls = 0;
    install(SIGSEGV, trampoline(mend), flags);
    p[123] = 7;
    CHECK(calls == 1 && fault_address == (uintptr_t)p + 123 && p[123] == 7);
    allow((void *)(uintptr_t)p, 1, PROT_READ);
    struct sigaction now;
    CHECK(sigaction(SIGSEGV, NULL, &now) == 0);
    if ((flags & SA_RESETHAND) != 0) {
        CHECK(now.sa_handler == SIG_DFL);
        return;
    }
    CHECK(now.sa_handler != SIG_DFL);
    p[5] = 8;
    CHECK(calls == 2 && p[5] == 8);
}

int main(void)
{
    static const int signals[] = {SIGUSR1, SIGTRAP};
    static const int flags[] = {0, SA_RESETHAND, SA_NODEFER};
    for (size_t i = 0; i < 6; i++) {
        int sig = signals[i % 2];
        calls = 0;
        install(sig, trampoline(note), flags[i / 2]);
        CHECK(kill(getpid(), sig) == 0);
        CHECK(calls == 1);
        check_tells(telling_page());
    }
    for (size_t i = 0; i < 3; i++)
        of_a_fault(flags[i]);
    alternate = pages(16, PROT_READ | PROT_WRITE);
    stack_t stack = {.ss_sp = alternate, .ss_size = 16 * PAGE};
    CHECK(sigaltstack(&stack, NULL) == 0);
    for (size_t i = 0; i < 3; i++)
        of_a_fault(SA_ONSTACK | flags[i]);
    say("last fault at %lx\n", (long)fault_address);
    return 0;
}

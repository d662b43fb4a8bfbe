/* rdpmc, sgdt with UMIP, in, xsetbv, rdmsr: each faults or is emulated by the kernel, the same in
 * every run: arch/x86/kernel/umip.c. */
#include "check.h"

#include <setjmp.h>

static sigjmp_buf back;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)info, (void)context;
    siglongjmp(back, sig);
}

#define TRY(name, ...)                                                                             \
    do {                                                                                           \
        int sig = sigsetjmp(back, 1);                                                              \
        if (sig == 0)                                                                              \
            __asm__ volatile(__VA_ARGS__);                                                         \
        say("%s: %s\n", name, sig == 0 ? "runs" : sig == SIGSEGV ? "SIGSEGV" : "SIGILL");          \
    } while (0)

int main(void)
{
    handle(SIGSEGV, handler, 0);
    handle(SIGILL, handler, 0);
    unsigned char table[10] = {0};
    uint32_t word = 0;
    TRY("rdpmc", "rdpmc" : : "c"(0) : "rax", "rdx");
    TRY("in", "inb $0x80, %%al" : : : "rax");
    TRY("rdmsr", "rdmsr" : : "c"(0x10) : "rax", "rdx");
    TRY("xsetbv", "xsetbv" : : "a"(1), "d"(0), "c"(0));
    TRY("sgdt", "sgdt %0" : "=m"(table));
    TRY("smsw", "smsw %0" : "=r"(word));
    TRY("str", "str %0" : "=r"(word));
    say("sgdt gave %016lx, pid %d\n", (long)hash_of(table, sizeof table), (int)getpid());
    return 0;
}

/* wrgsbase and rdgsbase change a segment's base without any system call, where AT_HWCAP2 offers
 * it: arch/x86/kernel/process_64.c. A signal handler and a fork keep it. */
#include "check.h"

#include <sys/auxv.h>

static volatile unsigned long seen;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info, (void)context;
    unsigned long base;
    __asm__ volatile("rdgsbase %0" : "=r"(base));
    seen = base;
}

int main(void)
{
    if (!(getauxval(AT_HWCAP2) & 2))
        SKIP("no fsgsbase here");
    unsigned long area[4] = {random_word(), 6, 7, 8}, base, word;
    __asm__ volatile("wrgsbase %0" : : "r"(area));
    handle(SIGUSR1, handler, 0);
    raise(SIGUSR1);
    CHECK(seen == (unsigned long)area);
    sleep_ms(2);
    pid_t child = fork();
    CHECK(child >= 0);
    __asm__ volatile("rdgsbase %0\n\tmov %%gs:0, %1" : "=r"(base), "=r"(word));
    CHECK(base == (unsigned long)area && word == area[0]);
    if (child == 0)
        _exit(0);
    wait_for_success(child);
    __asm__ volatile("rdfsbase %0" : "=r"(base));
    CHECK(base != 0);
    say("gs at %p, fs at %lx: %016lx\n", (void *)area, base, (long)word);
    return 0;
}

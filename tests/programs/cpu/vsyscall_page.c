/* The legacy page at 0xffffffffff600000: time and gettimeofday called there are emulated by the
 * kernel, or fault where it is switched off: vsyscall in vdso(7). */
#include "check.h"

#include <setjmp.h>
#include <sys/time.h>

static sigjmp_buf back;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)context;
    CHECK(info->si_addr == (void *)0xffffffffff600400 || info->si_addr == NULL);
    siglongjmp(back, 1);
}

int main(void)
{
    handle(SIGSEGV, handler, 0);
    if (sigsetjmp(back, 1)) {
        say("no vsyscall page\n");
        return 0;
    }
    time_t (*old_time)(time_t *);
    int (*old_gettimeofday)(struct timeval *, void *);
    uintptr_t address = 0xffffffffff600400;
    memcpy(&old_time, &address, sizeof address);
    address = 0xffffffffff600000;
    memcpy(&old_gettimeofday, &address, sizeof address);
    time_t stored = 0, t = old_time(&stored);
    CHECK(t == stored && t >= 1000000000 && time(NULL) >= t);
    struct timeval tv = {0, 0};
    CHECK(old_gettimeofday(&tv, NULL) == 0 && tv.tv_sec >= t);
    say("vsyscall: %ld, %ld.%06ld\n", (long)t, (long)tv.tv_sec, (long)tv.tv_usec);
    return 0;
}

/* Pointers that lead nowhere, to the end of memory, or to where the program must not write. */
#include "check.h"

#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>

static volatile sig_atomic_t faults;
static void on_fault(int signo)
{
    (void)signo;
    faults++;
}

int main(void)
{
    struct sigaction sa = {.sa_handler = on_fault, .sa_flags = SA_RESTART};
    CHECK(sigaction(SIGSEGV, &sa, NULL) == 0); /* no call raises it */
    char *page = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(page != MAP_FAILED && munmap(page + 4096, 4096) == 0);
    CHECK(mprotect(page + 2 * 4096, 4096, PROT_READ) == 0);
    char *bad[] = {NULL,
                   (char *)8,
                   page + 4096,
                   page + 4095,
                   page + 4090,
                   page + 2 * 4096,
                   (char *)0xffff800000000000,
                   (char *)-1};
    int zero = open("/dev/zero", O_RDONLY), null = open("/dev/null", O_WRONLY);
    int sock = socket(AF_UNIX, SOCK_STREAM, 0), ep = epoll_create1(0);
    CHECK(zero >= 0 && null >= 0 && sock >= 0 && ep >= 0);
    memset(page, 'x', 4096);
    unsigned long sum = 0;
    for (int round = 0; round < 10; round++) {
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
            long results[] = {
                syscall(SYS_read, zero, bad[i], 10),
                syscall(SYS_write, null, bad[i], 10),
                syscall(SYS_access, bad[i], F_OK),
                syscall(SYS_fstat, zero, bad[i]),
                syscall(SYS_openat, AT_FDCWD, bad[i], O_RDONLY),
                syscall(SYS_getcwd, bad[i], 4096),
                syscall(SYS_uname, bad[i]),
                syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, bad[i], 8),
                syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, bad[i], NULL),
                syscall(SYS_clock_gettime, CLOCK_MONOTONIC, bad[i]) == 0,
                syscall(SYS_getsockname, sock, page, bad[i]),
                syscall(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, sock, bad[i]),
                syscall(SYS_epoll_ctl, ep, EPOLL_CTL_DEL, sock, NULL),
                syscall(SYS_readlink, "/proc/self/exe", bad[i], 10),
            };
            for (size_t k = 0; k < sizeof results / sizeof results[0]; k++)
                sum = sum * 31 + (unsigned long)results[k];
            *(volatile char *)(page + 4090) = 'x';
        }
    }
    say("%lu, %d faults\n", sum, (int)faults);
    return 0;
}

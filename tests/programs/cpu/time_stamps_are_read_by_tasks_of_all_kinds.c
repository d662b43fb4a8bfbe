/* Loops that read the time stamp counter begin in one thread and go on in others: in those that
 * were there before and those that come after, under a seccomp filter, with SIGSEGV blocked,
 * ignored or handled, in children and behind an exec. Who forbids itself to read gets a fault even
 * then. */
#include "check.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>

#define ROUNDS  3000
#define THREADS 3

static uint64_t rdtsc(void)
{
    uint32_t lo = 7, hi = 7;
    __asm__ volatile("rdtsc" : "+a"(lo), "+d"(hi));
    return (uint64_t)hi << 32 | lo;
}

static uint64_t rdtscp(void)
{
    uint32_t lo, hi, core;
    __asm__ volatile("rdtscp" : "=a"(lo), "=d"(hi), "=c"(core));
    return (uint64_t)hi << 32 | lo;
}

static void read_often(const char *who)
{
    uint64_t last = 0, sum = 0;
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t t = i % 5 == 0 ? rdtscp() : rdtsc();
        CHECK(t >= last);
        last = t;
        sum = sum * 31 + t;
    }
    say("%s %lu\n", who, (long)sum);
}

/* ---- threads ---- */

static pthread_barrier_t begun, hot;

static void *wait_and_read(void *arg)
{
    (void)rdtsc();
    pthread_barrier_wait(&begun);
    pthread_barrier_wait(&hot);
    read_often(arg);
    return NULL;
}

static void in_threads(void)
{
    pthread_t threads[THREADS];
    CHECK(pthread_barrier_init(&begun, NULL, THREADS + 1) == 0);
    CHECK(pthread_barrier_init(&hot, NULL, THREADS + 1) == 0);
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, wait_and_read, "thread") == 0);
    pthread_barrier_wait(&begun);
    read_often("main");
    pthread_barrier_wait(&hot);
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
}

/* ---- SIGSEGV ---- */

static volatile sig_atomic_t faults;

static void count_and_skip(int sig, siginfo_t *info, void *context)
{
    (void)sig;
    ucontext_t *c = context;
    CHECK(info->si_code == SI_KERNEL);
    c->uc_mcontext.gregs[REG_RIP] += 2;
    faults++;
}

static void *read_with_segv_blocked(void *arg)
{
    sigset_t set, now;
    (void)arg;
    sigemptyset(&set);
    sigaddset(&set, SIGSEGV);
    CHECK(pthread_sigmask(SIG_BLOCK, &set, NULL) == 0);
    read_often("blocked");
    CHECK(pthread_sigmask(SIG_BLOCK, NULL, &now) == 0 && sigismember(&now, SIGSEGV) == 1);
    return NULL;
}

static void *read_with_segv_ignored(void *arg)
{
    struct sigaction now;
    (void)arg;
    CHECK(signal(SIGSEGV, SIG_IGN) != SIG_ERR);
    read_often("ignored");
    CHECK(sigaction(SIGSEGV, NULL, &now) == 0 && now.sa_handler == SIG_IGN);
    return NULL;
}

static void *forbid_and_read(void *arg)
{
    int mode = -1;
    (void)arg;
    handle(SIGSEGV, count_and_skip, 0);
    CHECK(prctl(PR_GET_TSC, &mode) == 0 && mode == PR_TSC_ENABLE);
    CHECK(prctl(PR_SET_TSC, PR_TSC_SIGSEGV) == 0);
    CHECK(rdtsc() == 0x700000007 && faults == 1);
    CHECK(prctl(PR_SET_TSC, PR_TSC_ENABLE) == 0);
    read_often("allowed again");
    CHECK(faults == 1);
    return NULL;
}

/* ---- a filter ---- */

static void *read_under_a_filter(void *arg)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {.len = sizeof code / sizeof code[0], .filter = code};
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    CHECK(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == 0);
    read_often(arg);
    return NULL;
}

static void run(void *(*what)(void *), void *arg)
{
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, what, arg) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
}

static void in_children(void)
{
    static void *(*const whats[])(void *) = {read_with_segv_blocked, read_with_segv_ignored,
                                             forbid_and_read, read_under_a_filter};
    for (size_t i = 0; i < sizeof whats / sizeof whats[0]; i++) {
        pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0) {
            run(whats[i], "filtered");
            read_often("child");
            _exit(0);
        }
        wait_for_success(pid);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1) { /* each kind again, with nobody before it that has read often */
        in_children();
        read_often("at last");
        return 0;
    }
    in_threads();
    in_children();
    pid_t pid = vfork();
    CHECK(pid >= 0);
    if (pid == 0) {
        execl(argv[0], argv[0], "again", NULL);
        _exit(1);
    }
    wait_for_success(pid);
    return 0;
}

/* Clocks read a thousand times by what the vDSO offers, through fork, exec, threads, handlers and
 * a filter of the program's own: each value comes back, in its order. vdso(7), clock_gettime(2). */
#include "../tasks/seccomp_filter.h"

#include <pthread.h>
#include <sys/auxv.h>
#include <sys/time.h>

static uint64_t hash = 1;

static void take(int64_t value)
{
    hash = (hash ^ (uint64_t)value) * 0x100000001b3;
}

static void read_clocks(int times)
{
    static const clockid_t clocks[] = {
        CLOCK_REALTIME,         CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE,
        CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME,  CLOCK_TAI,           CLOCK_PROCESS_CPUTIME_ID,
        CLOCK_THREAD_CPUTIME_ID};
    for (int i = 0; i < times; i++) {
        struct timespec t;
        CHECK(clock_gettime(clocks[i % 9], &t) == 0);
        take(t.tv_sec ^ t.tv_nsec << 20);
        struct timeval tv;
        CHECK(gettimeofday(&tv, NULL) == 0 && tv.tv_usec < 1000000);
        take(tv.tv_usec);
        time_t now = time(NULL);
        CHECK(now >= tv.tv_sec - 1 && now <= tv.tv_sec + 60);
        take(now);
    }
}

static void *thread(void *arg)
{
    read_clocks(300);
    return arg;
}

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info, (void)context;
    read_clocks(3);
}

int main(int argc, char **argv)
{
    CHECK(getauxval(AT_SYSINFO_EHDR) != 0);
    read_clocks(argc > 1 ? 5 : 400);
    say("%016lx\n", (long)hash);
    if (argc > 1)
        return 0;

    struct timespec t;
    CHECK(clock_gettime(12345, &t) == -1 && errno == EINVAL);
    CHECK(syscall(SYS_clock_gettime, CLOCK_REALTIME, 8) == -1 && errno == EFAULT);
    struct timezone tz;
    struct timeval tv;
    CHECK(gettimeofday(&tv, &tz) == 0);
    unsigned cpu, node;
    CHECK(getcpu(&cpu, &node) == 0);

    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        CHECK(pthread_create(&threads[i], NULL, thread, NULL) == 0);
    for (int i = 0; i < 3; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    say("%016lx\n", (long)hash);

    handle(SIGUSR1, handler, 0);
    for (int i = 0; i < 50; i++) {
        CHECK(raise(SIGUSR1) == 0);
        read_clocks(i % 7);
    }
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        read_clocks(100);
        say("%016lx\n", (long)hash);
        execl("/proc/self/exe", argv[0], "again", (char *)NULL);
        _exit(1);
    }
    wait_for_success(child);
    SECCOMP_TREAT(SYS_getppid, SECCOMP_RET_ERRNO | 5);
    CHECK(syscall(SYS_getppid) == -1 && errno == 5);
    read_clocks(300);
    say("%016lx\n", (long)hash);
    return 0;
}

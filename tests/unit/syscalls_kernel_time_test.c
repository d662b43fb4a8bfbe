/* Clocks, timers, sleeps and signals against the kernel that runs. */
#include "syscalls_probe.h"

#include <asm/unistd_64.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static void clocks(struct probe *p)
{
    struct timex query = {0};

    call_exactly(p, 0, __NR_time, place(p, 8));
    call(p, __NR_time, 0);
    call_exactly(p, 0, __NR_gettimeofday, place(p, 16), place(p, 8));
    call_exactly(p, 0, __NR_clock_gettime, CLOCK_MONOTONIC, place(p, 16));
    call_exactly(p, 0, __NR_clock_getres, CLOCK_MONOTONIC, place(p, 16));
    call(p, __NR_clock_gettime, 99, place(p, 16));
    call(p, __NR_clock_gettime, CLOCK_MONOTONIC, place_at_the_end(p, 8));
    call(p, __NR_gettimeofday, place(p, 16), place_at_the_end(p, 4));
    call_exactly(p, 208, __NR_adjtimex, PLACE(p, query));
    call_exactly(p, 208, __NR_clock_adjtime, CLOCK_REALTIME, PLACE(p, query));
    call(p, __NR_clock_adjtime, CLOCK_MONOTONIC, PLACE(p, query));
    call_exactly(p, 0, __NR_times, place(p, 32));
}

static void timers(struct probe *p)
{
    struct sigevent event = {.sigev_notify = SIGEV_NONE};
    struct itimerspec far = {{0, 0}, {1000, 0}};
    struct itimerval soon = {{0, 0}, {1000, 0}}, never = {{0, 0}, {0, 0}};
    int *id = place(p, 4);
    int fd = (int)raw_syscall(__NR_timerfd_create, (uint64_t[6]){CLOCK_MONOTONIC, 0});

    call(p, __NR_timer_create, CLOCK_MONOTONIC, PLACE(p, event), id);
    call(p, __NR_timer_settime, *id, 0, PLACE(p, far), place(p, 32));
    call_exactly(p, 0, __NR_timer_settime, *id, 0, PLACE(p, far), place(p, 32));
    call_exactly(p, 0, __NR_timer_gettime, *id, place(p, 32));
    call(p, __NR_timer_getoverrun, *id);
    call(p, __NR_timer_delete, *id);
    call(p, __NR_timer_create, 99, PLACE(p, event), place(p, 4));
    call(p, __NR_timer_create, CLOCK_BOOTTIME_ALARM, PLACE(p, event), place(p, 4));
    call(p, __NR_timer_gettime, 12345, place(p, 32));

    call_exactly(p, 0, __NR_timerfd_settime, fd, 0, PLACE(p, far), place(p, 32));
    call_exactly(p, 0, __NR_timerfd_gettime, fd, place(p, 32));
    far.it_value.tv_sec = 0;
    far.it_value.tv_nsec = 1;
    call(p, __NR_timerfd_settime, fd, 0, PLACE(p, far), 0);
    call_exactly(p, 0, __NR_read, fd, place(p, 8), 8);
    close(fd);

    call_exactly(p, 0, __NR_setitimer, ITIMER_VIRTUAL, PLACE(p, soon), place(p, 32));
    call_exactly(p, 0, __NR_getitimer, ITIMER_VIRTUAL, place(p, 32));
    call_exactly(p, 0, __NR_setitimer, ITIMER_VIRTUAL, PLACE(p, never), place(p, 32));
    call(p, __NR_getitimer, 77, place(p, 32));
}

static void on_alarm(int signo)
{
    (void)signo;
}

static void sleeps(struct probe *p)
{
    struct sigaction action = {.sa_handler = on_alarm}, old;
    struct itimerval soon = {{0, 20000}, {0, 20000}}, never = {{0, 0}, {0, 0}};
    struct timespec short_time = {0, 1000}, long_time = {3, 0};

    call_exactly(p, 0, __NR_nanosleep, PLACE(p, short_time), place(p, 16));
    call_exactly(p, 0, __NR_clock_nanosleep, CLOCK_MONOTONIC, 0, PLACE(p, short_time),
                 place(p, 16));
    sigaction(SIGALRM, &action, &old);
    setitimer(ITIMER_REAL, &soon, NULL);
    assert_int_equal(call(p, __NR_nanosleep, PLACE(p, long_time), place(p, 16)), -EINTR);
    assert_int_equal(
        call(p, __NR_clock_nanosleep, CLOCK_MONOTONIC, 0, PLACE(p, long_time), place(p, 16)),
        -EINTR);
    long_time.tv_sec = time(NULL) + 3;
    assert_int_equal(call(p, __NR_clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME,
                          PLACE(p, long_time), place(p, 16)),
                     -EINTR);
    assert_int_equal(call(p, __NR_pause), -EINTR);
    setitimer(ITIMER_REAL, &never, NULL);
    sigaction(SIGALRM, &old, NULL);
}

static void signals(struct probe *p)
{
    uint64_t set = 1ull << (SIGUSR1 - 1), none = 0;
    struct timespec no_time = {0, 1000};
    struct {
        uint64_t handler, flags, restorer, mask;
    } ignore = {1, 0, 0, 0}, standard = {0, 0, 0, 0};
    struct {
        uint64_t sp;
        uint32_t flags, pad;
        uint64_t size;
    } disable = {0, SS_DISABLE, 0, 0};
    uint8_t info[128] = {0};
    int fd;

    call_exactly(p, 0, __NR_rt_sigaction, SIGUSR2, PLACE(p, ignore), place(p, 64), 8);
    call_exactly(p, 0, __NR_rt_sigaction, SIGUSR2, PLACE(p, standard), place(p, 64), 8);
    call(p, __NR_rt_sigaction, SIGUSR2, 0, place(p, 64), 4);
    call_exactly(p, 0, __NR_rt_sigprocmask, SIG_BLOCK, PLACE(p, set), place(p, 16), 8);
    call_exactly(p, 0, __NR_rt_sigpending, place(p, 16), 8);
    call_exactly(p, 0, __NR_rt_sigpending, place(p, 16), 4);

    call(p, __NR_kill, getpid(), SIGUSR1);
    call_exactly(p, 0, __NR_rt_sigtimedwait, PLACE(p, set), place(p, 200), PLACE(p, no_time), 8);
    call(p, __NR_rt_sigtimedwait, PLACE(p, set), place(p, 200), PLACE(p, no_time), 8);
    *(int *)(info + 8) = SI_QUEUE;
    call(p, __NR_rt_sigqueueinfo, getpid(), SIGUSR1, PLACE(p, info));
    fd = signalfd(-1, &(sigset_t){{set}}, SFD_NONBLOCK);
    call_exactly(p, 0, __NR_read, fd, place(p, 256), 256);
    call(p, __NR_read, fd, place(p, 256), 256);
    close(fd);
    call(p, __NR_rt_sigprocmask, SIG_SETMASK, PLACE(p, none), place_at_the_end(p, 4), 8);
    call(p, __NR_rt_sigprocmask, SIG_SETMASK, PLACE(p, none), 0, 8);

    call_exactly(p, 4, __NR_sigaltstack, PLACE(p, disable), place(p, 64));
    call(p, __NR_sigaltstack, 0, place_at_the_end(p, 8));
}

#define TEST(name)                                                                                 \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        probe_run(name);                                                                           \
    }
TEST(clocks)
TEST(timers)
TEST(sleeps)
TEST(signals)

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"clocks_are_told", test_clocks, NULL, NULL, NULL},
        {"timers_are_told_also_when_they_are_refused", test_timers, NULL, NULL, NULL},
        {"the_rest_of_a_sleep_is_told_when_a_signal_ends_it", test_sleeps, NULL, NULL, NULL},
        {"signal_calls_are_told_in_the_kernels_sizes", test_signals, NULL, NULL, NULL},
    };
    int failed = cmocka_run_group_tests_name("syscalls_kernel_time", tests, NULL, NULL);

    print_message("%u calls checked\n", probe_calls());
    return failed;
}

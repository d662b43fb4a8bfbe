/* timer_create(2) with SIGEV_THREAD, which starts a thread a tick, and SIGEV_THREAD_ID, which
 * signals one thread; timerfd, signalfd and eventfd read by threads. */
#include "threads.h"

#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static int ticks, signals, events;
static uint64_t counted;

static void tick(union sigval v)
{
    __atomic_add_fetch(&ticks, v.sival_int, __ATOMIC_SEQ_CST);
}

static void on_signal(int sig)
{
    (void)sig;
    signals++;
}

static const struct itimerspec fast = {{0, 2000000}, {0, 2000000}};

static void *be_signalled(void *arg)
{
    timer_t timer;
    struct sigevent e = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1};
    e.sigev_notify_thread_id = gettid();
    CHECK(timer_create(CLOCK_MONOTONIC, &e, &timer) == 0);
    CHECK(timer_settime(timer, 0, &fast, NULL) == 0);
    while (signals < 10)
        pause();
    CHECK(timer_delete(timer) == 0);
    return arg;
}

static void *read_timer(void *arg)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    CHECK(fd >= 0 && timerfd_settime(fd, 0, &fast, NULL) == 0);
    for (int i = 0; i < 10; i++) {
        uint64_t n, one = 1;
        CHECK(read(fd, &n, sizeof n) == sizeof n);
        counted += n;
        write_all(events, &one, sizeof one);
    }
    CHECK(close(fd) == 0);
    return arg;
}

static void *read_signals(void *arg)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    int fd = signalfd(-1, &set, SFD_CLOEXEC);
    for (int i = 0; i < 5; i++) {
        struct signalfd_siginfo info;
        CHECK(read(fd, &info, sizeof info) == sizeof info && info.ssi_signo == SIGUSR2);
    }
    CHECK(close(fd) == 0);
    return arg;
}

int main(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    CHECK(pthread_sigmask(SIG_BLOCK, &set, NULL) == 0);
    CHECK(signal(SIGUSR1, on_signal) != SIG_ERR);
    events = eventfd(0, EFD_CLOEXEC);
    timer_t timer;
    struct sigevent e = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = tick};
    e.sigev_value.sival_int = 1;
    CHECK(timer_create(CLOCK_REALTIME, &e, &timer) == 0);
    CHECK(timer_settime(timer, 0, &fast, NULL) == 0);
    pthread_t t[3] = {start(be_signalled, NULL), start(read_timer, NULL),
                      start(read_signals, NULL)};
    uint64_t n, sum = 0;
    for (uint64_t total = 0; total < 10; total += n) {
        CHECK(read(events, &n, sizeof n) == sizeof n);
        note(&sum, n);
    }
    for (int i = 0; i < 5; i++) {
        CHECK(kill(getpid(), SIGUSR2) == 0);
        sleep_ms(3);
    }
    /* signals that merged while they were pending are sent again */
    while (pthread_tryjoin_np(t[2], NULL) == EBUSY) {
        CHECK(kill(getpid(), SIGUSR2) == 0);
        sleep_ms(2);
    }
    join_all(t, 2);
    while (__atomic_load_n(&ticks, __ATOMIC_SEQ_CST) < 5)
        sleep_ms(1);
    CHECK(timer_delete(timer) == 0);
    say("%d signals, %lu expirations, %016lx\n", signals, (long)counted, (long)sum);
    return 0;
}

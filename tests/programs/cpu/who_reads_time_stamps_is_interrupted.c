/* Loops that read the time stamp counter are interrupted by a timer whose handler reads it as well,
 * are forked in their midst, and run in threads side by side. */
#include "check.h"

#include <pthread.h>
#include <sys/time.h>

#define THREADS 3
#define ROUNDS  40000

static uint64_t rdtsc(void)
{
    uint32_t lo, hi;
    __asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
    return (uint64_t)hi << 32 | lo;
}

static volatile uint64_t n_handled, handled_sum;
static __thread volatile uint64_t last_handled; /* any thread may handle it */

static void read_in_handler(int signo)
{
    (void)signo;
    for (int i = 0; i < 20; i++) {
        uint64_t t = rdtsc();
        CHECK(t >= last_handled);
        last_handled = t;
        handled_sum = handled_sum * 31 + t;
    }
    n_handled++;
}

static uint64_t read_often(uint64_t rounds)
{
    uint64_t last = 0, sum = 0;
    for (uint64_t i = 0; i < rounds; i++) {
        uint64_t t = rdtsc();
        CHECK(t >= last);
        last = t;
        sum = sum * 31 + t;
    }
    return sum;
}

static void set_timer(long us)
{
    struct itimerval timer = {{0, us}, {0, us}};
    CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
}

static void *read_in_thread(void *arg)
{
    uint64_t *sum = arg;
    *sum = read_often(ROUNDS);
    return NULL;
}

static void in_threads(void)
{
    pthread_t threads[THREADS];
    uint64_t sums[THREADS];
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, read_in_thread, &sums[i]) == 0);
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        say("%lu\n", (long)sums[i]);
    }
}

static void in_child(void)
{
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        say("%lu\n", (long)read_often(ROUNDS));
        _exit(0);
    }
    say("%lu\n", (long)read_often(ROUNDS));
    int status;
    while (waitpid(pid, &status, 0) < 0)
        CHECK(errno == EINTR);
    CHECK(status == 0);
}

int main(void)
{
    CHECK(sigaction(SIGALRM,
                    &(struct sigaction){.sa_handler = read_in_handler, .sa_flags = SA_RESTART},
                    NULL) == 0);
    set_timer(3000);
    while (n_handled < 10)
        say("%lu\n", (long)read_often(ROUNDS));
    in_threads();
    set_timer(0);
    in_child();
    in_threads();
    say("%lu %lu\n", (long)n_handled, (long)handled_sum);
    return 0;
}

/* Two threads wait by reading the clock over and over, as the vDSO offers it, under a timer's
 * signals: reads without a stop, preemption between them, and handlers in their midst. */
#include "check.h"

#include <pthread.h>
#include <sys/time.h>

static volatile long rounds[2];
static volatile sig_atomic_t signals;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info, (void)context;
    signals++;
}

static void *spin(void *arg)
{
    long which = (long)arg;
    int64_t end = now_ns() + 150000000;
    while (now_ns() < end) {
        rounds[which]++;
        for (volatile int i = 0; i < (which != 0 ? 2000 : 1); i++)
            ;
    }
    return NULL;
}

int main(void)
{
    handle(SIGALRM, handler, SA_RESTART);
    struct itimerval often = {{0, 7000}, {0, 7000}};
    CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
    pthread_t threads[2];
    for (long i = 0; i < 2; i++)
        CHECK(pthread_create(&threads[i], NULL, spin, (void *)i) == 0);
    for (int i = 0; i < 2; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    say("%ld and %ld rounds, %d signals\n", rounds[0], rounds[1], (int)signals);
    return 0;
}

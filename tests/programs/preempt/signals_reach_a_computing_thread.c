/* Signals by every sender to a thread that makes no call: from another thread, from itself by a CPU
 * time timer, from a child that ends, and in a storm. */
#include "preempt.h"

#include <sys/time.h>

static volatile sig_atomic_t got[65];
static volatile uint64_t n;

static void handler(int sig)
{
    got[sig]++;
}

static uint64_t compute_until(int sig, int times)
{
    n = 0;
    while (got[sig] < times)
        n++;
    return n;
}

static volatile int stop;

static void *send_often(void *arg)
{
    while (!stop) {
        CHECK(pthread_kill(*(pthread_t *)arg, SIGURG) == 0);
        struct timespec little = {0, 300000};
        nanosleep(&little, NULL);
    }
    return NULL;
}

static void *send_once(void *arg)
{
    CHECK(pthread_kill(*(pthread_t *)arg, SIGUSR1) == 0);
    return NULL;
}

int main(void)
{
    static const int signals[] = {SIGUSR1, SIGURG, SIGPROF, SIGCHLD, SIGALRM};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
        CHECK(sigaction(signals[i], &action, NULL) == 0);
    }
    pthread_t self = pthread_self();
    pthread_t thread = start(send_once, &self);
    say("SIGUSR1 %lx\n", (long)compute_until(SIGUSR1, 1));
    end_of(thread);

    thread = start(send_often, &self);
    say("SIGURG %lx\n", (long)compute_until(SIGURG, 10));
    stop = 1;
    end_of(thread);

    struct itimerval often = {{0, 10000}, {0, 10000}}, never = {{0, 0}, {0, 0}};
    CHECK(setitimer(ITIMER_PROF, &often, NULL) == 0);
    say("SIGPROF %lx\n", (long)compute_until(SIGPROF, 5));
    CHECK(setitimer(ITIMER_PROF, &never, NULL) == 0);

    pid_t child = fork();
    if (child == 0)
        _exit((int)(burn(10) & 1));
    say("SIGCHLD %lx\n", (long)compute_until(SIGCHLD, 1));
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    return 0;
}

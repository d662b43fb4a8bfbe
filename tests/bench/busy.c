/* busy KIND [MS]: computes without any call, in the ways that need preemption:
 *   two      two threads, each two seconds of work
 *   timer    half a second of work under a timer signal every 20 ms
 *   spin, register, local, global   waits MS ms of another's work in such a loop */
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

static volatile int flag;
static volatile sig_atomic_t ticks;
static volatile uint64_t global;

static uint64_t work(uint64_t rounds)
{
    uint64_t x = 1, sum = 0;
    for (uint64_t i = 0; i < rounds; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        sum ^= x >> 33;
    }
    return sum;
}

static void *work_two_seconds(void *arg)
{
    *(uint64_t *)arg = work(1200000000);
    return NULL;
}

static void *work_and_set(void *arg)
{
    uint64_t sum = work(*(uint64_t *)arg * 600000);
    flag = 1;
    *(uint64_t *)arg = sum;
    return NULL;
}

static void on_tick(int sig)
{
    (void)sig;
    ticks++;
}

static uint64_t spin(const char *how)
{
    uint64_t n = 0;
    volatile uint64_t local = 0;
    if (strcmp(how, "register") == 0)
        while (!flag)
            n++;
    else if (strcmp(how, "local") == 0)
        while (!flag)
            local++;
    else if (strcmp(how, "global") == 0)
        while (!flag)
            global++;
    else
        while (!flag)
            ;
    return n + local + global;
}

int main(int argc, char **argv)
{
    const char *kind = argc > 1 ? argv[1] : "two";
    uint64_t a = argc > 2 ? strtoull(argv[2], NULL, 10) : 500, b = 0;
    pthread_t thread;
    if (strcmp(kind, "two") == 0) {
        pthread_create(&thread, NULL, work_two_seconds, &a);
        work_two_seconds(&b);
        pthread_join(thread, NULL);
    } else if (strcmp(kind, "timer") == 0) {
        struct itimerval often = {{0, 20000}, {0, 20000}};
        struct sigaction action = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
        sigaction(SIGALRM, &action, NULL);
        setitimer(ITIMER_REAL, &often, NULL);
        a = work(300000000);
    } else {
        pthread_create(&thread, NULL, work_and_set, &a);
        b = spin(kind);
        pthread_join(thread, NULL);
    }
    printf("%lx %lx\n", (unsigned long)a, (unsigned long)b);
    return 0;
}

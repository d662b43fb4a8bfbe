/* One thread sends SIGURG to the others as fast as it can, as a runtime does that preempts its
 * threads; SIGPROF comes by CPU time, nested; one handler leaves by siglongjmp. */
#include "threads.h"

#include <setjmp.h>
#include <sys/time.h>

enum { WORKERS = 3, ROUNDS = 3000 };

static pthread_t workers[WORKERS];
static __thread uint64_t mine;
static __thread sigjmp_buf back;
static __thread volatile bool may_jump;
static uint64_t sums[WORKERS];
static int urgent, ticks, jumps, ended;

static void on_urgent(int sig, siginfo_t *info, void *context)
{
    (void)info, (void)context;
    note(&mine, (uint64_t)sig);
    __atomic_add_fetch(&urgent, 1, __ATOMIC_SEQ_CST);
    if (urgent % 3 == 0)
        sched_yield();
}

static void on_tick(int sig, siginfo_t *info, void *context)
{
    (void)info, (void)context, (void)sig;
    note(&mine, 5);
    __atomic_add_fetch(&ticks, 1, __ATOMIC_SEQ_CST);
    getppid();
}

static void on_jump(int sig, siginfo_t *info, void *context)
{
    (void)info, (void)context, (void)sig;
    if (!may_jump)
        return;
    may_jump = false;
    __atomic_add_fetch(&jumps, 1, __ATOMIC_SEQ_CST);
    siglongjmp(back, 1);
}

static void *run(void *arg)
{
    for (volatile int i = 0; i < ROUNDS; i++) {
        if (sigsetjmp(back, 1) == 0) {
            may_jump = i % 3 == 0;
            struct timespec t = {.tv_nsec = 20000};
            if (i % 10 == 0)
                nanosleep(&t, NULL);
            getppid();
        }
        may_jump = false;
        note(&mine, work(mine));
        getpid();
    }
    sums[(size_t)arg] = mine;
    __atomic_add_fetch(&ended, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&ended, __ATOMIC_SEQ_CST) <= WORKERS)
        sleep_ms(1); /* so that it can be signalled to the end */
    return NULL;
}

int main(void)
{
    handle(SIGURG, on_urgent, SA_RESTART | SA_NODEFER);
    handle(SIGPROF, on_tick, SA_RESTART);
    handle(SIGUSR1, on_jump, 0);
    struct itimerval often = {{0, 1000}, {0, 1000}};
    CHECK(setitimer(ITIMER_PROF, &often, NULL) == 0);
    for (size_t i = 0; i < WORKERS; i++)
        workers[i] = start(run, (void *)i);
    for (int i = 0; __atomic_load_n(&ended, __ATOMIC_SEQ_CST) < WORKERS; i++) {
        CHECK(pthread_kill(workers[i % WORKERS], i % 17 == 0 ? SIGUSR1 : SIGURG) == 0);
        if (i % 50 == 0)
            sleep_ms(1);
    }
    struct itimerval never = {0};
    CHECK(setitimer(ITIMER_PROF, &never, NULL) == 0);
    __atomic_add_fetch(&ended, 1, __ATOMIC_SEQ_CST);
    join_all(workers, WORKERS);
    CHECK(urgent > 0);
    say("%d %d %d, %016lx\n", urgent, ticks, jumps, (long)hash_of(sums, sizeof sums));
    return 0;
}

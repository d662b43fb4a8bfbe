/* Threads signal each other and the process by name and as a whole, blocked or not, while they
 * wait or make calls: tgkill(2), pthread_kill(3), pthread_sigmask(3), sigaltstack(2). */
#include "threads.h"

#include <poll.h>

enum { THREADS = 4, ROUNDS = 60 };

static pthread_t threads[THREADS];
static __thread uint64_t mine;
static uint64_t sums[THREADS], shared;
static int got[3], waiting;
static int fds[2];

static void on_signal(int sig, siginfo_t *info, void *context)
{
    (void)context;
    int err = errno;
    note(&mine, (uint64_t)sig);
    note(&mine, (uint64_t)(info->si_code == SI_TKILL));
    __atomic_add_fetch(&got[sig == SIGUSR1 ? 0 : sig == SIGUSR2 ? 1 : 2], 1, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&shared, (uint64_t)sig * 3, __ATOMIC_SEQ_CST);
    errno = err;
}

static void *run(void *arg)
{
    uint64_t me = (uint64_t)arg;
    static unsigned char stacks[THREADS][65536];
    stack_t stack = {.ss_sp = stacks[me], .ss_size = sizeof stacks[me]};
    CHECK(sigaltstack(&stack, NULL) == 0);
    sigset_t set, old;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    for (int i = 0; i < ROUNDS; i++) {
        switch ((me + (uint64_t)i) % 6) {
        case 0:
            CHECK(pthread_kill(threads[(me + 1) % THREADS], SIGUSR1) == 0);
            break;
        case 1:
            CHECK(kill(getpid(), SIGUSR2) == 0);
            break;
        case 2:
            CHECK(pthread_sigmask(SIG_BLOCK, &set, &old) == 0);
            CHECK(raise(SIGUSR1) == 0);
            note(&mine, 77);
            CHECK(pthread_sigmask(SIG_SETMASK, &old, NULL) == 0);
            break;
        case 3: {
            struct timespec t = {.tv_nsec = 300000};
            nanosleep(&t, &t);
            break;
        }
        case 4: {
            struct pollfd p = {.fd = fds[0], .events = POLLIN};
            note(&mine, (uint64_t)poll(&p, 1, 1));
            break;
        }
        case 5:
            CHECK(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i}) == 0);
            break;
        }
        note(&mine, work(mine));
    }
    sums[me] = mine;
    __atomic_add_fetch(&waiting, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&waiting, __ATOMIC_SEQ_CST) < THREADS)
        sleep_ms(1); /* so that all can be signalled to the end */
    return NULL;
}

int main(void)
{
    CHECK(pipe(fds) == 0);
    handle(SIGUSR1, on_signal, SA_RESTART);
    handle(SIGUSR2, on_signal, SA_ONSTACK);
    handle(SIGRTMIN, on_signal, SA_NODEFER | SA_ONSTACK);

    for (int i = 0; i < THREADS; i++)
        threads[i] = pthread_self(); /* until there is a better one to signal */
    pthread_t made[THREADS];
    for (uint64_t i = 0; i < THREADS; i++)
        threads[i] = made[i] = start(run, (void *)i);
    join_all(made, THREADS);
    CHECK(got[0] > 0 && got[1] > 0 && got[2] == THREADS * ROUNDS / 6);
    say("%d %d %d, %lu, %016lx\n", got[0], got[1], got[2], (long)shared,
        (long)hash_of(sums, sizeof sums));
    return 0;
}

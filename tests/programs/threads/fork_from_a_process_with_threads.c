/* Threads fork while others take locks and memory; children allocate, run threads of their own and
 * exit: fork(2), pthread_atfork(3). */
#include "threads.h"

#include <sys/mman.h>

enum { FORKERS = 3, ROUNDS = 8 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static uint64_t sum;
static volatile bool stop;
static int handlers;

static void count(void)
{
    handlers++;
}

static void *allocate(void *arg)
{
    for (uint64_t i = 0; !stop; i++) {
        void *p = malloc(i * 7919 % 100000 + 1);
        pthread_mutex_lock(&mutex);
        note(&sum, i);
        pthread_mutex_unlock(&mutex);
        free(p);
        sched_yield();
    }
    return arg;
}

static void *in_child(void *arg)
{
    free(malloc(5000));
    return arg;
}

static void *fork_often(void *arg)
{
    for (uint64_t i = 0; i < ROUNDS; i++) {
        pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0) {
            pthread_t t[2] = {start(in_child, NULL), start(in_child, NULL)};
            join_all(t, 2);
            _exit((int)((i * 10 + (uint64_t)arg) % 100));
        }
        int status = wait_for(pid);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == (int)((i * 10 + (uint64_t)arg) % 100));
        pthread_mutex_lock(&mutex);
        note(&sum, (uint64_t)arg);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

int main(void)
{
    pthread_t forkers[FORKERS], allocators[2];
    CHECK(pthread_atfork(count, count, NULL) == 0);
    for (uint64_t i = 0; i < 2; i++)
        allocators[i] = start(allocate, NULL);
    for (uint64_t i = 0; i < FORKERS; i++)
        forkers[i] = start(fork_often, (void *)(i + 1));
    join_all(forkers, FORKERS);
    stop = true;
    join_all(allocators, 2);
    say("%016lx, %d handlers\n", (long)sum, handlers);
    return 0;
}

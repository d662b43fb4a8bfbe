/* Cancellation in blocked calls, at points and at once, with clean-up: pthread_cancel(3). */
#include "threads.h"

#include <poll.h>

static int fds[2];
static uint64_t cleaned;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;

static void clean(void *arg)
{
    __atomic_add_fetch(&cleaned, (uint64_t)arg, __ATOMIC_SEQ_CST);
}

static void unlock(void *arg)
{
    pthread_mutex_unlock(arg);
}

static void *block(void *arg)
{
    uint64_t how = (uint64_t)arg;
    char c;
    pthread_cleanup_push(clean, (void *)(1ul << how * 4));
    switch (how % 5) {
    case 0:
        read(fds[0], &c, 1);
        break;
    case 1:
        sleep(100);
        break;
    case 2:
        pthread_mutex_lock(&mutex);
        pthread_cleanup_push(unlock, &mutex);
        for (;;)
            pthread_cond_wait(&never, &mutex);
        pthread_cleanup_pop(1);
        break;
    case 3:
        for (;;) {
            pthread_testcancel();
            sched_yield();
        }
        break;
    case 4:
        pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
        for (;;)
            getppid();
        break;
    }
    pthread_cleanup_pop(0);
    return NULL;
}

int main(void)
{
    CHECK(pipe(fds) == 0);
    for (int round = 0; round < 6; round++) {
        pthread_t threads[10];
        for (uint64_t i = 0; i < 10; i++)
            threads[i] = start(block, (void *)i);
        if (round % 2 == 0)
            sleep_ms(3);
        for (int i = 9; i >= 0; i--)
            CHECK(pthread_cancel(threads[i]) == 0);
        for (int i = 0; i < 10; i++) {
            void *result;
            CHECK(pthread_join(threads[i], &result) == 0 && result == PTHREAD_CANCELED);
        }
    }
    say("%lx, word %lx\n", (long)cleaned & 0xffffff, (long)random_word());
    return 0;
}

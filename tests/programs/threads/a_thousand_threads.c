/* A thousand threads at once, each blocked in a call, and a thousand more one after the other. */
#include "threads.h"

enum { N = 1000 };

static int fds[2];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static uint64_t sum;

static void *take(void *arg)
{
    unsigned char c;
    CHECK(read(fds[0], &c, 1) == 1);
    pthread_mutex_lock(&mutex);
    note(&sum, c * 1000 + (uint64_t)arg);
    pthread_mutex_unlock(&mutex);
    return NULL;
}

static void *count(void *arg)
{
    note(&sum, (uint64_t)arg);
    return NULL;
}

int main(void)
{
    static pthread_t threads[N];
    static unsigned char bytes[N];
    pthread_attr_t attr;
    CHECK(pthread_attr_init(&attr) == 0 && pthread_attr_setstacksize(&attr, 65536) == 0);
    CHECK(pipe(fds) == 0);
    for (uint64_t i = 0; i < N; i++) {
        int err = pthread_create(&threads[i], &attr, take, (void *)i);
        if (err == EAGAIN)
            SKIP("no room for %d threads", N);
        CHECK(err == 0);
        bytes[i] = (unsigned char)i;
    }
    write_all(fds[1], bytes, N);
    join_all(threads, N);
    for (uint64_t i = 0; i < N; i++) {
        pthread_t t = start(count, (void *)i);
        CHECK(pthread_join(t, NULL) == 0);
    }
    say("%016lx\n", (long)sum);
    return 0;
}

/* The process ends while some threads block and one makes calls: exit_group(2). */
#include "check.h"

#include <pthread.h>

static int fds[2];

static void *block(void *arg)
{
    char c;
    CHECK(read(fds[0], &c, 1) == 1);
    return arg;
}

static void *call(void *arg)
{
    for (;;)
        getppid();
    return arg;
}

int main(void)
{
    pthread_t threads[4];
    CHECK(pipe(fds) == 0);
    for (int i = 0; i < 3; i++)
        CHECK(pthread_create(&threads[i], NULL, block, NULL) == 0);
    CHECK(pthread_create(&threads[3], NULL, call, NULL) == 0);
    sleep_ms(30);
    say("%016lx\n", (long)random_word());
    _exit(0);
}

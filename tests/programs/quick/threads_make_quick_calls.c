/* Threads that make calls without end, so that others get their turns only at those. */
#include "check.h"

#include <pthread.h>
#include <stdatomic.h>

static atomic_int running = 1;
static atomic_ulong order;

static void *call(void *arg)
{
    unsigned long *count = arg;
    int null = open("/dev/null", O_WRONLY), fd;
    while (atomic_load(&running)) {
        CHECK(write(null, "x", 1) == 1);
        fd = open("/proc/self/exe", O_RDONLY);
        char c;
        CHECK(fd >= 0 && pread(fd, &c, 1, 0) == 1 && close(fd) == 0);
        ++*count;
        atomic_store(&order, atomic_load(&order) * 31 + *count);
    }
    return NULL;
}

int main(void)
{
    unsigned long counts[3] = {0};
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        CHECK(pthread_create(&threads[i], NULL, call, &counts[i]) == 0);
    usleep(300000);
    atomic_store(&running, 0);
    for (int i = 0; i < 3; i++)
        CHECK(pthread_join(threads[i], NULL) == 0 && counts[i] > 0);
    say("%lu %lu %lu %lu\n", counts[0], counts[1], counts[2], atomic_load(&order));
    return 0;
}

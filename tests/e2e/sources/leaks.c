/* Three threads, each of which loses a block and reads a byte that nobody has written. Ends with 3,
 * and says what it has added up, which is not the same in each run. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned long total;
static volatile int odd;

static void *work(void *arg)
{
    char *lost = malloc(40 + (size_t)arg);
    struct timespec now;
    if (lost == NULL)
        return NULL;
    if (lost[7] & 1) /* never written */
        odd++;
    for (int i = 0; i < 2000; i++) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        pthread_mutex_lock(&lock);
        total = total * 31 + (unsigned long)now.tv_nsec + (size_t)arg;
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[3];
    for (size_t i = 0; i < 3; i++)
        if (pthread_create(&threads[i], NULL, work, (void *)i) != 0)
            return 1;
    for (size_t i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    printf("added up: %lx\n", total);
    return 3;
}

/* A thread leaves the descriptors that it shared with another one (unshare(2), CLONE_FILES): from
 * then on the same number leads to different things, and what is written to one of them is output.
 */
#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

static sem_t parted;
static int fd;

static void *go_own_way(void *arg)
{
    CHECK(unshare(CLONE_FILES) == 0);
    int null = open("/dev/null", O_WRONLY);
    CHECK(null >= 0 && dup2(null, fd) == fd);
    for (int i = 0; i < 10; i++)
        CHECK(write(fd, "nowhere\n", 8) == 8);
    CHECK(sem_post(&parted) == 0);
    return arg;
}

int main(void)
{
    pthread_t thread;
    CHECK(sem_init(&parted, 0, 0) == 0 && (fd = dup(STDOUT_FILENO)) >= 0);
    CHECK(pthread_create(&thread, NULL, go_own_way, NULL) == 0);
    CHECK(sem_wait(&parted) == 0);
    for (int i = 0; i < 5; i++)
        CHECK(write(fd, "output\n", 7) == 7);
    CHECK(pthread_join(thread, NULL) == 0);
    return 0;
}

/* Owns the thread on which one of two things is done. */
#include "diff/both.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct task {
    void (*work)(void *arg);
    void *arg;
};

static void *do_task(void *arg)
{
    const struct task *t = arg;
    t->work(t->arg);
    return NULL;
}

void both_do(void (*work)(void *arg), void *a, void *b)
{
    struct task other = {work, a};
    pthread_t thread;
    bool parallel = a != NULL && b != NULL && pthread_create(&thread, NULL, do_task, &other) == 0;
    if (b != NULL)
        work(b);
    if (parallel)
        pthread_join(thread, NULL);
    else if (a != NULL)
        work(a);
}

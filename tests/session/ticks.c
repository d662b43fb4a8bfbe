/* Threads that compute, call, wait for each other by spinning and by futexes, and a child; all come
 * to tick(), 600 times in all. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static atomic_int turn;
static volatile unsigned long work;

void tick(unsigned n);

__attribute__((noinline)) void tick(unsigned n)
{
    __asm__ volatile("" : : "r"(n) : "memory");
}

static void *spin(void *arg)
{
    int me = (int)(long)arg;
    for (unsigned i = 0; i < 100; i++) {
        while (atomic_load(&turn) % 2 != me)
            ;
        tick(i);
        atomic_fetch_add(&turn, 1);
    }
    return NULL;
}

static void compute(unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++) {
        for (unsigned j = 0; j < 20000; j++)
            work += j;
        tick(i);
    }
}

int main(void)
{
    pthread_t t[2];
    for (long i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, spin, (void *)i);
    compute(100);
    for (int i = 0; i < 2; i++)
        pthread_join(t[i], NULL);
    fflush(stdout);
    pid_t child = fork();
    for (unsigned i = 0; i < 150; i++) {
        tick(i);
        if (i % 10 == 0)
            getppid();
    }
    if (child == 0)
        _exit(0);
    waitpid(child, NULL, 0);
    printf("%lu\n", work);
    return 0;
}

/* A process whose threads compute without any call is stopped and continued from outside. */
#include "preempt.h"

static volatile int flag;

static void *spin(void *arg)
{
    uint64_t k = 0;
    while (!flag)
        k++;
    (void)arg;
    return (void *)(uintptr_t)k;
}

static void *compute(void *arg)
{
    uint64_t x = burn(150);
    flag = 1;
    (void)arg;
    return (void *)(uintptr_t)x;
}

static void child(void)
{
    pthread_t a = start(spin, NULL), b = start(compute, NULL);
    long k = (long)end_of(a), x = (long)end_of(b);
    say("%lx %lx\n", k, x);
    _exit(0);
}

int main(void)
{
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0)
        child();
    int status;
    struct timespec little = {0, 30000000};
    for (int i = 0; i < 2; i++) {
        nanosleep(&little, NULL);
        CHECK(kill(pid, SIGSTOP) == 0);
        CHECK(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
        CHECK(kill(pid, SIGCONT) == 0);
    }
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return 0;
}

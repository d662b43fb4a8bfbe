/* A thread wakes all others and ends the process at once: they have come out of their calls, and
 * are killed before they run again. The leader among them is a zombie that nobody is told of while
 * other threads live: ptrace(2), wait(2). */
#include "check.h"

#include <linux/futex.h>
#include <pthread.h>

enum { ROUNDS = 60, THREADS = 6 };

static uint32_t word;

static void *sleep_on_word(void *arg)
{
    syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    return arg;
}

static void *wake_and_exit(void *arg)
{
    usleep(1000);
    syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
    syscall(SYS_exit_group, (int)(long)arg);
    return NULL;
}

static void child(long status)
{
    pthread_t thread;
    for (int i = 0; i < THREADS; i++) {
        void *(*run)(void *) = i == THREADS / 2 ? wake_and_exit : sleep_on_word;
        CHECK(pthread_create(&thread, NULL, run, (void *)status) == 0);
    }
    sleep_on_word(NULL);
    for (;;)
        pause();
}

int main(void)
{
    for (long i = 0; i < ROUNDS; i++) {
        pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0)
            child(i);
        int status;
        CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == i);
    }
    say("%d processes ended\n", ROUNDS);
    return 0;
}

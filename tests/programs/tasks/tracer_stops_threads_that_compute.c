/* As debuggers do: a tracer stops all threads of its child over and over, two of which compute
 * without a call and one of which is in calls most of the time, looks at them and lets them go on.
 * It wants to see each of them stop before it does anything else. */
#include "tracer.h"

#include <pthread.h>
#include <sys/syscall.h>

#define THREADS 3 /* with the main one, which makes calls */
#define ROUNDS  20

static volatile unsigned long counts[THREADS];

static void *count(void *arg)
{
    volatile unsigned long *n = arg;
    for (;;)
        ++*n;
    return NULL;
}

static void child(void)
{
    pthread_t thread;
    trace_me();
    CHECK(raise(SIGSTOP) == 0);
    for (int i = 1; i < THREADS; i++)
        CHECK(pthread_create(&thread, NULL, count, (void *)&counts[i]) == 0);
    for (;; counts[0]++)
        usleep(100);
}

static pid_t tids[THREADS];

/* Until all threads are there and run. */
static void follow(pid_t pid)
{
    int n = 1, n_begun = 0, status;
    pid_t tid;
    tids[0] = pid;
    while ((n < THREADS || n_begun < THREADS - 1) && (tid = waitpid(-1, &status, __WALL)) > 0) {
        unsigned long child_tid;
        CHECK(WIFSTOPPED(status));
        if (status >> 16 == PTRACE_EVENT_CLONE) {
            CHECK(ptrace(PTRACE_GETEVENTMSG, tid, 0, &child_tid) == 0);
            tids[n++] = (pid_t)child_tid;
        } else {
            CHECK(WSTOPSIG(status) == SIGSTOP && tid != pid);
            n_begun++;
        }
        CHECK(ptrace(PTRACE_CONT, tid, 0, 0) == 0);
    }
}

static unsigned long look(void)
{
    unsigned long sum = 0;
    for (int i = 0; i < THREADS; i++) {
        struct user_regs_struct regs;
        errno = 0;
        sum = sum * 31 + (unsigned long)ptrace(PTRACE_PEEKDATA, tids[i], &counts[i], NULL);
        CHECK(errno == 0 && ptrace(PTRACE_GETREGS, tids[i], NULL, &regs) == 0);
        sum = sum * 31 + regs.rip;
    }
    return sum;
}

int main(void)
{
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0)
        child();
    CHECK(wait_for_stop(pid) == SIGSTOP);
    CHECK(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL) == 0);
    CHECK(ptrace(PTRACE_CONT, pid, 0, 0) == 0);
    follow(pid);
    unsigned long sum = 0;
    for (int round = 0; round < ROUNDS; round++) {
        usleep(round % 4 * 1000);
        for (int i = 0; i < THREADS; i++)
            CHECK(syscall(SYS_tgkill, pid, tids[i], SIGSTOP) == 0);
        for (int i = 0; i < THREADS; i++)
            CHECK(wait_for_stop(tids[i]) == SIGSTOP);
        sum = sum * 31 + look();
        for (int i = 0; i < THREADS; i++)
            CHECK(ptrace(PTRACE_CONT, tids[i], 0, 0) == 0);
    }
    say("%lx\n", sum);
    CHECK(kill(pid, SIGKILL) == 0);
    return 0;
}

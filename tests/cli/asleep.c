/* asleep MODE: tasks that wait for each other as the recording ends, which is while 8 MiB of random
 * bytes are read, more than a limited trace holds. All have to come to their end. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

static const char *self;
static int generation;

/* The time stamp counter, too, works before the end of the recording and after it. */
static void fill_trace(size_t len)
{
    static _Thread_local char random[1 << 16];
    int fd = open("/dev/urandom", O_RDONLY);
    for (size_t done = 0; done < len && __rdtsc() != 0;) {
        ssize_t n = read(fd, random, sizeof random); /* less if it was interrupted: random(4) */
        if (n <= 0)
            _exit(9);
        done += (size_t)n;
    }
    close(fd);
}

static int end_of(pid_t pid)
{
    int status = -1;
    return waitpid(pid, &status, 0) == pid ? status : -1;
}

/* The parent is asleep until the child, which goes on first, execs: vfork(2). */
static int wait_for_vfork(void)
{
    pid_t pid = vfork();
    if (pid == 0) {
        fill_trace(8 << 20);
        execl("/bin/sh", "sh", "-c", "exit 7", (char *)NULL);
        _exit(8);
    }
    return WEXITSTATUS(end_of(pid)) == 7 ? 0 : 1;
}

static void *wait_for_ever(void *arg)
{
    for (;;)
        pause();
    return arg;
}

static void *read_for_ever(void *arg)
{
    for (;;)
        fill_trace(1 << 16);
    return arg;
}

static void *exec_again(void *arg)
{
    char next[16];
    (void)arg;
    fill_trace(3 << 16);
    snprintf(next, sizeof next, "%d", generation - 1);
    execl(self, self, "exec", next, (char *)NULL);
    _exit(8);
}

/* A thread that execs waits for the end of all others: execve(2). */
static int exec_from_threads(void)
{
    pthread_t thread;
    if (generation == 0)
        return 0;
    if (pthread_create(&thread, NULL, wait_for_ever, NULL) != 0 ||
        pthread_create(&thread, NULL, read_for_ever, NULL) != 0 ||
        pthread_create(&thread, NULL, exec_again, NULL) != 0)
        return 1;
    wait_for_ever(NULL);
    return 2;
}

static volatile sig_atomic_t continued;

static void go_on(int sig)
{
    continued = sig;
}

/* Who is stopped stays so until somebody continues it: signal(7). */
static int stay_stopped(void)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGCONT, go_on);
        raise(SIGSTOP);
        _exit(continued == SIGCONT ? 7 : 8);
    }
    if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
        return 1;
    fill_trace(8 << 20);
    usleep(100000); /* or it could be on its way yet */
    if (waitpid(pid, &status, WUNTRACED | WCONTINUED | WNOHANG) != 0)
        return 2;
    if (kill(pid, SIGCONT) < 0)
        return 3;
    return WEXITSTATUS(end_of(pid)) == 7 ? 0 : 4;
}

static int readable, set;

static void *sleep_in_calls(void *arg)
{
    struct epoll_event event = {.events = EPOLLIN};
    struct timespec time = {.tv_nsec = 200000000};
    struct sembuf down = {.sem_op = -1};
    int poll = epoll_create1(0);
    switch ((intptr_t)arg) {
    case 0:
        return nanosleep(&time, NULL) == 0 ? NULL : arg;
    case 1:
        return semop(set, &down, 1) == 0 ? NULL : &set;
    default:
        epoll_ctl(poll, EPOLL_CTL_ADD, readable, &event);
        return epoll_wait(poll, &event, 1, -1) == 1 ? NULL : &readable;
    }
}

/* Calls of which some are not restarted by the kernel after a stop: signal(7). */
static int stay_in_calls(void)
{
    pthread_t threads[3];
    struct sembuf up = {.sem_op = 1};
    uint64_t one = 1;
    int failed = 0;
    readable = eventfd(0, 0);
    set = semget(IPC_PRIVATE, 1, 0600);
    for (intptr_t i = 0; i < 3; i++)
        failed += pthread_create(&threads[i], NULL, sleep_in_calls, (void *)i) != 0;
    usleep(50000);
    fill_trace(8 << 20);
    failed += semop(set, &up, 1) != 0;
    failed += write(readable, &one, sizeof one) != sizeof one;
    for (int i = 0; i < 3; i++) {
        void *result = &one;
        failed += pthread_join(threads[i], &result) != 0 || result != NULL;
    }
    semctl(set, 0, IPC_RMID);
    return failed;
}

enum { SENT = 400 };
static volatile sig_atomic_t received, wrong;
static volatile pid_t sender;

static void receive(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)context;
    wrong += info->si_code != SI_USER || (sender != 0 && info->si_pid != sender);
    received++;
}

/* Signals that are on their way to a process that computes. */
static int get_signals(void)
{
    struct sigaction action = {.sa_sigaction = receive, .sa_flags = SA_SIGINFO};
    sigaction(SIGRTMIN, &action, NULL);
    sender = fork();
    if (sender == 0) {
        for (int i = 0; i < SENT; i++) {
            fill_trace(1);
            kill(getppid(), SIGRTMIN);
        }
        _exit(7);
    }
    while (received < SENT)
        ;
    return WEXITSTATUS(end_of(sender)) == 7 ? wrong : 1;
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    self = argv[0];
    generation = argc > 2 ? atoi(argv[2]) : 0;
    int failed = strcmp(mode, "vfork") == 0     ? wait_for_vfork()
                 : strcmp(mode, "exec") == 0    ? exec_from_threads()
                 : strcmp(mode, "stopped") == 0 ? stay_stopped()
                 : strcmp(mode, "calls") == 0   ? stay_in_calls()
                 : strcmp(mode, "signals") == 0 ? get_signals()
                                                : 9;
    if (failed == 0)
        puts("the end");
    return failed;
}

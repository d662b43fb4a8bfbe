/* Torture: threads lock, wait, signal, fork, sleep, time out, map, allocate, exchange bytes by
 * pipes and sockets, and are made and joined meanwhile, in an order that differs each time. */
#include "threads.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>

enum { THREADS = 6, ROUNDS = 90 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_t threads[THREADS];
static uint64_t sum, turns;
static int pipes[2], sockets[2], events, epoll, got;

static void on_signal(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info, (void)context;
    got++;
}

static void add(uint64_t what)
{
    pthread_mutex_lock(&mutex);
    note(&sum, what);
    pthread_mutex_unlock(&mutex);
}

static void *brief(void *arg)
{
    add((uint64_t)arg);
    return NULL;
}

static void act(uint64_t choice)
{
    char bytes[64] = {0};
    struct timespec t = {.tv_nsec = (long)(choice % 400) * 1000};
    switch (choice % 14) {
    case 0:
        write_all(pipes[1], bytes, 3);
        break;
    case 1:
        add((uint64_t)read(pipes[0], bytes, 7));
        break;
    case 2:
        CHECK(send(sockets[0], bytes, choice % 60 + 1, 0) > 0);
        break;
    case 3:
        add((uint64_t)recv(sockets[1], bytes, sizeof bytes, MSG_DONTWAIT));
        break;
    case 4:
        nanosleep(&t, NULL);
        break;
    case 5:
        pthread_kill(threads[choice / 14 % THREADS], SIGUSR1);
        break;
    case 6: {
        pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0)
            _exit((int)(choice % 50));
        add((uint64_t)wait_for(pid));
        break;
    }
    case 7: {
        void *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(p != MAP_FAILED);
        memset(p, (int)choice, 8192);
        add(hash_of(p, 100));
        CHECK(munmap(p, 8192) == 0);
        break;
    }
    case 8:
        CHECK(pthread_join(start(brief, (void *)choice), NULL) == 0);
        break;
    case 9: {
        struct pollfd p[2] = {{.fd = pipes[0], .events = POLLIN}, {.fd = events, .events = POLLIN}};
        add((uint64_t)poll(p, 2, (int)(choice % 3)) + (uint64_t)p[0].revents);
        break;
    }
    case 10: {
        struct epoll_event e[4];
        uint64_t one = 1;
        write_all(events, &one, sizeof one);
        add((uint64_t)epoll_wait(epoll, e, 4, 1));
        break;
    }
    case 11: {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec = (until.tv_nsec + 500000) % 1000000000;
        pthread_mutex_lock(&mutex);
        turns++;
        pthread_cond_signal(&condition);
        note(&sum, (uint64_t)pthread_cond_timedwait(&condition, &mutex, &until));
        pthread_mutex_unlock(&mutex);
        break;
    }
    case 12:
        pthread_rwlock_wrlock(&lock);
        note(&sum, work(choice));
        pthread_rwlock_unlock(&lock);
        break;
    case 13:
        pthread_rwlock_rdlock(&lock);
        free(malloc(choice % 300000));
        pthread_rwlock_unlock(&lock);
        break;
    }
}

static void *run(void *arg)
{
    uint64_t choice = random_word() ^ (uint64_t)arg;
    for (int i = 0; i < ROUNDS; i++) {
        choice = choice * 6364136223846793005 + 1442695040888963407;
        act(choice >> 20);
    }
    return NULL;
}

int main(void)
{
    struct epoll_event wanted = {.events = EPOLLIN};
    handle(SIGUSR1, on_signal, SA_RESTART);
    CHECK(pipe2(pipes, O_NONBLOCK) == 0 && socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets) == 0);
    CHECK(fcntl(sockets[0], F_SETFL, O_RDWR) == 0);
    int size = 1 << 20;
    setsockopt(sockets[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    events = eventfd(0, EFD_NONBLOCK);
    epoll = epoll_create1(0);
    CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, events, &wanted) == 0);
    for (int i = 0; i < THREADS; i++)
        threads[i] = pthread_self();
    pthread_t made[THREADS];
    for (uint64_t i = 0; i < THREADS; i++)
        made[i] = start(run, (void *)i);
    join_all(made, THREADS);
    say("%016lx, %lu turns, %d signals\n", (long)sum, (long)turns, got);
    return 0;
}

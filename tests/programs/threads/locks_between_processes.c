/* Processes share memory by name and by inheritance: mutexes, conditions and semaphores in it, a
 * named semaphore, and a queue that both fill: shm_open(3), sem_open(3), memfd_create(2). */
#include "threads.h"

#include <semaphore.h>
#include <sys/mman.h>

enum { PROCESSES = 3, ROUNDS = 120 };

struct shared {
    pthread_mutex_t mutex;
    pthread_cond_t turned;
    sem_t semaphore;
    uint64_t sum;
    int turn;
};

static struct shared *map(int fd)
{
    void *p = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(p != MAP_FAILED);
    return p;
}

static void set_up(struct shared *s)
{
    pthread_mutexattr_t m;
    pthread_condattr_t c;
    CHECK(pthread_mutexattr_init(&m) == 0 && pthread_condattr_init(&c) == 0);
    CHECK(pthread_mutexattr_setpshared(&m, PTHREAD_PROCESS_SHARED) == 0);
    CHECK(pthread_condattr_setpshared(&c, PTHREAD_PROCESS_SHARED) == 0);
    CHECK(pthread_mutex_init(&s->mutex, &m) == 0 && pthread_cond_init(&s->turned, &c) == 0);
    CHECK(sem_init(&s->semaphore, 1, 1) == 0);
}

static void play(struct shared *s, sem_t *named, int me)
{
    for (int i = 0; i < ROUNDS; i++) {
        CHECK(pthread_mutex_lock(&s->mutex) == 0);
        while (s->turn % PROCESSES != me)
            CHECK(pthread_cond_wait(&s->turned, &s->mutex) == 0);
        s->turn++;
        note(&s->sum, (uint64_t)now_ns());
        CHECK(pthread_cond_broadcast(&s->turned) == 0);
        CHECK(pthread_mutex_unlock(&s->mutex) == 0);
        CHECK(sem_wait(&s->semaphore) == 0);
        note(&s->sum, (uint64_t)me);
        CHECK(sem_post(&s->semaphore) == 0);
        CHECK(sem_wait(named) == 0);
        uint64_t sum = s->sum;
        sched_yield();
        s->sum = sum + (uint64_t)me;
        CHECK(sem_post(named) == 0);
    }
}

int main(void)
{
    char name[64];
    snprintf(name, sizeof name, "/reprise-locks-%d", (int)getpid());
    int by_name = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    CHECK(by_name >= 0 && ftruncate(by_name, sizeof(struct shared)) == 0);
    sem_t *named = sem_open(name, O_CREAT | O_EXCL, 0600, 1);
    CHECK(named != SEM_FAILED);
    int memfd = memfd_create("locks", MFD_CLOEXEC);
    CHECK(memfd >= 0 && ftruncate(memfd, sizeof(struct shared)) == 0);
    struct shared *inherited = map(memfd), *opened = map(by_name);
    set_up(inherited);
    set_up(opened);
    CHECK(munmap(opened, sizeof *opened) == 0);

    pid_t pids[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        pids[i] = fork();
        CHECK(pids[i] >= 0);
        if (pids[i] != 0)
            continue;
        play(inherited, named, i);
        play(map(by_name), named, i);
        _exit(0);
    }
    for (int i = 0; i < PROCESSES; i++)
        wait_for_success(pids[i]);
    opened = map(by_name);
    say("%d %016lx %d %016lx\n", inherited->turn, (long)inherited->sum, opened->turn,
        (long)opened->sum);
    CHECK(sem_unlink(name) == 0 && shm_unlink(name) == 0);
    return 0;
}

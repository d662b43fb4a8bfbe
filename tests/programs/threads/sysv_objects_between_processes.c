/* Processes and threads share a segment by shmat, take turns by semop, and send messages by msgsnd:
 * shmop(2), semop(2), msgop(2). */
#include "threads.h"

#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

enum { PROCESSES = 3, ROUNDS = 60 };

static int segment, semaphores, queue;

struct shared {
    uint64_t sum, turns;
};

static void change(int which, int by)
{
    struct sembuf b = {.sem_num = (unsigned short)which, .sem_op = (short)by};
    int r;
    while ((r = semop(semaphores, &b, 1)) < 0 && errno == EINTR)
        ;
    CHECK(r == 0);
}

static void *play(void *arg)
{
    struct shared *s = shmat(segment, NULL, 0);
    CHECK(s != (void *)-1);
    for (int i = 0; i < ROUNDS; i++) {
        struct {
            long type;
            uint64_t word;
        } m = {(long)(uint64_t)arg + 1, 0};
        change(0, -1);
        note(&s->sum, (uint64_t)arg);
        m.word = s->sum;
        s->turns++;
        change(0, 1);
        CHECK(msgsnd(queue, &m, sizeof m.word, 0) == 0);
        CHECK(msgrcv(queue, &m, sizeof m.word, 0, 0) == sizeof m.word);
        change(0, -1);
        note(&s->sum, m.word + (uint64_t)m.type);
        change(0, 1);
    }
    CHECK(shmdt(s) == 0);
    return NULL;
}

int main(void)
{
    segment = shmget(IPC_PRIVATE, 4096, 0600);
    semaphores = semget(IPC_PRIVATE, 1, 0600);
    queue = msgget(IPC_PRIVATE, 0600);
    CHECK(segment >= 0 && semaphores >= 0 && queue >= 0);
    change(0, 1);
    pid_t pids[PROCESSES];
    for (uint64_t i = 0; i < PROCESSES; i++) {
        pids[i] = fork();
        CHECK(pids[i] >= 0);
        if (pids[i] == 0) {
            pthread_t t = start(play, (void *)(i + 10));
            play((void *)i);
            join_all(&t, 1);
            _exit(0);
        }
    }
    for (int i = 0; i < PROCESSES; i++)
        wait_for_success(pids[i]);
    struct shared *s = shmat(segment, NULL, 0);
    CHECK(s != (void *)-1 && s->turns == 2 * PROCESSES * ROUNDS);
    say("%016lx\n", (long)s->sum);
    CHECK(shmctl(segment, IPC_RMID, NULL) == 0 && semctl(semaphores, 0, IPC_RMID) == 0);
    CHECK(msgctl(queue, IPC_RMID, NULL) == 0);
    return 0;
}

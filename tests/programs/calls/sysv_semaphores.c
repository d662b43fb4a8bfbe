/* semctl's fourth argument is a value, an array or a structure by command; semop blocks:
 * semctl(2), semop(2). */
#include "check.h"

#include <sys/sem.h>

union semun {
    int val;
    struct semid_ds *buf;
    unsigned short *array;
};

int main(void)
{
    int id = semget(IPC_PRIVATE, 3, IPC_CREAT | 0600);
    if (id < 0)
        SKIP("no System V semaphores here");
    unsigned short values[5] = {4, 0, 7, 0xaaaa, 0xaaaa};
    CHECK(semctl(id, 0, SETALL, (union semun){.array = values}) == 0);
    memset(values, 0xaa, sizeof values);
    CHECK(semctl(id, 0, GETALL, (union semun){.array = values}) == 0);
    CHECK(values[0] == 4 && values[2] == 7 && values[3] == 0xaaaa);
    struct semid_ds state;
    CHECK(semctl(id, 0, IPC_STAT, (union semun){.buf = &state}) == 0 && state.sem_nsems == 3);
    say("set %d changed at %ld\n", id, (long)state.sem_ctime);

    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        sleep_ms(20);
        struct sembuf up = {.sem_num = 1, .sem_op = 2};
        CHECK(semop(id, &up, 1) == 0);
        _exit(0);
    }
    struct sembuf both[2] = {{.sem_num = 0, .sem_op = -4}, {.sem_num = 1, .sem_op = -2}};
    CHECK(semop(id, both, 2) == 0);
    say("taken at %ld, last by %d\n", (long)now_ns(), semctl(id, 1, GETPID));
    wait_for_success(child);
    CHECK(semctl(id, 0, GETVAL) == 0 && semctl(id, 2, GETVAL) == 7);
    struct timespec brief = {0, 5000000};
    CHECK(semtimedop(id, both, 1, &brief) == -1 && errno == EAGAIN);
    CHECK(semctl(id, 0, IPC_RMID) == 0);
    return 0;
}

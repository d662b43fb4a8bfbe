/* Segments attached with shmat are inherited by fork and found again by their number; shmdt and
 * IPC_RMID end them: shmop(2). */
#include "check.h"

#include <sys/shm.h>

int main(void)
{
    int id = shmget(IPC_PRIVATE, 3 * 4096, IPC_CREAT | 0600);
    if (id < 0)
        SKIP("no System V shared memory here");
    volatile uint64_t *a = shmat(id, NULL, 0);
    CHECK(a != (void *)-1);
    const volatile uint64_t *readonly = shmat(id, NULL, SHM_RDONLY);
    CHECK(readonly != (void *)-1 && readonly != a);
    a[5] = random_word();
    CHECK(readonly[5] == a[5]);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(shmdt((const void *)readonly) == 0);
        volatile uint64_t *b = shmat(id, NULL, 0);
        CHECK(b != (void *)-1 && b[5] == a[5]);
        b[6] = random_word();
        b[1024] = 7;
        _exit(0);
    }
    wait_for_success(child);
    CHECK(readonly[1024] == 7);
    struct shmid_ds state;
    CHECK(shmctl(id, IPC_STAT, &state) == 0 && state.shm_nattch == 2 &&
          state.shm_segsz == 3 * 4096);
    say("%d: %016lx %016lx, by %d\n", id, (long)a[5], (long)a[6], (int)state.shm_lpid);
    CHECK(shmctl(id, IPC_RMID, NULL) == 0);
    CHECK(shmdt((const void *)a) == 0 && readonly[1024] == 7);
    CHECK(shmdt((const void *)readonly) == 0);
    CHECK(shmat(id, NULL, 0) == (void *)-1 && (errno == EINVAL || errno == EIDRM));
    return 0;
}

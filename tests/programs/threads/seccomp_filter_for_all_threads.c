/* A thread installs a filter for all, with SECCOMP_FILTER_FLAG_TSYNC, while others wait in calls
 * and make calls: seccomp(2). */
#include "threads.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

enum { THREADS = 3 };
static volatile bool stop;
static int fds[2];
static int refused[THREADS];

static void *run(void *arg)
{
    uint64_t me = (uint64_t)arg;
    char c;
    if (me == 0) {
        CHECK(read(fds[0], &c, 1) == 1 && c == 'x');
        CHECK(syscall(SYS_getppid) == -1 && errno == EPERM);
        return NULL;
    }
    while (!stop)
        if (syscall(SYS_getppid) < 0) {
            CHECK(errno == EPERM);
            refused[me]++;
            sched_yield();
        }
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    CHECK(pipe(fds) == 0);
    for (uint64_t i = 0; i < THREADS; i++)
        threads[i] = start(run, (void *)i);
    sleep_ms(3);
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog prog = {.len = 4, .filter = code};
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &prog) != 0)
        SKIP("no filters here (errno %d)", errno);
    CHECK(syscall(SYS_getppid) == -1 && errno == EPERM);
    while (__atomic_load_n(&refused[1], __ATOMIC_SEQ_CST) < 3 ||
           __atomic_load_n(&refused[2], __ATOMIC_SEQ_CST) < 3)
        sleep_ms(1);
    stop = true;
    write_all(fds[1], "x", 1);
    join_all(threads, THREADS);
    say("%d %d\n", refused[1], refused[2]);
    return 0;
}

/* A filter hands calls of one thread to another one of the same process, which decides what they
 * return (SECCOMP_RET_USER_NOTIF, seccomp_unotify(2)): calls that never wait elsewhere wait here
 * until the other thread has run. */
#include "threads.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

enum { CALLS = 6 };

static int listener[2];

static void *decide(void *arg)
{
    int fd;
    read_all(listener[0], &fd, sizeof fd);
    for (int i = 0; i < CALLS; i++) {
        struct seccomp_notif asked = {0};
        CHECK(ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &asked) == 0);
        CHECK(asked.data.nr == SYS_getpgid);
        struct seccomp_notif_resp answer = {.id = asked.id,
                                            .val = (int64_t)(random_word() & 0xffff)};
        CHECK(ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &answer) == 0);
    }
    return arg;
}

static int install(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof code / sizeof code[0], .filter = code};
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    long fd =
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
    if (fd < 0)
        SKIP("no listener to a filter (errno %d)", errno);
    return (int)fd;
}

int main(void)
{
    CHECK(pipe(listener) == 0);
    pthread_t thread = start(decide, NULL);
    int fd = install();
    write_all(listener[1], &fd, sizeof fd);
    uint64_t sum = 0;
    for (int i = 0; i < CALLS; i++) {
        long got = syscall(SYS_getpgid, 0);
        CHECK(got >= 0 && got <= 0xffff);
        note(&sum, (uint64_t)got);
    }
    join_all(&thread, 1);
    say("%016lx\n", (long)sum);
    return 0;
}

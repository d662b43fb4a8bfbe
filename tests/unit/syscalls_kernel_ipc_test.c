/* Message queues, semaphores, shared memory, keys, mounts against the kernel that runs. What the
 * machine refuses is checked all the same: then nothing may be written but what is told. */
#include "syscalls_probe.h"

#include <asm/unistd_64.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

#include <cmocka.h>

static void shared_memory(struct probe *p)
{
    int id = shmget(IPC_PRIVATE, 4096, 0600);

    assert_true(id >= 0);
    call_exactly(p, 0, __NR_shmctl, id, IPC_STAT, place(p, 200));
    call_exactly(p, 0, __NR_shmctl, 0, 3 /* IPC_INFO */, place(p, 200));
    call_exactly(p, 8, __NR_shmctl, 0, 14 /* SHM_INFO */, place(p, 200));
    call_exactly(p, 8, __NR_shmctl, id % 32768, 13 /* SHM_STAT */, place(p, 200));
    call_exactly(p, 8, __NR_shmctl, id % 32768, 15 /* SHM_STAT_ANY */, place(p, 200));
    call(p, __NR_shmctl, id, IPC_STAT, place_at_the_end(p, 50));
    call(p, __NR_shmctl, id, 0x100 | IPC_STAT, place(p, 200));
    call(p, __NR_shmctl, -1, IPC_STAT, place(p, 200));
    call(p, __NR_shmctl, id, IPC_RMID, 0);
}

static void semaphores(struct probe *p)
{
    int id = semget(IPC_PRIVATE, 3, 0600);
    struct sembuf up = {0, 1, 0};
    uint64_t args[6] = {(uint64_t)id, 0, GETALL, (uint64_t)place(p, 64)};

    assert_true(id >= 0);
    call_exactly(p, 0, __NR_semctl, id, 0, IPC_STAT, place(p, 200));
    call_exactly(p, 0, __NR_semctl, 0, 0, 3 /* IPC_INFO */, place(p, 200));
    call_exactly(p, 0, __NR_semctl, 0, 0, 19 /* SEM_INFO */, place(p, 200));
    call(p, __NR_semctl, id % 32768, 0, 18 /* SEM_STAT */, place(p, 200));
    call(p, __NR_semctl, id, 0, GETVAL);
    call(p, __NR_semop, id, PLACE(p, up), 1);
    assert_int_equal(probe_unlisted(p, __NR_semctl, args), 0);
    call(p, __NR_semctl, id, 0, IPC_RMID);
}

static void messages(struct probe *p)
{
    int id = msgget(IPC_PRIVATE, 0600);
    struct {
        int64_t type;
        char text[10];
    } message = {7, "012345678"};

    assert_true(id >= 0);
    assert_int_equal(call(p, __NR_msgsnd, id, PLACE(p, message), 10, 0), 0);
    assert_int_equal(call(p, __NR_msgsnd, id, PLACE(p, message), 10, 0), 0);
    assert_int_equal(call(p, __NR_msgsnd, id, PLACE(p, message), 0, 0), 0);
    call_exactly(p, 0, __NR_msgctl, id, IPC_STAT, place(p, 200));
    call_exactly(p, 0, __NR_msgctl, 0, 3 /* IPC_INFO */, place(p, 200));
    call_exactly(p, 0, __NR_msgctl, 0, 12 /* MSG_INFO */, place(p, 200));
    call(p, __NR_msgctl, id % 32768, 11 /* MSG_STAT */, place(p, 200));
    assert_int_equal(call_exactly(p, 0, __NR_msgrcv, id, place(p, 100), 90, 0, 0), 10);
    assert_int_equal(call(p, __NR_msgrcv, id, place(p, 100), 3, 0, 0), -E2BIG);
    assert_int_equal(call_exactly(p, 0, __NR_msgrcv, id, place(p, 100), 3, 0, MSG_NOERROR), 3);
    call(p, __NR_msgrcv, id, place_at_the_end(p, 4), 3, 0, MSG_NOERROR);
    call(p, __NR_msgrcv, id, place(p, 100), 3, 0, IPC_NOWAIT);
    call(p, __NR_msgctl, id, IPC_RMID, 0);
}

static void posix_queues(struct probe *p)
{
    struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
    char *name = place_string(p, "reprise-syscalls-test");
    int64_t fd;

    fd = call(p, __NR_mq_open, name, O_RDWR | O_CREAT | O_NONBLOCK, 0600, PLACE(p, attr));
    if (fd < 0)
        return;
    call(p, __NR_mq_timedsend, fd, place_string(p, "0123456789"), 10, 3, 0);
    call(p, __NR_mq_timedsend, fd, place_string(p, "0123456789"), 10, 3, 0);
    call_exactly(p, 0, __NR_mq_timedreceive, fd, place(p, 64), 64, place(p, 4), 0);
    call(p, __NR_mq_timedreceive, fd, place_at_the_end(p, 5), 64, place(p, 4), 0);
    call(p, __NR_mq_timedreceive, fd, place(p, 64), 64, place(p, 4), 0);
    call_exactly(p, 32, __NR_mq_getsetattr, fd, 0, place(p, 100));
    call(p, __NR_mq_notify, fd, 0);
    call(p, __NR_mq_unlink, name);
    close((int)fd);
}

static void keys(struct probe *p)
{
    int64_t key = call(p, __NR_add_key, place_string(p, "user"), place_string(p, "reprise-test"),
                       place_string(p, "payload"), 7, -1 /* thread keyring */);

    call(p, __NR_keyctl, 6 /* DESCRIBE */, key, place(p, 200), 200);
    call(p, __NR_keyctl, 6, key, place(p, 200), 5);
    call(p, __NR_keyctl, 11 /* READ */, key, place(p, 200), 200);
    call(p, __NR_keyctl, 11, key, place(p, 200), 3);
    call(p, __NR_keyctl, 17 /* GET_SECURITY */, key, place(p, 200), 200);
    call(p, __NR_keyctl, 31 /* CAPABILITIES */, place(p, 200), 100);
    call(p, __NR_keyctl, 10 /* SEARCH */, -1, place_string(p, "user"),
         place_string(p, "reprise-test"), 0);
    call(p, __NR_keyctl, 3 /* REVOKE */, key);
}

static void mounts(struct probe *p)
{
    struct {
        uint32_t size, spare;
        uint64_t id, param;
    } request = {24, 0, UINT64_MAX /* LSMT_ROOT */, 0};
    uint64_t *ids = place(p, 800), id;
    int64_t n;

    n = call(p, 458, PLACE(p, request), ids, 100, 0);
    if (n > 0) {
        id = ids[0];
        request.id = id;
        request.param = 0x7f;
        call(p, 457, PLACE(p, request), place(p, 2000), 2000, 0);
        call(p, 457, PLACE(p, request), place(p, 2000), 100, 0);
        request.param = 0x1;
        call(p, 457, PLACE(p, request), place(p, 2000), 520, 0);
    }
    call(p, __NR_quotactl, 0x80000401 /* Q_GETFMT */, place_string(p, "/dev/none"), 0, place(p, 8));
    call(p, __NR_quotactl, 0x80000700 /* Q_GETQUOTA */, place_string(p, "/dev/none"), 0,
         place(p, 80));
    call(p, __NR_lookup_dcookie, 1, place(p, 100), 100);
}

#define TEST(name)                                                                                 \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        probe_run(name);                                                                           \
    }
TEST(shared_memory)
TEST(semaphores)
TEST(messages)
TEST(posix_queues)
TEST(keys)
TEST(mounts)

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"shared_memory_is_told_by_command", test_shared_memory, NULL, NULL, NULL},
        {"semaphores_are_told_by_command", test_semaphores, NULL, NULL, NULL},
        {"messages_are_told_with_their_type", test_messages, NULL, NULL, NULL},
        {"posix_queues_are_told", test_posix_queues, NULL, NULL, NULL},
        {"keys_are_told_by_command", test_keys, NULL, NULL, NULL},
        {"mounts_are_told", test_mounts, NULL, NULL, NULL},
    };
    int failed = cmocka_run_group_tests_name("syscalls_kernel_ipc", tests, NULL, NULL);

    print_message("%u calls checked\n", probe_calls());
    return failed;
}

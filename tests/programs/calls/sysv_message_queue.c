/* System V messages: msgrcv writes the type and the returned count of bytes; msgctl fills a
 * structure: msgop(2). */
#include "check.h"

#include <sys/msg.h>

struct message {
    long type;
    unsigned char data[100];
};

int main(void)
{
    int q = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    if (q < 0)
        SKIP("no System V queues here");
    struct message out = {.type = 5}, in;
    for (int i = 0; i < 96; i += 8)
        memcpy(out.data + i, &(uint64_t){random_word()}, 8);
    CHECK(msgsnd(q, &out, 50, 0) == 0);
    out.type = 3;
    CHECK(msgsnd(q, &out, 20, 0) == 0);
    struct msqid_ds state;
    CHECK(msgctl(q, IPC_STAT, &state) == 0 && state.msg_qnum == 2 && state.msg_lspid == getpid());
    say("queue %d, %lu bytes, sent at %ld\n", q, (long)state.__msg_cbytes, (long)state.msg_stime);
    memset(&in, 0xaa, sizeof in);
    CHECK(msgrcv(q, &in, 100, 3, 0) == 20 && in.type == 3 && in.data[20] == 0xaa);
    CHECK(msgrcv(q, &in, 10, 0, 0) == -1 && errno == E2BIG);
    memset(&in, 0xaa, sizeof in);
    CHECK(msgrcv(q, &in, 10, 0, MSG_NOERROR) == 10 && in.type == 5 && in.data[10] == 0xaa);
    say("%016lx\n", (long)hash_of(&in, sizeof in));
    CHECK(msgrcv(q, &in, 10, 0, IPC_NOWAIT) == -1 && errno == ENOMSG);

    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(msgrcv(q, &in, 100, 7, 0) == 8);
        say("child got %016lx\n", (long)hash_of(in.data, 8));
        _exit(0);
    }
    sleep_ms(20);
    out.type = 7;
    CHECK(msgsnd(q, &out, 8, 0) == 0);
    wait_for_success(child);
    CHECK(msgctl(q, IPC_RMID, NULL) == 0);
    return 0;
}

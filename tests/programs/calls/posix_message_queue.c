/* Messages come by priority; mq_receive returns the length and writes the priority; mq_notify
 * sends a signal: mq_overview(7). */
#include "check.h"

#include <mqueue.h>

static volatile sig_atomic_t told;

static void on_message(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)context;
    told = info->si_code == SI_MESGQ ? info->si_value.sival_int : -1;
}

int main(void)
{
    char name[64];
    snprintf(name, sizeof name, "/reprise-%d-%08x", (int)getpid(), (unsigned)random_word());
    struct mq_attr attr = {.mq_maxmsg = 5, .mq_msgsize = 100}, got;
    mqd_t q = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
    if (q == (mqd_t)-1)
        SKIP("no message queues here");
    CHECK(mq_unlink(name) == 0);
    handle(SIGUSR1, on_message, 0);
    struct sigevent event = {
        .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 31};
    CHECK(mq_notify(q, &event) == 0);
    uint64_t word = random_word();
    CHECK(mq_send(q, (char *)&word, sizeof word, 3) == 0);
    CHECK(told == 31);
    CHECK(mq_send(q, "urgent", 6, 9) == 0);
    CHECK(mq_getattr(q, &got) == 0 && got.mq_curmsgs == 2 && got.mq_maxmsg == 5);
    char buffer[120];
    unsigned priority = 0;
    memset(buffer, 0xaa, sizeof buffer);
    CHECK(mq_receive(q, buffer, sizeof buffer, &priority) == 6 && priority == 9);
    CHECK(memcmp(buffer, "urgent", 6) == 0 && (unsigned char)buffer[6] == 0xaa);
    CHECK(mq_receive(q, buffer, 10, NULL) == -1 && errno == EMSGSIZE);
    CHECK(mq_receive(q, buffer, sizeof buffer, &priority) == 8 && priority == 3);
    CHECK(memcmp(buffer, &word, 8) == 0);
    say("%s: %016lx\n", name, (long)word);
    struct timespec past = {1, 0};
    CHECK(mq_timedreceive(q, buffer, sizeof buffer, &priority, &past) == -1 && errno == ETIMEDOUT);

    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        sleep_ms(20);
        CHECK(mq_send(q, "late", 4, 0) == 0);
        _exit(0);
    }
    CHECK(mq_receive(q, buffer, sizeof buffer, NULL) == 4);
    say("late at %ld\n", (long)now_ns());
    wait_for_success(child);
    return 0;
}

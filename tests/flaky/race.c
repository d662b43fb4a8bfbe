/* Two threads store their number; which one is last decides. Each waits for its turn on a fifo. */
#include "flaky.h"

#include <pthread.h>

static int last;

struct turn {
    int go, done, number;
};

static void *take_turn(void *arg)
{
    const struct turn *turn = arg;
    char c;
    MUST(read(turn->go, &c, 1));
    __atomic_store_n(&last, turn->number, __ATOMIC_SEQ_CST);
    MUST(write(turn->done, "d", 1));
    return NULL;
}

int main(void)
{
    struct turn turns[2];
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        char name[16];
        snprintf(name, sizeof name, "go%d", i);
        turns[i].go = MUST(open(name, O_RDWR));
        snprintf(name, sizeof name, "done%d", i);
        turns[i].done = MUST(open(name, O_RDWR));
        turns[i].number = i;
    }
    for (int i = 0; i < 2; i++)
        if (pthread_create(&threads[i], NULL, take_turn, &turns[i]) != 0)
            return 3;
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    return verdict(last == 1);
}

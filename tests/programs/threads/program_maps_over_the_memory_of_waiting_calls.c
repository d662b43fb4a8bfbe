/* A recorder may have calls that wait write to an area of its own, which lies where nobody else
 * puts anything. A program that maps something there, even so, keeps what it has written there. */
#include "threads.h"

#include <sys/mman.h>

enum { SIZE = 64 << 20, USED = 1 << 20, ROUNDS = 20 };

static char *const area = (char *)0x2b0000000000;
static int pipes[2];

static void *reader(void *arg)
{
    char got[5000];
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        read_all(pipes[0], got, sizeof got);
        for (size_t j = 0; j < sizeof got; j++)
            CHECK(got[j] == 'a' + i);
    }
    return NULL;
}

/* The reader waits whenever the pipe is empty. */
static void hand_over(void)
{
    char bytes[5000];
    pthread_t thread = start(reader, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        sleep_ms(1);
        memset(bytes, 'a' + i, sizeof bytes);
        write_all(pipes[1], bytes, sizeof bytes);
    }
    join_all(&thread, 1);
}

static void check_content(char c)
{
    for (size_t i = 0; i < USED; i++)
        CHECK(area[i] == c);
}

int main(void)
{
    CHECK(pipe(pipes) == 0);
    hand_over();
    char *p = mmap(area, SIZE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    CHECK(p == area);
    memset(area, 'x', USED);
    hand_over();
    check_content('x');
    CHECK(munmap(area, SIZE) == 0);
    hand_over();
    CHECK(mmap(area, SIZE, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == area);
    memset(area, 'y', USED);
    hand_over();
    check_content('y');
    say("all as it was written: %016lx\n", (long)random_word());
    return 0;
}

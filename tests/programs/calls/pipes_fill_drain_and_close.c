/* A pipe takes what fits, tells EAGAIN when it is full or empty, EOF when the writers are gone,
 * EPIPE when the readers are: pipe(7). O_DIRECT keeps packets apart. */
#include "check.h"

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    int p[2];
    CHECK(pipe2(p, O_NONBLOCK) == 0);
    char block[5000];
    memset(block, 'x', sizeof block);
    long total = 0;
    for (ssize_t n; (n = write(p[1], block, sizeof block)) > 0;)
        total += n;
    CHECK(errno == EAGAIN);
    say("pipe took %ld bytes\n", total);
    for (ssize_t n; (n = read(p[0], block, sizeof block)) > 0;)
        total -= n;
    CHECK(errno == EAGAIN && total == 0);
    CHECK(close(p[1]) == 0 && read(p[0], block, 1) == 0);

    int q[2];
    CHECK(pipe(q) == 0 && close(q[0]) == 0);
    CHECK(write(q[1], "x", 1) == -1 && errno == EPIPE);

    int d[2];
    CHECK(pipe2(d, O_DIRECT) == 0);
    uint64_t word = random_word();
    CHECK(write(d[1], &word, 8) == 8 && write(d[1], &word, 5) == 5);
    CHECK(read(d[0], block, 100) == 8 && memcmp(block, &word, 8) == 0);
    CHECK(read(d[0], block, 3) == 3); /* the rest of the packet is lost */
    say("%016lx\n", (long)word);

    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        close(d[0]);
        for (int i = 0; i < 100; i++)
            dprintf(d[1], "line %d of %d\n", i, (int)getpid());
        _exit(0);
    }
    close(d[1]);
    uint64_t hash = 0;
    for (ssize_t n; (n = read(d[0], block, 777)) > 0; total += n)
        hash += hash_of(block, (size_t)n);
    say("%ld bytes from %d: %016lx\n", total, (int)child, (long)hash);
    wait_for_success(child);
    return 0;
}

/* O_ASYNC sends a signal when data comes, with F_SETSIG one that carries the descriptor:
 * fcntl(2), "Managing signals". */
#include "check.h"

#include <sys/socket.h>

static volatile sig_atomic_t fd_ready = -1, band;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)context;
    fd_ready = info->si_fd;
    band = (sig_atomic_t)info->si_band;
}

int main(void)
{
    int pair[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    handle(SIGRTMIN + 4, handler, 0);
    CHECK(fcntl(pair[0], F_SETOWN, getpid()) == 0);
    CHECK(fcntl(pair[0], F_SETSIG, SIGRTMIN + 4) == 0);
    CHECK(fcntl(pair[0], F_SETFL, O_ASYNC | O_NONBLOCK) == 0);
    uint64_t word = random_word();
    write_all(pair[1], &word, sizeof word);
    for (int i = 0; i < 1000 && fd_ready < 0; i++)
        sleep_ms(1);
    CHECK(fd_ready == pair[0]);
    CHECK(read(pair[0], &word, sizeof word) == sizeof word);
    say("descriptor %d, band %d, %016lx\n", (int)fd_ready, (int)band, (long)word);
    return 0;
}

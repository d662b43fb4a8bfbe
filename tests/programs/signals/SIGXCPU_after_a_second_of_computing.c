/* RLIMIT_CPU sends SIGXCPU when the soft limit is reached: setrlimit(2). */
#include "check.h"

#include <sys/resource.h>

static volatile sig_atomic_t told;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info, (void)context;
    told++;
}

int main(void)
{
    handle(SIGXCPU, handler, 0);
    struct rlimit limit = {1, 10};
    CHECK(setrlimit(RLIMIT_CPU, &limit) == 0);
    uint64_t sum = 0, rounds = 0;
    for (int64_t end = now_ns() + 40000000000; !told && now_ns() < end; rounds++)
        for (uint64_t i = 0; i < 300000; i++)
            sum = sum * 6364136223846793005u + i;
    CHECK(told == 1);
    say("after %lu rounds: %016lx\n", (long)rounds, (long)sum);
    return 0;
}

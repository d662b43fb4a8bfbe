/* A write beyond RLIMIT_FSIZE is cut, the next one sends SIGXFSZ and fails with EFBIG:
 * setrlimit(2). */
#include "check.h"

#include <sys/resource.h>

static volatile sig_atomic_t runs;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info, (void)context;
    runs++;
}

int main(void)
{
    int fd = scratch_file();
    handle(SIGXFSZ, handler, 0);
    struct rlimit limit, old;
    CHECK(getrlimit(RLIMIT_FSIZE, &old) == 0);
    limit = (struct rlimit){1000, old.rlim_max};
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    char block[700];
    memset(block, (int)random_word(), sizeof block);
    CHECK(write(fd, block, sizeof block) == 700);
    CHECK(write(fd, block, sizeof block) == 300);
    CHECK(write(fd, block, sizeof block) == -1 && errno == EFBIG && runs == 1);
    CHECK(ftruncate(fd, 2000) == -1 && errno == EFBIG && runs == 2);
    CHECK(setrlimit(RLIMIT_FSIZE, &old) == 0);
    say("stopped at 1000 bytes, pid %d\n", (int)getpid());
    return 0;
}

/* Options of prctl(2) that write through a pointer or return a value. */
#include "check.h"

#include <sys/prctl.h>

int main(void)
{
    unsigned char name[32];
    memset(name, 0xaa, sizeof name);
    CHECK(prctl(PR_SET_NAME, "a long name that is cut") == 0);
    CHECK(prctl(PR_GET_NAME, name) == 0);
    CHECK(memcmp(name, "a long name tha", 16) == 0 && name[16] == 0xaa);

    int value = -1;
    CHECK(prctl(PR_SET_PDEATHSIG, SIGUSR2) == 0);
    CHECK(prctl(PR_GET_PDEATHSIG, &value) == 0 && value == SIGUSR2);
    CHECK(prctl(PR_GET_CHILD_SUBREAPER, &value) == 0 && value == 0);
    uint64_t word = 0xaaaaaaaaaaaaaaaa;
    if (prctl(PR_GET_TID_ADDRESS, &word) == 0)
        say("clear_child_tid at %016lx\n", (long)word);
    CHECK(prctl(PR_GET_DUMPABLE) == 1);
    CHECK(prctl(PR_SET_DUMPABLE, 0) == 0 && prctl(PR_GET_DUMPABLE) == 0);
    CHECK(prctl(PR_SET_DUMPABLE, 1) == 0);
    CHECK(prctl(PR_GET_SECCOMP) == 0);
    CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0);
    CHECK(prctl(PR_SET_TIMERSLACK, 123456) == 0 && prctl(PR_GET_TIMERSLACK) == 123456);
    say("keepcaps %d, timing %d, THP disabled %d\n", prctl(PR_GET_KEEPCAPS), prctl(PR_GET_TIMING),
        prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
    CHECK(prctl(9999) == -1 && errno == EINVAL);
    say("pid %d\n", (int)getpid());
    return 0;
}

/* With RLIMIT_NOFILE of 20 exactly 17 files can be opened beside the first three: getrlimit(2). */
#include "check.h"

#include <sys/resource.h>

int main(void)
{
    struct rlimit limit;
    for (int i = 0; i < RLIM_NLIMITS; i++)
        if (getrlimit((__rlimit_resource_t)i, &limit) == 0)
            say("limit %d: %ld %ld\n", i, (long)limit.rlim_cur, (long)limit.rlim_max);
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = 20;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    int count = 0;
    while (dup(1) >= 0)
        count++;
    CHECK(errno == EMFILE && count == 17);
    for (int fd = 3; fd < 20; fd++)
        CHECK(close(fd) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", "ulimit -n; echo $$", (char *)NULL);
        _exit(1);
    }
    wait_for_success(child);
    return 0;
}

/* A program finds only the descriptors that its parent gave it: a recorder's own must not be there,
 * and the first new one is the lowest that is free. */
#include "check.h"

#include <dirent.h>

int main(void)
{
    DIR *d = opendir("/proc/self/fd");
    CHECK(d != NULL);
    int count = 0, own = dirfd(d);
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        if (e->d_name[0] == '.')
            continue;
        int fd = atoi(e->d_name);
        say("%d ", fd);
        CHECK(fd <= 2 || fd == own);
        count++;
    }
    say("in %d\n", (int)getpid());
    CHECK(count == 4 && own == 3);
    closedir(d);
    for (int fd = 3; fd < 1100; fd++)
        CHECK(fcntl(fd, F_GETFD) == -1);
    CHECK(dup(1) == 3);
    return 0;
}

/* Programs executed with stdin, stdout or stderr closed: what they open next gets these numbers,
 * and it is not the recorded program's output. */
#include "check.h"

int main(int argc, char **argv)
{
    if (argc > 1) {
        int fd = scratch_file();
        dprintf(fd, "number %d\n", fd);
        return fd == atoi(argv[1]) ? 0 : 100 + fd;
    }
    for (int closed = 0; closed < 3; closed++) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            close(closed);
            char number[4];
            snprintf(number, sizeof number, "%d", closed);
            execl("/proc/self/exe", argv[0], number, (char *)NULL);
            _exit(99);
        }
        wait_for_success(child);
    }
    say("parent %d\n", (int)getpid());
    return 0;
}

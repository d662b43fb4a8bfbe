/* A daemon: fork, setsid, fork again, close everything; it works on after the first process has
 * exited, and nobody of its family waits for it: daemon(7). */
#include "check.h"

int main(void)
{
    int file = scratch_file(), fds[2];
    CHECK(pipe(fds) == 0);
    pid_t first = fork();
    CHECK(first >= 0);
    if (first == 0) {
        CHECK(setsid() == getpid());
        pid_t second = fork();
        CHECK(second >= 0);
        if (second > 0)
            _exit(0);
        CHECK(chdir("/") == 0);
        int out = dup(1);
        close(0), close(1), close(2), close(fds[0]);
        CHECK(getsid(0) != getpid());
        for (int i = 0; i < 5; i++) {
            dprintf(file, "%d: %016lx\n", i, (long)random_word());
            sleep_ms(5);
        }
        dprintf(fds[1], "%d", (int)getpid());
        close(fds[1]);
        sleep_ms(50);
        dprintf(out, "daemon %d ends\n", (int)getpid());
        _exit(0);
    }
    wait_for_success(first);
    close(fds[1]);
    char pid[32] = "", text[400] = "";
    CHECK(read(fds[0], pid, sizeof pid - 1) > 0);
    CHECK(pread(file, text, sizeof text - 1, 0) > 0);
    say("daemon %s wrote\n%s", pid, text);
    return 0;
}

/* A process that makes calls without rest, forks among them, is killed somewhere. What it has
 * written until then stays. */
#include "check.h"

int main(void)
{
    for (int i = 0; i < 15; i++) {
        int out[2];
        CHECK(pipe(out) == 0);
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            close(out[0]);
            for (int k = 0;; k++) {
                dprintf(out[1], "%d ", k);
                if (k % 10 == 0) {
                    pid_t grandchild = fork();
                    if (grandchild == 0)
                        _exit(0);
                    waitpid(grandchild, NULL, 0);
                }
                getppid();
            }
        }
        close(out[1]);
        struct timespec t = {0, (long)(random_word() % 12000000)};
        nanosleep(&t, NULL);
        CHECK(kill(child, SIGKILL) == 0);
        int status = wait_for(child);
        CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        char text[65536];
        size_t len = 0;
        for (ssize_t n; (n = read(out[0], text + len, sizeof text - len)) > 0;)
            len += (size_t)n;
        say("%d wrote %zu bytes, %016lx\n", (int)child, len, (long)hash_of(text, len));
        close(out[0]);
    }
    return 0;
}

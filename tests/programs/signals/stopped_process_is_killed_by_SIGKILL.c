/* A stopped process keeps other signals pending and dies by SIGKILL without being continued:
 * signal(7). */
#include "check.h"

int main(void)
{
    for (int i = 0; i < 4; i++) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            if (i % 2)
                raise(SIGSTOP);
            for (;;)
                pause();
        }
        if (i % 2 == 0)
            CHECK(kill(child, SIGSTOP) == 0);
        int status;
        CHECK(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status));
        CHECK(kill(child, SIGTERM) == 0); /* waits for SIGCONT */
        sleep_ms(5);
        CHECK(waitpid(child, &status, WNOHANG) == 0);
        CHECK(kill(child, i < 2 ? SIGKILL : SIGCONT) == 0);
        status = wait_for(child);
        CHECK(WIFSIGNALED(status) && WTERMSIG(status) == (i < 2 ? SIGKILL : SIGTERM));
        say("%d ended by %d\n", (int)child, WTERMSIG(status));
    }
    return 0;
}

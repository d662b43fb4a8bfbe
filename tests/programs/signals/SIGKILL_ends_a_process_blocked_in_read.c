/* SIGKILL between entry and exit of a call: the call never returns: signal(7). */
#include "check.h"

#include <sys/epoll.h>

int main(void)
{
    for (int i = 0; i < 12; i++) {
        int ready[2], never[2];
        CHECK(pipe(ready) == 0 && pipe(never) == 0);
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            char byte;
            struct epoll_event e;
            sigset_t none;
            sigemptyset(&none);
            write_all(ready[1], "x", 1);
            if (i % 4 == 0)
                read(never[0], &byte, 1);
            else if (i % 4 == 1)
                epoll_wait(epoll_create1(0), &e, 1, -1);
            else if (i % 4 == 2)
                sigsuspend(&none);
            else
                sleep(100);
            _exit(1);
        }
        char byte;
        read_all(ready[0], &byte, 1);
        if (i >= 4)
            sleep_ms(3);
        CHECK(kill(child, SIGKILL) == 0);
        int status = wait_for(child);
        CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        say("killed %d\n", (int)child);
        close(ready[0]), close(ready[1]), close(never[0]), close(never[1]);
    }
    return 0;
}

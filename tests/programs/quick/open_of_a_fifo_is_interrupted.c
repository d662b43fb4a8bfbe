/* open() is mostly over at once, but that of a FIFO waits, and a handler ends it or not. */
#include "check.h"

#include <sys/time.h>

static volatile sig_atomic_t alarms;
static void on_alarm(int signo)
{
    (void)signo;
    alarms++;
}

static void wait_in_open(int flags)
{
    struct sigaction sa = {.sa_handler = on_alarm, .sa_flags = flags};
    struct itimerval soon = {{0, 0}, {0, 50000}};
    CHECK(sigaction(SIGALRM, &sa, NULL) == 0 && setitimer(ITIMER_REAL, &soon, NULL) == 0);
}

int main(void)
{
    char name[] = "/tmp/fifo-XXXXXX";
    CHECK(mkdtemp(name) != NULL && chdir(name) == 0 && mkfifo("fifo", 0600) == 0);
    for (int i = 0; i < 20; i++) { /* so that it would be made without a stop */
        int fd = open("/dev/null", O_RDONLY);
        CHECK(fd >= 0 && close(fd) == 0);
    }
    wait_in_open(0);
    CHECK(open("fifo", O_RDONLY) == -1 && errno == EINTR && alarms == 1);
    wait_in_open(SA_RESTART);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        usleep(150000);
        int fd = open("fifo", O_WRONLY);
        CHECK(fd >= 0 && write(fd, "hello", 5) == 5);
        _exit(0);
    }
    char text[8] = "";
    int fd = open("fifo", O_RDONLY);
    CHECK(fd >= 0 && alarms == 2);
    CHECK(read(fd, text, sizeof text) == 5);
    int status;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    CHECK(unlink("fifo") == 0 && rmdir(name) == 0);
    say("%s after %d alarms\n", text, (int)alarms);
    return 0;
}

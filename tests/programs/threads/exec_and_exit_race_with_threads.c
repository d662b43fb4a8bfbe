/* Of several threads one execs, or one exits for all, while the others are in calls, compute, fork
 * and make threads: execve(2), exit_group(2). */
#include "threads.h"

#include <poll.h>
#include <sys/mman.h>

enum { ROUNDS = 16 };
static int fds[2];

static void *nothing(void *arg)
{
    return arg;
}

static void *run(void *arg)
{
    char c;
    pthread_t thread;
    for (uint64_t i = 0;; i++) {
        switch ((uint64_t)arg) {
        case 0:
            read(fds[0], &c, 1);
            break;
        case 1:
            getppid();
            break;
        case 2:
            if (pthread_create(&thread, NULL, nothing, NULL) == 0) /* not while another execs */
                pthread_join(thread, NULL);
            break;
        case 3: {
            pid_t pid = fork();
            if (pid == 0)
                _exit(0);
            if (pid > 0)
                waitpid(pid, NULL, 0);
            break;
        }
        case 4:
            poll(NULL, 0, 1);
            break;
        }
    }
    return NULL;
}

static void *finish(void *arg)
{
    uint64_t how = (uint64_t)arg;
    sleep_ms((long)(how % 4));
    if (how % 3 == 0)
        _exit(9);
    if (how % 3 == 1)
        execl("/proc/self/exe", "again", "and again", (char *)NULL);
    abort();
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        CHECK(strcmp(argv[1], "and again") == 0 && getpid() == gettid());
        return 8;
    }
    (void)argv;
    CHECK(pipe(fds) == 0);
    for (uint64_t i = 0; i < ROUNDS; i++) {
        pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0) {
            for (uint64_t k = 0; k < 5; k++)
                start(run, (void *)k);
            if (i % 2 == 0)
                finish((void *)i);
            else
                start(finish, (void *)i);
            pause();
        }
        int status = wait_for(pid);
        say("%lu: %x, %08lx\n", (long)i, status & ~0x80u, (long)random_word() & 0xffffffff);
        CHECK(i % 3 == 0   ? WIFEXITED(status) && WEXITSTATUS(status) == 9
              : i % 3 == 1 ? WIFEXITED(status) && WEXITSTATUS(status) == 8
                           : WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    }
    return 0;
}

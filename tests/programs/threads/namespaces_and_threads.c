/* Threads unshare what may be unshared by one alone, and make processes in new namespaces that run
 * threads themselves: unshare(2), clone(2). */
#include "threads.h"

#include <sched.h>

static void *unshare_files(void *arg)
{
    char name[PATH_MAX];
    CHECK(unshare(CLONE_FILES | CLONE_FS) == 0);
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    CHECK(fd >= 0 && chdir("/") == 0 && getcwd(name, sizeof name) != NULL);
    CHECK(close(fd) == 0);
    return arg;
}

static void *report(void *arg)
{
    say("pid %d, tid %d\n", (int)getpid(), (int)gettid() > 0);
    return arg;
}

static void *make_namespace(void *arg)
{
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        if (unshare(CLONE_NEWUSER | CLONE_NEWPID) != 0)
            SKIP("no namespaces here (errno %d)", errno);
        pid_t inner = fork();
        CHECK(inner >= 0);
        if (inner == 0) {
            CHECK(getpid() == 1);
            pthread_t t[2] = {start(report, NULL), start(report, NULL)};
            join_all(t, 2);
            _exit(0);
        }
        wait_for_success(inner);
        _exit(0);
    }
    wait_for_success(pid);
    return arg;
}

int main(void)
{
    pthread_t t[4] = {start(unshare_files, NULL), start(make_namespace, NULL),
                      start(unshare_files, NULL), start(make_namespace, NULL)};
    join_all(t, 4);
    say("%016lx\n", (long)random_word());
    return 0;
}

/* A thread execs: the others vanish, and it goes on under the process's id: execve(2), ptrace(2).
 */
#include "check.h"

#include <pthread.h>

static char **arguments;

static void *sleep_long(void *arg)
{
    sleep_ms(100000);
    return arg;
}

static void *run(void *arg)
{
    (void)arg;
    char pid[16];
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    execl("/proc/self/exe", arguments[0], pid, (char *)NULL);
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        CHECK(atoi(argv[1]) == getpid());
        say("%s again, word %016lx\n", argv[1], (long)random_word());
        return 0;
    }
    arguments = argv;
    pthread_t sleeper, thread;
    CHECK(pthread_create(&sleeper, NULL, sleep_long, NULL) == 0);
    CHECK(pthread_create(&thread, NULL, run, NULL) == 0);
    pthread_join(thread, NULL);
    return 1;
}

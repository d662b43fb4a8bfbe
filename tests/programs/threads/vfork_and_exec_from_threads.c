/* Threads start programs by posix_spawn, system and popen at the same time: the child of a vfork
 * shares the memory of all until it execs: vfork(2), posix_spawn(3). */
#include "threads.h"

#include <spawn.h>

extern char **environ;
enum { THREADS = 3, ROUNDS = 6 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static uint64_t sum;
static volatile bool stop;

static void *spawn(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        char code[16];
        int status;
        snprintf(code, sizeof code, "exit %d", (int)(uint64_t)arg + i);
        if (i % 3 == 0) {
            pid_t pid;
            char *argv[] = {"sh", "-c", code, NULL};
            CHECK(posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ) == 0);
            status = wait_for(pid);
        } else if (i % 3 == 1) {
            status = system(code);
        } else {
            FILE *f = popen("echo here", "re");
            char line[16] = "";
            CHECK(f != NULL && fgets(line, sizeof line, f) != NULL && strcmp(line, "here\n") == 0);
            CHECK(pclose(f) == 0);
            continue;
        }
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == (int)(uint64_t)arg + i);
        pthread_mutex_lock(&mutex);
        note(&sum, (uint64_t)arg);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static void *bother(void *arg)
{
    while (!stop) {
        pthread_mutex_lock(&mutex);
        note(&sum, work(sum));
        pthread_mutex_unlock(&mutex);
        sched_yield();
    }
    return arg;
}

int main(void)
{
    pthread_t threads[THREADS], other = start(bother, NULL);
    for (uint64_t i = 0; i < THREADS; i++)
        threads[i] = start(spawn, (void *)(i + 1));
    join_all(threads, THREADS);
    stop = true;
    join_all(&other, 1);
    say("%016lx\n", (long)sum);
    return 0;
}

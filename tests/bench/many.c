/* many ping-pong ROUNDS: two threads hand a turn to each other by mutex and condition.
 * many threads N: N threads at once, each blocked until all are there.
 * many processes N: N children, one after the other, of which a hundred at a time live.
 * many files N: opens, reads and closes N files, of which a thousand are different. */
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turned = PTHREAD_COND_INITIALIZER;
static int turn, rounds, fds[2];

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void *play(void *arg)
{
    int me = *(int *)arg;
    for (int i = 0; i < rounds; i++) {
        pthread_mutex_lock(&mutex);
        while (turn != me)
            pthread_cond_wait(&turned, &mutex);
        turn = !me;
        pthread_cond_signal(&turned);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static void ping_pong(int n)
{
    static int who[2] = {0, 1};
    pthread_t other;
    rounds = n;
    if (pthread_create(&other, NULL, play, &who[1]) != 0)
        fail("pthread_create");
    play(&who[0]);
    pthread_join(other, NULL);
}

static void *wait_for_byte(void *arg)
{
    char c;
    if (read(fds[0], &c, 1) != 1)
        fail("read");
    return arg;
}

static void threads(int n)
{
    pthread_t *v = calloc((size_t)n, sizeof *v);
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 65536);
    if (v == NULL || pipe(fds) < 0)
        fail("pipe");
    for (int i = 0; i < n; i++)
        if (pthread_create(&v[i], &attr, wait_for_byte, NULL) != 0)
            fail("pthread_create");
    for (int i = 0; i < n; i++)
        if (write(fds[1], "x", 1) != 1)
            fail("write");
    for (int i = 0; i < n; i++)
        pthread_join(v[i], NULL);
    free(v);
}

static void processes(int n)
{
    for (int i = 0, alive = 0; i < n || alive > 0;) {
        if (i < n && alive < 100) {
            pid_t pid = fork();
            if (pid < 0)
                fail("fork");
            if (pid == 0)
                _exit(0);
            i++;
            alive++;
        } else if (wait(NULL) > 0) {
            alive--;
        }
    }
}

static void files(int n)
{
    char name[32], text[8];
    for (int i = 0; i < n; i++) {
        snprintf(name, sizeof name, "many-%d", i % 1000);
        int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0 || read(fd, text, sizeof text) < 0)
            fail("open");
        close(fd);
    }
    for (int i = 0; i < n && i < 1000; i++) {
        snprintf(name, sizeof name, "many-%d", i);
        unlink(name);
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(int n);
    } what[] = {
        {"ping-pong", ping_pong}, {"threads", threads}, {"processes", processes}, {"files", files}};
    for (size_t i = 0; argc == 3 && i < sizeof what / sizeof what[0]; i++)
        if (strcmp(argv[1], what[i].name) == 0) {
            what[i].run(atoi(argv[2]));
            return 0;
        }
    fputs("usage: many ping-pong|threads|processes|files N\n", stderr);
    return 2;
}

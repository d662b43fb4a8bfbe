/* What every test program uses: a check that says what failed, a line on stdout, a reason to skip.
 * say() is one write per line, so nothing waits in a buffer when a program forks or dies. */
#ifndef REPRISE_TESTS_CHECK_H
#define REPRISE_TESTS_CHECK_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define say(...) dprintf(STDOUT_FILENO, __VA_ARGS__)

#define CHECK(what)                                                                                \
    do {                                                                                           \
        if (!(what))                                                                               \
            check_failed(__LINE__, #what);                                                         \
    } while (0)

/* The kernel or the machine lacks what the program is about. */
#define SKIP(...)                                                                                  \
    do {                                                                                           \
        say("skip: " __VA_ARGS__);                                                                 \
        say("\n");                                                                                 \
        _exit(77);                                                                                 \
    } while (0)

_Noreturn static inline void check_failed(int line, const char *what)
{
    int e = errno;
    dprintf(STDERR_FILENO, "%s: line %d: not so: %s (errno %d, %s)\n",
            program_invocation_short_name, line, what, e, strerror(e));
    _exit(1);
}

/* A value that differs from run to run. */
static inline uint64_t random_word(void)
{
    uint64_t word = 0;
    CHECK(syscall(SYS_getrandom, &word, sizeof word, 0) == sizeof word);
    return word;
}

/* FNV-1a, so that a line of output can stand for a large buffer. */
static inline uint64_t hash_of(const void *data, size_t len)
{
    const unsigned char *p = data;
    uint64_t h = 0xcbf29ce484222325;
    for (size_t i = 0; i < len; i++)
        h = (h ^ p[i]) * 0x100000001b3;
    return h;
}

static inline int64_t now_ns(void)
{
    struct timespec t;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static inline void sleep_ms(long ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    while (nanosleep(&t, &t) < 0)
        CHECK(errno == EINTR);
}

/* An empty file that has no name any more. */
static inline int scratch_file(void)
{
    char name[PATH_MAX];
    const char *dir = getenv("TMPDIR");
    snprintf(name, sizeof name, "%s/scratch-XXXXXX", dir != NULL ? dir : "/tmp");
    int fd = mkstemp(name);
    CHECK(fd >= 0);
    CHECK(unlink(name) == 0);
    return fd;
}

/* Makes a new directory, goes there and leaves its name in `name`. Whoever calls empties it and
 * calls scratch_dir_remove. */
static inline void scratch_dir(char name[static PATH_MAX])
{
    const char *dir = getenv("TMPDIR");
    snprintf(name, PATH_MAX, "%s/scratch-XXXXXX", dir != NULL ? dir : "/tmp");
    CHECK(mkdtemp(name) != NULL);
    CHECK(chdir(name) == 0);
}

static inline void scratch_dir_remove(const char *name)
{
    CHECK(chdir("/") == 0);
    CHECK(rmdir(name) == 0);
}

static inline void write_all(int fd, const void *data, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = write(fd, (const char *)data + done, len - done);
        CHECK(n > 0);
        done += (size_t)n;
    }
}

static inline void read_all(int fd, void *data, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = read(fd, (char *)data + done, len - done);
        CHECK(n > 0);
        done += (size_t)n;
    }
}

/* Waits for the end of a child and returns its wait status. */
static inline int wait_for(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0)
        CHECK(errno == EINTR);
    return status;
}

/* Waits for a child that must exit with 0; a child that skips makes its parent skip. */
static inline void wait_for_success(pid_t pid)
{
    int status = wait_for(pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        _exit(77);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static inline void handle(int sig, void (*handler)(int, siginfo_t *, void *), int flags)
{
    struct sigaction sa = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};
    CHECK(sigaction(sig, &sa, NULL) == 0);
}

#endif

/* Owns what can be seen from outside of a replay. */
#include "watch_effects.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CANARY      "canary"
#define PATIENCE_MS 5000
#define PAGE        4096ull

/* ---- files ---- */

static struct {
    struct stat dir, canary;
    bool has_proc;
} before;

static bool write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0)
        close(fd);
    return good;
}

static bool own_namespaces(void)
{
    const int some = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
    char map[64];
    uid_t uid = geteuid();
    gid_t gid = getegid();
    if (unshare(some) == 0)
        return true;
    if (unshare(some | CLONE_NEWUSER) < 0)
        return false;
    (void)write_text("/proc/self/setgroups", "deny");
    snprintf(map, sizeof map, "0 %u 1", gid);
    if (!write_text("/proc/self/gid_map", map))
        return false;
    snprintf(map, sizeof map, "0 %u 1", uid);
    return write_text("/proc/self/uid_map", map);
}

static bool own_root(const char *dir)
{
    char proc[256];
    snprintf(proc, sizeof proc, "%s/proc", dir);
    return own_namespaces() && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("none", dir, "tmpfs", MS_NOSUID | MS_NODEV, "size=16m,mode=0700") == 0 &&
           mkdir(proc, 0555) == 0 && mount("/proc", proc, NULL, MS_BIND | MS_REC, NULL) == 0 &&
           chroot(dir) == 0 && chdir("/") == 0;
}

bool watch_effects_begin(const char *dir, const char **ret_why)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    if (chdir(dir) < 0)
        err(2, "%s", dir);
    *ret_why = NULL;
    before.has_proc = own_root(dir);
    if (!before.has_proc)
        *ret_why = strerror(errno);
    if (!write_text(CANARY, "alive") || stat(".", &before.dir) < 0 ||
        stat(CANARY, &before.canary) < 0)
        err(2, "%s", CANARY);
    return before.has_proc;
}

void watch_effects_end(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)unlinkat(fd, CANARY, 0); /* it is there if nothing was mounted */
    close(fd);
    (void)rmdir(dir);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_mode == b->st_mode && a->st_nlink == b->st_nlink &&
           a->st_uid == b->st_uid && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* What is there and was not, if it is more than a moment that changed. */
static void name_new_file(char *what, size_t size)
{
    DIR *d = opendir(".");
    for (const struct dirent *e; d != NULL && (e = readdir(d)) != NULL;)
        if (e->d_name[0] != '.' && strcmp(e->d_name, CANARY) != 0 &&
            (strcmp(e->d_name, "proc") != 0 || !before.has_proc))
            snprintf(what, size, "the file %s was made", e->d_name);
    if (d != NULL)
        closedir(d);
}

bool watch_effects_files(char *what, size_t size)
{
    struct stat dir, canary;
    if (stat(CANARY, &canary) < 0 || !is_same(&canary, &before.canary)) {
        snprintf(what, size, "a file was changed");
        return false;
    }
    if (stat(".", &dir) == 0 && is_same(&dir, &before.dir))
        return true;
    snprintf(what, size, "a file was made or removed");
    name_new_file(what, size);
    return false;
}

/* ---- processes ---- */

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

/* The children of a process, into v; how many there are. */
static size_t children_of(pid_t pid, pid_t *v, size_t max)
{
    char path[64];
    size_t n = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
    FILE *f = fopen(path, "re");
    for (int child; f != NULL && fscanf(f, "%d", &child) == 1; n++)
        if (n < max)
            v[n] = child;
    if (f != NULL)
        fclose(f);
    return n;
}

bool watch_effects_processes(char *what, size_t size)
{
    for (int waited = 0; waited < PATIENCE_MS; waited++) {
        pid_t pid = waitpid(-1, NULL, WNOHANG | __WALL);
        if (pid < 0)
            return true; /* nobody is left */
        if (pid == 0)
            pause_ms(1);
    }
    pid_t left[64];
    size_t n = children_of(getpid(), left, 64);
    snprintf(what, size, "%zu processes are left", n);
    for (size_t i = 0; i < n && i < 64; i++) {
        kill(left[i], SIGKILL);
        waitpid(left[i], NULL, __WALL);
    }
    return false;
}

/* ---- use ---- */

static uint64_t processor_time(pid_t pid)
{
    clockid_t clock;
    struct timespec t;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) < 0)
        return 0;
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* What tasks share counts once more, if it is of a memory file: none is too little. */
static void add_process(pid_t pid, struct usage *u, uint64_t *most_shared)
{
    char path[64], state = '?';
    unsigned long total = 0, resident = 0, shared = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", pid);
    FILE *f = fopen(path, "re");
    if (f != NULL && fscanf(f, "%lu %lu %lu", &total, &resident, &shared) == 3)
        u->bytes += (resident - shared) * PAGE;
    *most_shared = shared * PAGE > *most_shared ? shared * PAGE : *most_shared;
    if (f != NULL)
        fclose(f);
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    f = fopen(path, "re");
    if (f != NULL && fscanf(f, "%*d (%*[^)]) %c", &state) == 1 && (state == 'R' || state == 'D'))
        u->wants_to_run = true;
    if (f != NULL)
        fclose(f);
}

/* The replayer has all of them open. */
static void add_memory_files(pid_t replayer, struct usage *u)
{
    char path[64];
    struct stat s;
    snprintf(path, sizeof path, "/proc/%d/fd", replayer);
    DIR *d = opendir(path);
    for (const struct dirent *e; d != NULL && (e = readdir(d)) != NULL;)
        if (fstatat(dirfd(d), e->d_name, &s, 0) == 0 && S_ISREG(s.st_mode) && s.st_nlink == 0)
            u->bytes += (uint64_t)s.st_blocks * 512;
    if (d != NULL)
        closedir(d);
}

void watch_effects_usage(pid_t replayer, struct usage *ret)
{
    pid_t tasks[256];
    uint64_t most_shared = 0;
    *ret = (struct usage){.of_replayer = processor_time(replayer)};
    ret->tasks = children_of(replayer, tasks, 256);
    for (size_t i = 0; i < ret->tasks && i < 256; i++) {
        add_process(tasks[i], ret, &most_shared);
        ret->of_tasks += processor_time(tasks[i]);
    }
    add_process(replayer, ret, &most_shared);
    add_memory_files(replayer, ret);
    ret->bytes += most_shared;
}

/* Owns the limits of a replay: what they are, when they are looked at, and the words for them. */
#include "replayer/budget.h"

#include "base/available_memory.h"
#include "base/clock.h"
#include "replayer/blob_files.h"
#include "replayer/replay_state.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>

#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)

#define FILL_LEAST   MIB
#define MEMORY_LEAST (64 * MIB) /* the replayer itself needs some */
#define OUTPUT_USUAL (4 * GIB)
#define TASKS_USUAL  10000u
#define TASKS_LEAST  16u
#define PIDS_USUAL   32768u

/* Pages are filled by no more than that: what is free lasts so long. Near the limit looking takes a
 * fifth of the time, or half of that in which the replayer fills memory, and not more. */
#define BYTES_PER_NS  8u
#define LOOK_LEAST_NS 15000000u
#define LOOK_MOST_NS  4000000000u
#define LOOK_TIMES    4u /* what it took, until the next one */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* ---- what is sensible ---- */

static uint64_t usual_memory(void)
{
    return most(available_memory("") / 4 * 3, MEMORY_LEAST);
}

static uint64_t pid_max(void)
{
    unsigned long n = PIDS_USUAL;
    FILE *f = fopen("/proc/sys/kernel/pid_max", "re");
    if (f != NULL && fscanf(f, "%lu", &n) != 1)
        n = PIDS_USUAL;
    if (f != NULL)
        fclose(f);
    return n;
}

/* Half of what this user, or the machine, may have. */
static uint64_t usual_tasks(void)
{
    struct rlimit l = {RLIM_INFINITY, RLIM_INFINITY};
    (void)getrlimit(RLIMIT_NPROC, &l);
    uint64_t here = least(l.rlim_cur, pid_max()) / 2;
    return most(least(here, TASKS_USUAL), TASKS_LEAST);
}

/* Three quarters of what is free where the output goes to a file. */
static uint64_t room_for_output(int fd)
{
    struct stat st;
    struct statvfs fs;
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || fstatvfs(fd, &fs) < 0)
        return UINT64_MAX;
    return (uint64_t)fs.f_bavail / 4 * 3 * fs.f_frsize;
}

static uint64_t usual_output(const struct replayer_options *o)
{
    uint64_t room = least(room_for_output(o->stdout_fd), room_for_output(o->stderr_fd));
    return least(OUTPUT_USUAL, room);
}

void budget_begin(struct replayer *r)
{
    const struct replayer_options *o = r->options;
    struct budget *b = &r->budget;
    *b = (struct budget){
        .fill_least = FILL_LEAST,
        .memory = o->memory != 0 ? o->memory : usual_memory(),
        .output = o->output != 0 ? o->output : usual_output(o),
        .tasks = o->tasks != 0 ? o->tasks : usual_tasks(),
    };
    (void)getrlimit(RLIMIT_DATA, &b->old_data);
    struct rlimit data = b->old_data;
    data.rlim_cur = least(data.rlim_cur, b->memory);
#ifndef __SANITIZE_ADDRESS__ /* which reserves terabytes */
    (void)setrlimit(RLIMIT_DATA, &data);
#endif
}

void budget_end(struct replayer *r)
{
    if (r->budget.memory != 0) /* it has begun */
        (void)setrlimit(RLIMIT_DATA, &r->budget.old_data);
}

/* ---- the words ---- */

#define WORDS_MAX 32

static const char *size_in_words(uint64_t bytes, char words[WORDS_MAX])
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    size_t unit = 0;
    while (bytes >= 1024 && bytes % 1024 == 0) {
        bytes /= 1024;
        unit++;
    }
    for (; bytes >= 100 * 1024; unit++)
        bytes /= 1024;
    snprintf(words, WORDS_MAX, "%llu %s", (unsigned long long)bytes, units[unit]);
    return words;
}

static int is_over(struct replayer *r, const char *what, const char *option)
{
    r->is_broken = true;
    return err_set(r->err, EDQUOT,
                   "event %llu of stream %u: the replay was stopped, since it would %s; if you "
                   "trust this trace, replay %s allows more",
                   (unsigned long long)r->at.number, r->at.stream, what, option);
}

static int is_over_bytes(struct replayer *r, const char *what, uint64_t limit, const char *option)
{
    char words[WORDS_MAX], sentence[160];
    snprintf(sentence, sizeof sentence, what, size_in_words(limit, words));
    return is_over(r, sentence, option);
}

static int is_over_memory(struct replayer *r)
{
    const char *what = r->use.no_proc ? "take more than %s of memory (without /proc what processes "
                                        "share counts for each)"
                                      : "take more than %s of memory";
    return is_over_bytes(r, what, r->budget.memory, "--memory=SIZE");
}

void budget_tell(struct replayer *r)
{
    char words[WORDS_MAX];
    err_append(r->err, "; a replay may take %s of memory here, and more with --memory=SIZE",
               size_in_words(r->budget.memory, words));
}

/* ---- memory ---- */

/* The time of the last tick, which the vDSO tells without rdtsc: that may trap (base/clock.h). */
static uint64_t coarse_ns(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* What the cheap measure takes for too much may be shared, or no longer there. */
static uint64_t measure(struct replayer *r)
{
    uint64_t used = memory_use_at_most(r);
    if (used > r->budget.memory)
        used = memory_use_exact(r);
    if (used > r->budget.memory) {
        blob_files_drop(r);
        used = memory_use_exact(r);
    }
    return used;
}

static int look(struct replayer *r)
{
    struct budget *b = &r->budget;
    uint64_t before = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    b->used = measure(r);
    b->filled = 0;
    if (b->used > b->memory)
        return is_over_memory(r);
    uint64_t wait = (b->memory - b->used) / BYTES_PER_NS;
    uint64_t cost = clock_ns(CLOCK_THREAD_CPUTIME_ID) - before;
    wait = most(least(wait, LOOK_MOST_NS), most(LOOK_LEAST_NS, LOOK_TIMES * cost));
    b->next_look_ns = coarse_ns() + wait;
    b->fill_least = most(FILL_LEAST, LOOK_TIMES * cost); /* filled by a byte in a ns */
    return 0;
}

int budget_look(struct replayer *r)
{
    return coarse_ns() < r->budget.next_look_ns ? 0 : look(r);
}

int budget_fill(struct replayer *r, uint64_t bytes)
{
    struct budget *b = &r->budget;
    b->filled += bytes;
    uint64_t room = b->memory - least(b->memory, b->used);
    return b->filled < b->fill_least || b->filled < room / 2 ? 0 : look(r);
}

int budget_allocate(struct replayer *r, uint64_t bytes)
{
    return bytes > r->budget.memory ? is_over_memory(r) : budget_fill(r, bytes);
}

/* ---- tasks and output ---- */

int budget_add_task(struct replayer *r)
{
    char sentence[64];
    if (r->tasks.len + r->unborn.len < r->budget.tasks)
        return 0;
    snprintf(sentence, sizeof sentence, "have more than %llu tasks at the same time",
             (unsigned long long)r->budget.tasks);
    return is_over(r, sentence, "--tasks=NUMBER");
}

int budget_show(struct replayer *r, size_t bytes, size_t *ret_allowed)
{
    struct budget *b = &r->budget;
    *ret_allowed = (size_t)least(bytes, b->output - b->shown);
    b->shown += *ret_allowed;
    if (*ret_allowed == bytes)
        return 0;
    return is_over_bytes(r, "show more than %s of the program's output", b->output,
                         "--output=SIZE");
}

/* Owns the life of a replay under watch, and the rules what is a finding. A trace may use up
 * processor time, and may be refused with whatever words; it may not crash the replayer, make it
 * wait for ever, get a call carried out, or leave anything behind. */
#include "trial.h"

#include "base/die_with_parent.h"
#include "format/trace_reader.h"
#include "replayer/replayer.h"
#include "watch_calls.h"
#include "watch_effects.h"
#include "weaken.h"

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EXIT_NO_FILTER 99
#define MEMORY_BUDGET  ((uint64_t)64 << 20)
#define OUTPUT_BUDGET  ((uint64_t)1 << 20)
#define TASKS_BUDGET   50
#define TICK_MS        10
#define ASLEEP_MS      5000 /* nobody ran and nobody wanted to */
#define DYING_MS       5000
#define BURNING_NS     20000000ull /* of tasks */
#define STEPS_MAX      200
#define ALONE_NS       2000000000ull /* of the replayer, none of tasks */

/* ---- the process that replays ---- */

static char (*said)[TRIAL_TEXT_MAX]; /* shared with it */

/* Most traces are replayed at once; some in steps of all kinds, told by their size, so that a trace
 * that was kept is replayed in the same way. */
static int replay_to_the_end(struct replayer *r, off_t trace_size, struct err *error)
{
    const struct replay_stop stops[] = {{0, 0x400000 + (uint64_t)trace_size % 512}, {1, 0x400000}};
    struct replay_halt halt = {.why = REPLAY_AT_EVENTS};
    bool steps = trace_size % 4 == 0;
    int e = 0;
    for (uint64_t n = 1; e == 0 && halt.why != REPLAY_AT_END; n++) {
        struct replay_until until = REPLAY_TO_THE_END;
        if (steps && n < STEPS_MAX) {
            until.events = replay_result(r)->events + 1 + n % 3;
            until.step = n % 4 == 0 ? (uint32_t)(n / 4 % 3) : 0;
            until.stops = stops;
            until.n_stops = n % 2 == 0 ? sizeof stops / sizeof stops[0] : 0;
        }
        e = replay_step(r, &until, &halt, error);
    }
    return e;
}

static _Noreturn void replay(const struct trial_options *o, int trace_fd)
{
    struct err error = {0};
    struct trace_reader *trace;
    struct replayer *replayer = NULL;
    struct replayer_result result = {0};
    struct stat st = {0};
    const struct rlimit no_core = {0, 0};
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setrlimit(RLIMIT_CORE, &no_core);
    weaken_begin();
    if (o->keeps_to_its_calls && !watch_calls_of_replayer())
        _exit(EXIT_NO_FILTER);
    int r = trace_reader_open_fd(trace_fd, "t", &trace, &error);
    if (r == 0) {
        const struct replayer_options options = {.trace = trace,
                                                 .machine = &o->machine,
                                                 .stdout_fd = o->null_fd,
                                                 .stderr_fd = o->null_fd,
                                                 .memory = MEMORY_BUDGET,
                                                 .output = OUTPUT_BUDGET,
                                                 .tasks = TASKS_BUDGET};
        (void)fstat(trace_fd, &st);
        r = replay_open(&options, &replayer, &error);
        if (r == 0) {
            r = replay_to_the_end(replayer, st.st_size, &error);
            result = *replay_result(replayer);
        }
        replay_close(replayer);
        trace_reader_free(trace);
    }
    snprintf(*said, sizeof *said, "%s", error.msg);
    _exit(r == -EILSEQ    ? TRIAL_DIVERGED
          : r == -EBADMSG ? TRIAL_DAMAGED
          : r < 0         ? TRIAL_REFUSED
          : result.torn   ? TRIAL_TORN
                          : TRIAL_REPLAYED);
}

/* ---- the process that watches ---- */

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void found(struct trial_result *ret, const char *what)
{
    if (ret->end == TRIAL_FOUND)
        return; /* the first one tells most */
    ret->end = TRIAL_FOUND;
    snprintf(ret->text, sizeof ret->text, "%s", what);
}

/* Waits for a child's end, or for so long. */
static bool has_ended(pid_t pid, unsigned ms, int *ret_status)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    for (uint64_t until = now_ms() + ms;;) {
        if (waitpid(pid, ret_status, WNOHANG) == pid)
            return true;
        uint64_t now = now_ms();
        if (now >= until)
            return false;
        const struct timespec left = {.tv_nsec = (long)(until - now) % 1000 * 1000000,
                                      .tv_sec = (long)(until - now) / 1000};
        (void)sigtimedwait(&set, NULL, &left);
    }
}

/* What a replay that takes long has done of late. */
struct progress {
    bool has_begun, burns; /* the trace takes processor time */
    struct usage first, last;
    uint64_t since;       /* when a task took processor time last, in ms; and since then: */
    size_t looks, active; /* how often somebody wanted to run: the replayer wakes now and then */
};

static void look(struct progress *p, const struct usage *now)
{
    if (!p->has_begun || now->of_tasks < p->first.of_tasks) /* tasks that ended do not count */
        p->first = p->last = *now;
    if (!p->has_begun || now->of_tasks != p->last.of_tasks) {
        p->since = now_ms();
        p->looks = p->active = 0;
        p->first.of_replayer = now->of_replayer;
    }
    p->looks++;
    p->active += now->wants_to_run;
    p->last = *now;
    p->has_begun = true;
    if (now->of_tasks - p->first.of_tasks > BURNING_NS)
        p->burns = true;
}

/* What takes so long: a finding, or TRIAL_BURNS; or nothing yet. */
static void judge(const struct progress *p, struct trial_result *ret)
{
    if (ret->end == TRIAL_FOUND)
        return;
    if (p->burns)
        ret->end = TRIAL_BURNS;
    else if (now_ms() - p->since < ASLEEP_MS)
        return;
    else if (p->last.of_replayer - p->first.of_replayer > ALONE_NS)
        found(ret, "the replayer computes alone");
    else if (p->active < p->looks / 4)
        found(ret, "nobody runs");
}

/* Looks at it now and then until it ends, or is to be ended. True: it has ended. */
static bool watch(const struct trial_options *o, pid_t pid, struct trial_result *ret,
                  int *ret_status)
{
    struct usage usage;
    struct progress progress = {0};
    uint64_t begun = now_ms();
    while (!has_ended(pid, TICK_MS, ret_status)) {
        watch_effects_usage(pid, &usage);
        ret->bytes = usage.bytes > ret->bytes ? usage.bytes : ret->bytes;
        if (usage.bytes > o->memory_max)
            found(ret, "it takes more memory than it may");
        if (usage.tasks > o->tasks_max)
            found(ret, "it has more processes than it may");
        if (now_ms() - begun > o->limit_ms) {
            look(&progress, &usage);
            judge(&progress, ret);
        }
        if (ret->end == TRIAL_FOUND || ret->end == TRIAL_BURNS)
            return false;
    }
    return true;
}

static void tell_end(int status, struct trial_result *ret)
{
    char what[64];
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NO_FILTER)
        errx(2, "cannot put a filter on the replayer");
    if (WIFEXITED(status) && WEXITSTATUS(status) < TRIAL_BURNS) {
        ret->end = (enum trial_end)WEXITSTATUS(status);
        snprintf(ret->text, sizeof ret->text, "%s", *said);
        return;
    }
    snprintf(what, sizeof what,
             WIFEXITED(status) ? "the replayer exits with %d" : "the replayer dies by signal %d",
             WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    found(ret, what);
}

/* As somebody who is tired of waiting does. */
static void end(pid_t pid, struct trial_result *ret)
{
    int status;
    kill(pid, SIGTERM);
    if (has_ended(pid, DYING_MS, &status))
        return;
    found(ret, "it cannot be ended");
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
}

static void look_around(const struct trial_options *o, uint64_t calls_before,
                        struct trial_result *ret)
{
    char what[300];
    uint64_t calls = __atomic_load_n(&o->calls->n, __ATOMIC_ACQUIRE);
    if (calls != calls_before) {
        ret->end = TRIAL_REPLAYED; /* it matters more than what came of it */
        found(ret, o->calls->what);
    }
    if (!watch_effects_files(what, sizeof what)) {
        found(ret, what);
        errx(1, "FOUND: %s; nothing can be told after that", what);
    }
    if (!watch_effects_processes(what, sizeof what))
        found(ret, what);
    /* That is what it is there for, but nothing should come so far. */
    if (ret->end == TRIAL_REFUSED && !weaken_is_chosen() &&
        strstr(ret->text, "its sandbox forbids"))
        ret->end = TRIAL_FOUND;
}

void trial_run(const struct trial_options *o, int trace_fd, struct trial_result *ret)
{
    if (said == NULL)
        said = mmap(NULL, sizeof *said, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (said == MAP_FAILED)
        err(2, "no memory");
    (*said)[0] = '\0';
    *ret = (struct trial_result){.end = TRIAL_REPLAYED};
    uint64_t calls = __atomic_load_n(&o->calls->n, __ATOMIC_ACQUIRE);
    int status;
    pid_t self = getpid(), pid = fork();
    if (pid < 0)
        err(2, "fork");
    if (pid == 0) {
        die_with_parent(self);
        replay(o, trace_fd);
    }
    if (watch(o, pid, ret, &status))
        tell_end(status, ret);
    else
        end(pid, ret);
    look_around(o, calls, ret);
}

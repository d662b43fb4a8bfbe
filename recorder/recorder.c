/* Owns the life of a recording: set-up, the loop, the end. */
#include "recorder/recorder.h"

#include "base/clock.h"
#include "base/scope.h"
#include "recorder/agenda.h"
#include "recorder/emit.h"
#include "recorder/exec_image.h"
#include "recorder/fd_class.h"
#include "recorder/files.h"
#include "recorder/group.h"
#include "recorder/header.h"
#include "recorder/known_code.h"
#include "recorder/loop.h"
#include "recorder/pass_through.h"
#include "recorder/preempt.h"
#include "recorder/ptrace_show.h"
#include "recorder/relay.h"
#include "recorder/shared_objects.h"
#include "recorder/slices.h"
#include "recorder/spawn.h"
#include "recorder/state_saves.h"
#include "recorder/stub_calls.h"
#include "recorder/task_parts.h"
#include "recorder/tasks.h"
#include "recorder/traps.h"
#include "task/cpu_guard.h"
#include "task/cpu_level.h"
#include "task/redirect_book.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define LEAST_MEMORY ((size_t)2 << 20) /* that the recorder needs for itself */

/* Recorder and tasks share a core: a stop costs a tenth of what it costs across cores. */
static void pin(struct recorder *r)
{
    int cpu = r->core = sched_getcpu();
    cpu_set_t one;
    CPU_ZERO(&one);
    if (cpu < 0 || sched_getaffinity(0, sizeof r->affinity, &r->affinity) < 0)
        return;
    CPU_SET((size_t)cpu, &one);
    (void)sched_setaffinity(0, sizeof one, &one);
}

static void unpin(const struct recorder *r)
{
    if (CPU_COUNT(&r->affinity) > 0)
        (void)sched_setaffinity(0, sizeof r->affinity, &r->affinity);
}

static int open_trace(struct recorder *r, struct err *err)
{
    struct trace_writer_options options = {.fd = r->options->trace_fd};
    return trace_writer_open(&options, &r->writer, err);
}

static void log_first_birth(struct recorder *r, struct task *t)
{
    Reprise__Birth b = REPRISE__BIRTH__INIT;
    b.tid = t->tid;
    b.pid = t->pid;
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.body_case = REPRISE__EVENT__BODY_BIRTH;
    e.birth = &b;
    emit_event(r, t, &e);
}

static int start(struct recorder *r, const char *path, struct err *err)
{
    int e = header_write(r, path);
    if (e < 0)
        return err_sys(err, -e, "cannot write the trace");
    pid_t tid;
    e = spawn_program(r, path, &tid, err);
    if (e < 0)
        return e;
    struct task *t = task_new(r, tid);
    t->space = space_new(r);
    t->fds = fd_table_new();
    group_found(r, t);
    task_set_state(r, t, TASK_USER);
    t->no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
    /* One inherited from whoever started us (a container) forbids calls like one of its own. */
    t->filtered = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 0;
    r->root_tid = tid;
    e = stub_calls_new(r);
    if (e < 0)
        return err_sys(err, -e, "cannot record");
    log_first_birth(r, t);
    e = relay_start(r->relay, tid);
    if (e < 0)
        return err_sys(err, -e, "cannot start a thread");
    exec_image_begin(r, t);
    task_resume(r, t, 0);
    return 0;
}

static void report_end(struct recorder *r)
{
    if (r->give_up == EINTR)
        recorder_warn(r, "interrupted: the processes that are left go on unrecorded");
    else if (r->give_up == ENOSPC || r->give_up == EFBIG || r->give_up == EDQUOT)
        recorder_warn(r,
                      "%s: %s: no room for the trace; the program goes on unrecorded, the trace "
                      "is valid up to here",
                      r->give_up_why, strerror(r->give_up));
    else if (r->give_up == ESTALE)
        recorder_warn(r, "somebody else has cut or lengthened the trace while it was written; the "
                         "program goes on unrecorded, and the trace may be damaged");
    else if (r->give_up == ENOTSUP)
        recorder_warn(r, "%s; the program goes on unrecorded, the trace is valid up to here",
                      r->give_up_why);
    else if (r->give_up != 0)
        recorder_warn(r, "%s: %s; the program goes on unrecorded, the trace is valid up to here",
                      r->give_up_why, strerror(r->give_up));
}

static void forget_tasks(struct recorder *r)
{
    ptrace_world_free(r);
    size_t pos = 0;
    for (struct task *t; (t = map64_next(&r->tasks, &pos)) != NULL;) {
        group_leave(r, t);
        task_forget(r, t);
        task_free(t);
    }
    for (struct task *t; (t = agenda_next_buried(r)) != NULL;)
        task_free(t);
}

static uint64_t ns_of(const struct timeval *t)
{
    return (uint64_t)t->tv_sec * 1000000000u + (uint64_t)t->tv_usec * 1000u;
}

/* As far as it can be known before the last chunks are written. */
static Reprise__Cost cost_of(const struct recorder *r)
{
    Reprise__Cost cost = REPRISE__COST__INIT;
    struct rusage own = {0}, children = {0};
    getrusage(RUSAGE_SELF, &own);
    getrusage(RUSAGE_CHILDREN, &children);
    cost.recorder_user = ns_of(&own.ru_utime);
    cost.recorder_system = ns_of(&own.ru_stime);
    cost.recorder_memory = (uint64_t)own.ru_maxrss * 1024;
    cost.program_user = ns_of(&children.ru_utime);
    cost.program_system = ns_of(&children.ru_stime);
    cost.stops = r->n_stops;
    return cost;
}

static int finish(struct recorder *r, struct recorder_result *ret)
{
    forget_tasks(r);
    Reprise__Summary s = REPRISE__SUMMARY__INIT;
    s.n_rewritten = r->n_rewritten;
    s.n_uncertain = r->n_uncertain;
    s.status = r->root_status;
    s.duration_ns = recorder_now(r);
    s.tasks = r->n_tasks;
    s.incomplete = r->give_up != 0;
    s.note = r->give_up_why;
    Reprise__Cost cost = cost_of(r);
    s.cost = &cost;
    int err = trace_writer_close(r->writer, &s, &ret->stats);
    r->writer = NULL;
    if (err < 0 && r->give_up == 0) {
        recorder_give_up(r, -err, "cannot write the trace");
        report_end(r);
    }
    ret->status = r->root_status;
    ret->incomplete = r->give_up != 0;
    return 0;
}

static void recorder_done(struct recorder *r)
{
    if (r->writer != NULL)
        forget_tasks(r);
    trace_writer_abandon(r->writer);
    preempt_done(r);
    slices_free(r);
    stub_calls_free(r);
    redirect_books_free(&r->code_books);
    state_saves_free(r);
    relay_free(r->relay);
    emit_free(r->emit);
    files_free(r->files);
    free(r->outputs);
    shared_objects_free(r->objects);
    maps_done(&r->maps);
    buf_done(&r->scratch);
    buf_done(&r->cpuinfo);
    buf_done(&r->stops.met);
    map64_done(&r->tasks);
    map64_done(&r->warned);
    map64_done(&r->early);
    traps_done(r);
    known_code_free(r);
    map64_done(&r->mapped);
    unpin(r);
}

static int choose_level(struct recorder *r, struct err *err)
{
    enum cpu_level wanted = r->options->cpu;
    const char *lacks = cpu_level_lacks(NULL, wanted);
    if (lacks != NULL)
        return err_set(
            err, ENOTSUP,
            "this CPU lacks %s, which is part of %s; it is an %s: record with --cpu=portable",
            lacks, cpu_level_name(wanted), cpu_level_name(cpu_level_within(NULL, wanted)));
    r->level = recorder_answers_cpuid(r) ? wanted : CPU_HOST;
    r->xcr0 = cpu_offered_xcr0(r->level);
    state_layout_read(r->xcr0, &r->state_layout);
    r->hwcap = cpu_offered(1, 0, r->level).edx;
    known_code_choose(r);
    if (r->level != wanted && r->options->cpu_asked)
        recorder_warn(r,
                      "this CPU cannot trap cpuid: the program sees all that the CPU has, and not "
                      "only %s",
                      cpu_level_name(wanted));
    return 0;
}

static int run(struct recorder *r, struct recorder_result *ret, struct err *err)
{
    char *path SCOPE_FREE = NULL;
    int e = spawn_find(r->options->argv[0], &path, err);
    if (e < 0)
        return e;
    e = choose_level(r, err);
    if (e < 0)
        return e;
    e = relay_new(&r->relay);
    if (e < 0)
        return err_sys(err, -e, "cannot record");
    e = slices_new(r);
    if (e < 0)
        return err_sys(err, -e, "cannot record");
    e = open_trace(r, err);
    if (e < 0)
        return e;
    pin(r); /* behind the writer's thread, which shall have the other cores */
    fd_class_init(r);
    e = start(r, path, err);
    if (e < 0)
        return e;
    struct cpu_guard guard = {0};
    cpu_guard_enter(&guard, r->options->machine);
    loop_run(r);
    cpu_guard_leave(&guard);
    report_end(r);
    if (r->give_up != 0)
        pass_through(r);
    return finish(r, ret);
}

int recorder_run(const struct recorder_options *options, struct recorder_result *ret_result,
                 struct err *err)
{
    /* Content passes through buffers of a MiB: give them back to malloc, not to the kernel, which
     * would clear their pages each time. */
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 32 << 20);
    /* Where not even this is to be had nothing was begun yet, and an error is all there is. */
    void *volatile needed = malloc(LEAST_MEMORY);
    if (needed == NULL)
        return err_sys(err, ENOMEM, "cannot record");
    free(needed);
    struct recorder r = {.options = options};
    r.clock_base = clock_ns(CLOCK_MONOTONIC);
    r.emit = emit_new();
    r.files = files_new();
    r.objects = shared_objects_new();
    struct recorder_result result = {0};
    int e = run(&r, &result, err);
    recorder_done(&r);
    if (e == 0)
        *ret_result = result;
    return e;
}

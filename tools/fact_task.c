/* Owns the tree of tasks. What the events tell is hostile: a task is born once, its parent was born
 * before, and the arguments kept are bounded. */
#include "tools/fact_task.h"

#include "base/scope.h"

#include <errno.h>
#include <string.h>

#define ARGV_BYTES_MAX (64u << 20) /* of all tasks together */

static struct fact_task *find(struct trace_facts *facts, uint32_t serial)
{
    uintptr_t place = (uintptr_t)map64_get(&facts->by_serial, serial);
    return place != 0 ? &facts->tasks[place - 1] : NULL;
}

static int grow(struct trace_facts *facts)
{
    if (facts->n_tasks < facts->cap_tasks)
        return 0;
    size_t cap = facts->cap_tasks * 2 + 16;
    struct fact_task *tasks = reallocarray(facts->tasks, cap, sizeof *tasks);
    if (tasks == NULL)
        return -ENOMEM;
    facts->tasks = tasks;
    facts->cap_tasks = cap;
    return 0;
}

/* Hangs the newest task below its parent, or beside the other roots. */
static void link_task(struct trace_facts *facts, struct fact_task *parent)
{
    size_t i = facts->n_tasks - 1;
    size_t *first = parent != NULL ? &parent->first_child : &facts->first_root;
    size_t *last = parent != NULL ? &parent->last_child : &facts->last_root;
    facts->tasks[i].up = parent != NULL ? (size_t)(parent - facts->tasks) : FACT_TASK_NONE;
    if (*first == FACT_TASK_NONE)
        *first = i;
    else
        facts->tasks[*last].next_sibling = i;
    *last = i;
}

static int set_argv(struct trace_facts *facts, struct fact_task *task, size_t argc,
                    const void *const *args, const size_t *lens)
{
    size_t total = argc * sizeof *lens;
    for (size_t i = 0; i < argc; i++)
        total += lens[i];
    if (total > ARGV_BYTES_MAX - facts->argv_bytes) {
        facts->argv_cut = true;
        total = argc = 0;
    }
    char *argv SCOPE_FREE = malloc(total + 1);
    size_t *arg_len SCOPE_FREE = calloc(argc + 1, sizeof *arg_len);
    if (argv == NULL || arg_len == NULL)
        return -ENOMEM;
    size_t at = 0;
    for (size_t i = 0; i < argc; i++) {
        if (lens[i] > 0)
            memcpy(argv + at, args[i], lens[i]);
        arg_len[i] = lens[i];
        at += lens[i];
    }
    free(task->argv);
    free(task->arg_len);
    task->argc = argc;
    task->argv = TAKE(argv);
    task->arg_len = TAKE(arg_len);
    facts->argv_bytes += total;
    return 0;
}

static int inherit_argv(struct trace_facts *facts, struct fact_task *task,
                        const struct fact_task *parent)
{
    const void **args SCOPE_FREE = calloc(parent->argc + 1, sizeof *args);
    if (args == NULL)
        return -ENOMEM;
    size_t at = 0;
    for (size_t i = 0; i < parent->argc; at += parent->arg_len[i++])
        args[i] = parent->argv + at;
    return set_argv(facts, task, parent->argc, args, parent->arg_len);
}

static int note_birth(struct trace_facts *facts, uint32_t serial, const Reprise__Birth *birth)
{
    if (find(facts, serial) != NULL)
        return 0;
    int r = grow(facts);
    if (r < 0)
        return r;
    struct fact_task *task = &facts->tasks[facts->n_tasks];
    *task = (struct fact_task){
        .serial = serial,
        .parent = birth->parent,
        .pid = birth->pid,
        .tid = birth->tid,
        .first_child = FACT_TASK_NONE,
        .last_child = FACT_TASK_NONE,
        .next_sibling = FACT_TASK_NONE,
    };
    r = map64_put(&facts->by_serial, serial, (void *)(uintptr_t)(facts->n_tasks + 1));
    if (r < 0)
        return r;
    facts->n_tasks++;
    struct fact_task *parent = find(facts, birth->parent);
    if (parent == task)
        parent = NULL;
    link_task(facts, parent);
    return parent != NULL ? inherit_argv(facts, task, parent) : 0;
}

static int note_exec(struct trace_facts *facts, uint32_t serial, const Reprise__Exec *exec)
{
    struct fact_task *task = find(facts, serial);
    if (task == NULL)
        return 0;
    task->execs++;
    if (exec->tid != 0)
        task->tid = exec->tid;
    const void **args SCOPE_FREE = calloc(exec->n_argv + 1, sizeof *args);
    size_t *lens SCOPE_FREE = calloc(exec->n_argv + 1, sizeof *lens);
    if (args == NULL || lens == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < exec->n_argv; i++) {
        args[i] = exec->argv[i].data;
        lens[i] = exec->argv[i].len;
    }
    return set_argv(facts, task, exec->n_argv, args, lens);
}

static void note_exit(struct trace_facts *facts, uint32_t serial, const Reprise__Exit *end)
{
    struct fact_task *task = find(facts, serial);
    if (task == NULL)
        return;
    task->detached = end->detached;
    task->ended = !end->detached;
    task->status = end->status;
}

int fact_task_event(struct trace_facts *facts, const Reprise__Event *event)
{
    if (event->body_case == REPRISE__EVENT__BODY_BIRTH)
        return note_birth(facts, event->task, event->birth);
    if (event->body_case == REPRISE__EVENT__BODY_EXEC)
        return note_exec(facts, event->task, event->exec);
    if (event->body_case == REPRISE__EVENT__BODY_EXIT)
        note_exit(facts, event->task, event->exit);
    return 0;
}

void fact_task_done(struct trace_facts *facts)
{
    for (size_t i = 0; i < facts->n_tasks; i++) {
        free(facts->tasks[i].argv);
        free(facts->tasks[i].arg_len);
    }
    free(facts->tasks);
    map64_done(&facts->by_serial);
}

/* Owns tasks and processes: births, execs, names, ends. What the events tell is hostile: a task
 * may act that was never born, or be born twice. */
#include "decode/walk_model.h"

#include <errno.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#define ARGV_BYTES_MAX ((size_t)64 << 20) /* of all programs together */

static void program_unref(struct walk_model *m, struct walk_program *p)
{
    if (p == NULL || --p->refs > 0)
        return;
    for (size_t i = 0; i < p->argc; i++) {
        m->argv_bytes -= p->lens[i];
        free(p->argv[i]);
    }
    free(p->argv);
    free(p->lens);
    free(p->path);
    free(p);
}

static char *copy_bytes(const ProtobufCBinaryData *bytes)
{
    char *s = malloc(bytes->len + 1);
    if (s == NULL)
        return NULL;
    if (bytes->len > 0)
        memcpy(s, bytes->data, bytes->len);
    s[bytes->len] = '\0';
    return s;
}

static int copy_argv(struct walk_model *m, struct walk_program *p, const Reprise__Exec *exec)
{
    size_t total = 0;
    for (size_t i = 0; i < exec->n_argv; i++)
        total += exec->argv[i].len + sizeof(char *) * 4;
    if (total > ARGV_BYTES_MAX - m->argv_bytes)
        return 0;
    p->argv = calloc(exec->n_argv + 1, sizeof *p->argv);
    p->lens = calloc(exec->n_argv + 1, sizeof *p->lens);
    if (p->argv == NULL || p->lens == NULL)
        return -ENOMEM;
    for (; p->argc < exec->n_argv; p->argc++) {
        p->argv[p->argc] = copy_bytes(&exec->argv[p->argc]);
        if (p->argv[p->argc] == NULL)
            return -ENOMEM;
        p->lens[p->argc] = exec->argv[p->argc].len;
        m->argv_bytes += p->lens[p->argc];
    }
    return 0;
}

static int program_new(struct walk_model *m, const struct walk_event *ev, struct walk_program **ret)
{
    const Reprise__Exec *exec = ev->event->exec;
    struct walk_program *p = calloc(1, sizeof *p);
    if (p == NULL)
        return -ENOMEM;
    p->refs = 1;
    p->time = ev->time;
    p->path = copy_bytes(&exec->path);
    p->path_len = exec->path.len;
    if (p->path == NULL || copy_argv(m, p, exec) < 0) {
        program_unref(m, p);
        return -ENOMEM;
    }
    *ret = p;
    return 0;
}

/* Makes room for one more pointer. */
static int grow(void *array, size_t n, size_t *cap)
{
    void **v = *(void ***)array;
    if (n < *cap)
        return 0;
    size_t more = *cap * 2 + 16;
    v = reallocarray(v, more, sizeof *v);
    if (v == NULL)
        return -ENOMEM;
    *(void ***)array = v;
    *cap = more;
    return 0;
}

static struct walk_process *process_new(struct walk_model *m, int32_t pid,
                                        struct walk_process *parent, uint64_t time)
{
    if (grow(&m->processes, m->n_processes, &m->cap_processes) < 0)
        return NULL;
    struct walk_process *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    p->number = (uint32_t)m->n_processes + 1;
    p->pid = pid;
    p->parent = parent;
    p->born = time;
    if (parent != NULL && parent->program != NULL) {
        p->program = parent->program;
        p->program->refs++;
    }
    m->processes[m->n_processes++] = p;
    return p;
}

/* `birth` is NULL for a task that acts without having been born. */
static struct walk_task *task_new(struct walk_model *m, const struct walk_event *ev,
                                  const Reprise__Birth *birth)
{
    uint32_t serial = ev->event->task;
    struct walk_task *parent =
        birth != NULL && birth->parent != serial ? map64_get(&m->by_serial, birth->parent) : NULL;
    bool thread =
        parent != NULL && ((birth->clone_flags & CLONE_THREAD) != 0 ||
                           (birth->pid == parent->process->pid && birth->tid != birth->pid));
    if (grow(&m->tasks, m->n_tasks, &m->cap_tasks) < 0)
        return NULL;
    struct walk_task *t = calloc(1, sizeof *t);
    if (t == NULL)
        return NULL;
    t->process = thread ? parent->process
                        : process_new(m, birth != NULL ? birth->pid : 0,
                                      parent != NULL ? parent->process : NULL, ev->time);
    if (t->process == NULL || map64_put(&m->by_serial, serial, t) < 0) {
        free(t);
        return NULL;
    }
    t->serial = serial;
    t->tid = birth != NULL ? birth->tid : 0;
    t->parent = parent;
    t->born = ev->time;
    t->clone_flags = birth != NULL ? birth->clone_flags : 0;
    t->rank = t->process->n_tasks++;
    t->process->n_alive++;
    if (parent != NULL)
        memcpy(t->name, parent->name, sizeof t->name);
    m->tasks[m->n_tasks++] = t;
    return t;
}

static void set_name(struct walk_task *t, const uint8_t *name, size_t len)
{
    size_t n = len > 0 ? strnlen((const char *)name, len) : 0;
    if (n > WALK_NAME_MAX - 1)
        n = WALK_NAME_MAX - 1;
    memset(t->name, 0, sizeof t->name);
    if (n > 0)
        memcpy(t->name, name, n);
}

static int note_exec(struct walk_model *m, struct walk_task *t, const struct walk_event *ev)
{
    const Reprise__Exec *exec = ev->event->exec;
    struct walk_program *program;
    int r = program_new(m, ev, &program);
    if (r < 0)
        return r;
    program_unref(m, t->process->program);
    t->process->program = program;
    t->process->n_execs++;
    if (exec->tid != 0)
        t->tid = exec->tid;
    const char *slash = memrchr(program->path, '/', program->path_len);
    const char *base = slash != NULL ? slash + 1 : program->path;
    set_name(t, (const uint8_t *)base, program->path_len - (size_t)(base - program->path));
    return 0;
}

static void note_exit(struct walk_task *t, const struct walk_event *ev)
{
    const Reprise__Exit *x = ev->event->exit;
    struct walk_process *p = t->process;
    if (t->ended)
        return;
    t->ended = true;
    t->detached = x->detached;
    t->killed = x->killed;
    t->status = x->status;
    t->ended_at = ev->time;
    if (t->tid == p->pid) {
        p->status = x->status;
        p->detached = x->detached;
    }
    if (--p->n_alive == 0) {
        p->ended = true;
        p->ended_at = ev->time;
    }
}

/* prctl(PR_SET_NAME, name) */
static void note_name(struct walk_task *t)
{
    const struct walk_call *c = &t->call;
    if (c->n_args < 2 || c->result != 0 ||
        !syscall_is_command(c->nr, c->args, COMMANDS_PRCTL, PR_SET_NAME))
        return;
    for (size_t i = 0; i < c->n_in; i++)
        if (c->in[i]->addr == c->args[1])
            set_name(t, c->in[i]->data.data, c->in[i]->data.len);
}

int walk_model_event(struct walk_model *m, const struct walk_event *ev, struct walk_task **ret_task)
{
    struct walk_task *t = map64_get(&m->by_serial, ev->event->task);
    bool birth = ev->kind == REPRISE__EVENT__BODY_BIRTH;
    if (t == NULL)
        t = task_new(m, ev, birth ? ev->event->birth : NULL);
    if (t == NULL)
        return -ENOMEM;
    t->stream = ev->stream;
    int r = 0;
    if (ev->kind == REPRISE__EVENT__BODY_SYSCALL || ev->kind == REPRISE__EVENT__BODY_EXEC)
        r = walk_call_event(m, t, ev);
    if (r == 0 && ev->kind == REPRISE__EVENT__BODY_SYSCALL && t->call.done)
        note_name(t);
    if (r == 0 && ev->kind == REPRISE__EVENT__BODY_EXEC)
        r = note_exec(m, t, ev);
    if (ev->kind == REPRISE__EVENT__BODY_EXIT)
        note_exit(t, ev);
    *ret_task = t;
    return r;
}

void walk_model_done(struct walk_model *m)
{
    if (m == NULL)
        return;
    for (size_t i = 0; i < m->n_tasks; i++) {
        walk_call_forget(m, m->tasks[i]);
        free(m->tasks[i]);
    }
    for (size_t i = 0; i < m->n_processes; i++) {
        program_unref(m, m->processes[i]->program);
        free(m->processes[i]);
    }
    free(m->tasks);
    free(m->processes);
    map64_done(&m->by_serial);
    *m = (struct walk_model){0};
}

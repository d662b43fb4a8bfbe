/* Owns the lines of /proc/PID/status that would show the recorder: the tracer, the state of a task
 * that stands still for the recorder, and the CPU that tasks are pinned to. A program that reads
 * the file gets a text of the recorder's, which may be longer than the kernel's, piece by piece. */
#include "recorder/proc_status.h"

#include "base/scope.h"
#include "recorder/fd_class.h"
#include "recorder/ptrace_state.h"
#include "recorder/tasks.h"
#include "task/proc.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX 16384

struct status_file {
    struct status_file *next;
    int fd;
    size_t len, pos;
    char text[TEXT_MAX];
};

static bool is_status_file(const struct task *t, int fd)
{
    char name[64];
    ssize_t n = readlink(proc_fd(t->tid, fd).s, name, sizeof name - 1);
    if (n <= 0)
        return false;
    name[n] = '\0';
    return strncmp(name, "/proc/", 6) == 0 && n > 7 && strcmp(name + n - 7, "/status") == 0;
}

static struct status_file *find(const struct task *t, int fd)
{
    struct status_file *f = t->status_files;
    while (f != NULL && f->fd != fd)
        f = f->next;
    return f;
}

void proc_status_opened(struct task *t, const uint8_t *path, size_t len, int64_t fd)
{
    static const char name[] = "status";
    if (len < sizeof name || memcmp(path + len - sizeof name, name, sizeof name) != 0 ||
        !is_status_file(t, (int)fd))
        return;
    struct status_file *f = find(t, (int)fd);
    if (f == NULL && (f = calloc(1, sizeof *f)) == NULL)
        return;
    if (f->fd == 0 && f->next == NULL && t->status_files != f) {
        f->next = t->status_files;
        t->status_files = f;
    }
    f->fd = (int)fd;
    f->len = f->pos = 0;
}

void proc_status_free(struct task *t)
{
    for (struct status_file *f = t->status_files, *next; f != NULL; f = next) {
        next = f->next;
        free(f);
    }
    t->status_files = NULL;
}

/* ---- the text ---- */

/* The value of a line, or NULL. */
static char *value_of(char *text, const char *name)
{
    size_t len = strlen(name);
    for (char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, len) == 0 && line[len] == ':' && line[len + 1] == '\t')
            return line + len + 2;
    }
    return NULL;
}

static void set_value(char *text, const char *name, const char *value)
{
    char *old = value_of(text, name);
    if (old == NULL)
        return;
    char *end = old + strcspn(old, "\n");
    size_t len = strlen(value), rest = strlen(end) + 1;
    if ((size_t)(old - text) + len + rest > TEXT_MAX)
        return;
    memmove(old + len, end, rest);
    memcpy(old, value, len);
}

/* The hexadecimal digits stand for as many CPUs as the kernel chose to print. */
static void set_mask(char *text, const cpu_set_t *cpus)
{
    static const char digits[] = "0123456789abcdef";
    char *value = value_of(text, "Cpus_allowed");
    if (value == NULL)
        return;
    size_t cpu = 0;
    for (char *p = value + strcspn(value, "\n"); p > value;) {
        if (*--p == ',')
            continue;
        unsigned digit = 0;
        for (unsigned i = 0; i < 4; i++, cpu++)
            digit |= (cpu < CPU_SETSIZE && CPU_ISSET(cpu, cpus) ? 1u : 0u) << i;
        *p = digits[digit];
    }
}

static void set_list(char *text, const cpu_set_t *cpus)
{
    char list[2048];
    size_t len = 0;
    list[0] = '\0';
    for (size_t cpu = 0; cpu < CPU_SETSIZE && len < sizeof list - 32; cpu++) {
        if (!CPU_ISSET(cpu, cpus))
            continue;
        size_t last = cpu;
        while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, cpus))
            last++;
        len += (size_t)snprintf(list + len, sizeof list - len, len > 0 ? ",%zu" : "%zu", cpu);
        if (last > cpu)
            len += (size_t)snprintf(list + len, sizeof list - len, "-%zu", last);
        cpu = last;
    }
    set_value(text, "Cpus_allowed_list", list);
}

static void set_state(char *text, const struct task *reader, const struct task *t)
{
    const char *state = value_of(text, "State");
    bool held = t->traced != NULL && t->traced->stop.kind != PTRACE_STOP_NONE;
    if (state == NULL || state[0] != 't' || held)
        return;
    bool sleeps = t != reader && (t->call.active || t->call.restarting);
    set_value(text, "State",
              t->in_group_stop ? "T (stopped)"
              : sleeps         ? "S (sleeping)"
                               : "R (running)");
}

/* The filter by which calls stop is not the program's (proc_pid_status(5)). */
static void hide_filter(char *text, const struct task *t)
{
    set_value(text, "NoNewPrivs", t->no_new_privs ? "1" : "0");
    set_value(text, "Seccomp", t->strict ? "1" : t->filtered ? "2" : "0");
    const char *count = value_of(text, "Seccomp_filters");
    long n = count != NULL ? strtol(count, NULL, 10) : 0;
    char less[24];
    snprintf(less, sizeof less, "%ld", n > 0 ? n - 1 : 0);
    if (n > 0)
        set_value(text, "Seccomp_filters", less);
}

static void rewrite(struct recorder *r, const struct task *reader, char *text)
{
    const char *pid = value_of(text, "Pid");
    const struct task *t = pid != NULL ? task_find(r, (pid_t)strtol(pid, NULL, 10)) : NULL;
    if (t == NULL)
        return; /* not recorded */
    size_t len = strlen(text);
    char tracer[32];
    bool traced = t->traced != NULL && t->traced->tracer != NULL;
    set_state(text, reader, t);
    set_mask(text, task_affinity(r, t));
    set_list(text, task_affinity(r, t));
    if (r->filters_calls)
        hide_filter(text, t);
    /* Not shorter than it was, for the kernel has written that much: spaces follow the number. */
    set_value(text, "TracerPid", "");
    size_t now = strlen(text);
    int width = len > now && len - now < sizeof tracer ? (int)(len - now) : 0;
    snprintf(tracer, sizeof tracer, "%-*d", width, traced ? (int)t->traced->tracer->tid : 0);
    set_value(text, "TracerPid", tracer);
}

/* ---- reading ---- */

/* All of the text: as the task read it, if it read all, for the kernel makes it for the reader. */
static bool take_text(struct task *t, struct status_file *f, int64_t result)
{
    const uint64_t *args = t->call.call.args;
    long n = -1;
    if (result > 0 && result < TEXT_MAX && (uint64_t)result < args[2]) {
        n = tracee_read(t->tid, args[1], f->text, (size_t)result);
    } else {
        int fd SCOPE_CLOSE = open(proc_fd(t->tid, f->fd).s, O_RDONLY | O_CLOEXEC);
        n = fd >= 0 ? read(fd, f->text, TEXT_MAX - 1) : -1;
    }
    if (n <= 0)
        return false;
    f->text[n] = '\0';
    return true;
}

void proc_status_read(struct recorder *r, struct task *t, struct user_regs_struct *regs)
{
    const struct syscall_call *c = &t->call.call;
    struct status_file *f = find(t, (int)c->args[0]);
    int64_t result = regs_result(regs);
    uint64_t at;
    if (f == NULL || result < 0 || !is_status_file(t, f->fd))
        return;
    bool by_offset = syscall_traits(c->nr)->io.place == PLACE_ARG;
    if (by_offset)
        at = c->args[3];
    else if (!fd_class_position(t, c->args[0], &at))
        return;
    else
        at -= (uint64_t)result; /* where the kernel was before */
    if (at == 0 && result > 0) {
        if (!take_text(t, f, result))
            return;
        rewrite(r, t, f->text);
        f->len = strlen(f->text);
        f->pos = 0;
    }
    if (by_offset)
        f->pos = at < f->len ? at : f->len;
    size_t n = f->len - f->pos < c->args[2] ? f->len - f->pos : c->args[2];
    for (; n < (size_t)result && f->len < TEXT_MAX - 1; n++)
        f->text[f->len++] = '\n'; /* a number was longer for the task */
    if (n > 0 && tracee_write(t->tid, c->args[1], f->text + f->pos, n) < 0)
        return;
    f->pos += n;
    regs_set_result(regs, (int64_t)n);
    tracee_set_reg(t->tid, REGS_RESULT, n);
}

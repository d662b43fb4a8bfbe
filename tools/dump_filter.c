/* Owns what is shown: sets of calls and signals in strace's language, tasks, paths, ranges. */
#include "tools/dump_filter.h"

#include "base/scope.h"
#include "decode/call_text.h"
#include "syscalls/syscall_class.h"
#include "tools/report.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

void dump_filter_init(struct dump_filter *f)
{
    *f = (struct dump_filter){.signals = UINT64_MAX, .status = STATUS_ALL, .last = UINT64_MAX};
    memset(f->calls, true, sizeof f->calls);
}

void dump_filter_done(struct dump_filter *f)
{
    for (size_t i = 0; i < f->n_paths; i++)
        free(f->paths[i]);
    free(f->paths);
    free(f->pids);
}

/* ---- sets of calls ---- */

static int add_regex(bool set[FILTER_CALLS], const char *pattern)
{
    regex_t re;
    int r = regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB);
    if (r != 0) {
        char why[128];
        regerror(r, &re, why, sizeof why);
        report_error("-e trace=/%s: %s", pattern, why);
        return -EINVAL;
    }
    size_t found = 0;
    for (size_t nr = 0; nr < syscall_count() && nr < FILTER_CALLS - 1; nr++) {
        const struct syscall_row *row = syscall_row((int64_t)nr);
        if (row == NULL || regexec(&re, row->name, 0, NULL, 0) != 0)
            continue;
        set[nr] = true;
        found++;
    }
    regfree(&re);
    if (found > 0)
        return 0;
    report_error("-e trace=/%s: no system call has such a name", pattern);
    return -EINVAL;
}

static void add_class(bool set[FILTER_CALLS], const char *name)
{
    for (size_t nr = 0; nr < FILTER_CALLS; nr++)
        if (syscall_is_of_class((int64_t)nr, name))
            set[nr] = true;
}

static int add_calls(bool set[FILTER_CALLS], const char *word)
{
    bool lenient = word[0] == '?';
    word += lenient;
    if (word[0] == '/')
        return add_regex(set, word + 1);
    if (word[0] == '%' && syscall_class_exists(word + 1)) {
        add_class(set, word + 1);
        return 0;
    }
    char *end;
    unsigned long nr = isdigit((unsigned char)word[0]) ? strtoul(word, &end, 10) : FILTER_CALLS;
    if (nr < FILTER_CALLS - 1 && *end == '\0') {
        set[nr] = true;
        return 0;
    }
    int64_t number = syscall_number(word);
    if (number >= 0 && number < FILTER_CALLS - 1) {
        set[number] = true;
        return 0;
    }
    if (word[0] != '%' && syscall_class_exists(word)) { /* as strace took it of old */
        add_class(set, word);
        return 0;
    }
    if (lenient)
        return 0;
    report_error("-e trace: there is no system call or class '%s'", word);
    return -EINVAL;
}

/* Calls `add` for each word between commas of a copy of `list`. */
static int each_word(const char *list, int (*add)(void *set, const char *word), void *set)
{
    char *copy SCOPE_FREE = strdup(list);
    if (copy == NULL)
        return -ENOMEM;
    char *save = NULL;
    int r = 0;
    for (char *word = strtok_r(copy, ",", &save); word != NULL && r == 0;
         word = strtok_r(NULL, ",", &save))
        r = add(set, word);
    return r;
}

static int add_call_word(void *set, const char *word)
{
    return add_calls(set, word);
}

static int parse_trace(struct dump_filter *f, const char *arg)
{
    bool set[FILTER_CALLS] = {false};
    bool inverted = arg[0] == '!';
    arg += inverted;
    int r = 0;
    if (strcmp(arg, "all") == 0)
        memset(set, true, sizeof set);
    else if (strcmp(arg, "none") != 0)
        r = each_word(arg, add_call_word, set);
    if (arg[0] == '\0') {
        report_error("-e trace= wants system calls, such as openat,%%network");
        return -EINVAL;
    }
    for (size_t i = 0; i < FILTER_CALLS; i++)
        f->calls[i] = set[i] != inverted;
    return r;
}

/* ---- signals, statuses ---- */

static int add_signal(void *set, const char *word)
{
    uint64_t *bits = set;
    const char *name = strncasecmp(word, "SIG", 3) == 0 ? word + 3 : word;
    for (int n = 1; n < 64; n++) {
        const char *abbrev = sigabbrev_np(n);
        if ((abbrev != NULL && strcasecmp(abbrev, name) == 0) || atoi(word) == n) {
            *bits |= 1ull << n;
            return 0;
        }
    }
    report_error("-e signal: there is no signal '%s'", word);
    return -EINVAL;
}

static int parse_signals(struct dump_filter *f, const char *arg)
{
    uint64_t set = 0;
    bool inverted = arg[0] == '!';
    arg += inverted;
    int r = 0;
    if (strcmp(arg, "all") == 0)
        set = UINT64_MAX;
    else if (strcmp(arg, "none") != 0)
        r = each_word(arg, add_signal, &set);
    f->signals = inverted ? ~set : set;
    return r;
}

static const struct {
    const char *name;
    unsigned bit;
} statuses[] = {
    {"successful", STATUS_SUCCESSFUL},
    {"failed", STATUS_FAILED},
    {"unfinished", STATUS_UNFINISHED},
    {"unavailable", STATUS_UNAVAILABLE},
    {"detached", STATUS_DETACHED},
    {"all", STATUS_ALL},
    {"none", 0},
};

static int add_status(void *set, const char *word)
{
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        if (strcmp(statuses[i].name, word) == 0) {
            *(unsigned *)set |= statuses[i].bit;
            return 0;
        }
    report_error("-e status: successful, failed, unfinished, unavailable or detached, not '%s'",
                 word);
    return -EINVAL;
}

static int parse_status(struct dump_filter *f, const char *arg)
{
    unsigned set = 0;
    bool inverted = arg[0] == '!';
    int r = each_word(arg + inverted, add_status, &set);
    f->status = inverted ? STATUS_ALL & ~set : set;
    return r;
}

int dump_filter_expression(struct dump_filter *f, const char *arg)
{
    static const struct {
        const char *key;
        int (*parse)(struct dump_filter *f, const char *arg);
    } keys[] = {
        {"trace=", parse_trace},     {"t=", parse_trace},   {"signal=", parse_signals},
        {"signals=", parse_signals}, {"s=", parse_signals}, {"status=", parse_status},
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strncmp(arg, keys[i].key, strlen(keys[i].key)) == 0)
            return keys[i].parse(f, arg + strlen(keys[i].key));
    if (strchr(arg, '=') != NULL) {
        report_error("-e %s: it takes trace=, signal= and status=", arg);
        return -EINVAL;
    }
    return parse_trace(f, arg);
}

/* ---- tasks, paths, ranges ---- */

static int add_pid(void *ctx, const char *word)
{
    struct dump_filter *f = ctx;
    char *end;
    errno = 0;
    long pid = strtol(word, &end, 10);
    if (!isdigit((unsigned char)word[0]) || *end != '\0' || errno != 0 || pid > INT32_MAX) {
        report_error("-p %s: it takes numbers of processes or threads", word);
        return -EINVAL;
    }
    int32_t *pids = reallocarray(f->pids, f->n_pids + 1, sizeof *pids);
    if (pids == NULL)
        return -ENOMEM;
    pids[f->n_pids++] = (int32_t)pid;
    f->pids = pids;
    return 0;
}

int dump_filter_pid(struct dump_filter *f, const char *arg)
{
    if (arg[0] == '\0')
        return add_pid(f, arg);
    return each_word(arg, add_pid, f);
}

int dump_filter_path(struct dump_filter *f, const char *arg)
{
    char **paths = reallocarray(f->paths, f->n_paths + 1, sizeof *paths);
    if (paths == NULL)
        return -ENOMEM;
    f->paths = paths;
    paths[f->n_paths] = strdup(arg);
    return paths[f->n_paths] != NULL ? (f->n_paths++, 0) : -ENOMEM;
}

static bool parse_number(const char **p, uint64_t *ret)
{
    char *end;
    errno = 0;
    unsigned long long n = strtoull(*p, &end, 10);
    if (!isdigit((unsigned char)**p) || errno != 0)
        return false;
    *p = end;
    *ret = n;
    return true;
}

int dump_filter_range(struct dump_filter *f, const char *arg)
{
    const char *p = arg;
    uint64_t first = 0, last = UINT64_MAX;
    bool ok = *p == '-' || parse_number(&p, &first);
    bool dash = ok && *p == '-';
    p += dash;
    if (ok && !dash)
        last = first; /* one event */
    ok = ok && (*p == '\0' || parse_number(&p, &last));
    if (!ok || *p != '\0' || first > last) {
        report_error("--range=%s: it takes FIRST-LAST, numbers of events; either may be left out",
                     arg);
        return -EINVAL;
    }
    f->first = first;
    f->last = last;
    return 0;
}

/* ---- tests ---- */

bool dump_filter_task(const struct dump_filter *f, const struct walk_task *task)
{
    for (size_t i = 0; i < f->n_pids; i++)
        if (f->pids[i] == task->tid || f->pids[i] == task->process->pid)
            return true;
    return f->n_pids == 0;
}

static bool is_wanted_path(const struct dump_filter *f, const char *path, size_t len)
{
    for (size_t i = 0; i < f->n_paths; i++)
        if (strlen(f->paths[i]) == len && memcmp(f->paths[i], path, len) == 0)
            return true;
    return false;
}

static bool path_matches(const struct dump_filter *f, const struct walk_task *task,
                         const struct walk_call *call, size_t i, const struct fd_follow *fds)
{
    struct call_arg a;
    call_arg_get(call, i, &a);
    if (a.in.data == NULL)
        return false;
    size_t len = strnlen((const char *)a.in.data, (size_t)a.in.kept);
    if (is_wanted_path(f, (const char *)a.in.data, len))
        return true;
    bool beside = i > 0 && call->row->args[i - 1] == ARG_DIRFD;
    struct buf full = {0};
    int dirfd = beside ? (int)call->args[i - 1] : AT_FDCWD;
    int r = fd_follow_path(fds, task, dirfd, (const char *)a.in.data, len, &full);
    bool is = r == 0 && is_wanted_path(f, (const char *)full.data, full.len);
    buf_done(&full);
    return is;
}

static bool names_path(const struct dump_filter *f, const struct walk_task *task,
                       const struct walk_call *call, const struct fd_follow *fds)
{
    if (call->row == NULL || !call->entered)
        return false;
    for (size_t i = 0; i < call->n_args; i++) {
        enum arg_kind kind = call->row->args[i];
        if (kind == ARG_PATH && path_matches(f, task, call, i, fds))
            return true;
        if (kind != ARG_FD && kind != ARG_DIRFD)
            continue;
        const struct fd_object *o = fd_follow_get(fds, task, (int)call->args[i]);
        if (o != NULL && o->path != NULL && is_wanted_path(f, o->path, strlen(o->path)))
            return true;
    }
    return false;
}

bool dump_filter_call(const struct dump_filter *f, const struct walk_task *task,
                      const struct walk_call *call, const struct fd_follow *fds)
{
    bool known = call->nr >= 0 && call->nr < FILTER_CALLS - 1;
    if (!f->calls[known ? (size_t)call->nr : FILTER_CALLS - 1])
        return false;
    return f->n_paths == 0 || names_path(f, task, call, fds);
}

bool dump_filter_result(const struct dump_filter *f, const struct walk_call *call)
{
    if (!call->done)
        return (f->status & STATUS_UNFINISHED) != 0;
    bool failed = call_is_error(call, NULL);
    return (f->status & (failed ? STATUS_FAILED : STATUS_SUCCESSFUL)) != 0;
}

/* Owns the order and form of lines: which call is printed when, what stands before and behind it.
 * A call is printed when it ends, unless something else comes first: then in two halves. */
#include "tools/dump_print.h"

#include "decode/trap_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

struct dump_printer {
    const struct dump_options *o;
    struct trace_walk *walk;
    const struct fd_follow *fds;
    struct dump_out *out;
    struct call_decoder decoder;
    struct buf line;
    struct walk_task *open; /* its call began, nothing else came since, nothing is printed of it */
    uint64_t skip;          /* events up to this number are not printed */
    uint64_t start_ns;      /* of the recording, CLOCK_REALTIME */
    uint64_t last_ns;       /* of the line before, for -r */
    bool any;               /* there was a line before */
    uint32_t alive;         /* tasks */
    bool showing;           /* the event given last is shown */
    time_t second;          /* that `clock` is of */
    char clock[16];
};

/* walk_task.user: how much of its call is printed. */
enum { CALL_NEW = 0, CALL_HALF = 1 };

static bool is_half(const struct walk_task *t)
{
    return t->user != NULL;
}

static void set_half(struct walk_task *t, struct dump_printer *p, bool half)
{
    t->user = half ? p : NULL;
}

int dump_printer_new(const struct dump_options *options, struct trace_walk *walk,
                     const struct fd_follow *fds, struct dump_out *out, struct dump_printer **ret)
{
    struct dump_printer *p = calloc(1, sizeof *p);
    if (p == NULL)
        return -ENOMEM;
    p->o = options;
    p->walk = walk;
    p->fds = fds;
    p->out = out;
    p->decoder = (struct call_decoder){
        .reader = trace_walk_reader(walk), .fds = fds, .style = &options->style};
    p->start_ns = trace_reader_header(trace_walk_reader(walk))->start_unix_ns;
    *ret = p;
    return 0;
}

void dump_printer_free(struct dump_printer *p)
{
    if (p == NULL)
        return;
    buf_done(&p->line);
    free(p);
}

void dump_printer_skip(struct dump_printer *p, uint64_t number)
{
    p->skip = number;
}

/* ---- pieces of a line ---- */

static int add(struct dump_printer *p, const char *text)
{
    return buf_append(&p->line, text, strlen(text));
}

static int add_fmt(struct dump_printer *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static int add_fmt(struct dump_printer *p, const char *fmt, ...)
{
    char text[128];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return add(p, text);
}

static int add_time(struct dump_printer *p, uint64_t ns)
{
    uint64_t at = p->start_ns + ns;
    time_t second = (time_t)(at / 1000000000u);
    unsigned micro = (unsigned)(at / 1000u % 1000000u);
    if (p->o->times > 2)
        return add_fmt(p, "%lld.%06u ", (long long)second, micro);
    if (p->second != second || p->clock[0] == '\0') {
        struct tm tm = {0};
        localtime_r(&second, &tm);
        strftime(p->clock, sizeof p->clock, "%H:%M:%S", &tm);
        p->second = second;
    }
    return p->o->times > 1 ? add_fmt(p, "%s.%06u ", p->clock, micro) : add_fmt(p, "%s ", p->clock);
}

static int add_relative(struct dump_printer *p, uint64_t ns)
{
    uint64_t since = p->any && ns > p->last_ns ? ns - p->last_ns : 0;
    p->last_ns = ns;
    p->any = true;
    return add_fmt(p, "%6" PRIu64 ".%06u ", since / 1000000000u,
                   (unsigned)(since / 1000u % 1000000u));
}

static int begin_line(struct dump_printer *p, const struct walk_task *t, uint64_t ns,
                      uint64_t number)
{
    buf_clear(&p->line);
    int r = 0;
    if (p->o->events)
        r = number != 0 ? add_fmt(p, "%8" PRIu64 " ", number) : add(p, "       - ");
    if (r == 0 && p->o->pids)
        r = add_fmt(p, "%-5d ", t->tid);
    else if (r == 0 && p->alive > 1)
        r = add_fmt(p, "[pid %5d] ", t->tid);
    if (r == 0 && p->o->relative)
        r = add_relative(p, ns);
    if (r == 0 && p->o->times > 0)
        r = add_time(p, ns);
    return r;
}

static int end_line(struct dump_printer *p)
{
    int r = add(p, "\n");
    if (r == 0)
        dump_out_write(p->out, p->line.data, p->line.len);
    return r;
}

static int add_name(struct dump_printer *p, const struct walk_call *call)
{
    char scratch[CALL_NAME_MAX];
    int r = p->o->numbers ? add_fmt(p, "[%4" PRId64 "] ", call->nr) : 0;
    return r == 0 ? add(p, call_text_name(call, scratch)) : r;
}

/* Room up to the column where results stand. */
static int pad(struct dump_printer *p)
{
    static const char spaces[] = "                                                                ";
    size_t want = p->o->column > p->line.len ? p->o->column - p->line.len : 0;
    int r = 0;
    while (want > 0 && r == 0) {
        size_t n = want < sizeof spaces - 1 ? want : sizeof spaces - 1;
        r = buf_append(&p->line, spaces, n);
        want -= n;
    }
    return r;
}

static void use_task(struct dump_printer *p, const struct walk_task *t)
{
    p->decoder.task = t;
}

/* ---- calls ---- */

/* The first half of the call that began last: something else comes now. */
static int print_half(struct dump_printer *p)
{
    struct walk_task *t = p->open;
    if (t == NULL)
        return 0;
    p->open = NULL;
    const struct walk_call *call = &t->call;
    size_t ready = call_text_ready(call);
    set_half(t, p, true);
    use_task(p, t);
    int r = begin_line(p, t, call->start, call->entry_number);
    if (r == 0)
        r = add_name(p, call);
    if (r == 0)
        r = add(p, "(");
    if (r == 0)
        r = call_text_args_from(&p->decoder, call, 0, ready, &p->line);
    if (r == 0 && ready > 0 && ready < call_text_arg_count(call))
        r = add(p, ", ");
    if (r == 0)
        r = add(p, " <unfinished ...>");
    return r == 0 ? end_line(p) : r;
}

/* All up to the parenthesis that closes. */
static int add_call(struct dump_printer *p, const struct walk_task *t)
{
    char scratch[CALL_NAME_MAX];
    const struct walk_call *call = &t->call;
    int r;
    if (is_half(t) || !call->entered) {
        r = add_fmt(p, "<... %s resumed>", call_text_name(call, scratch));
        size_t ready = call_text_ready(call);
        if (r == 0 && call->entered)
            r = ready == 0 ? call_text_args(&p->decoder, call, &p->line)
                           : call_text_args_from(&p->decoder, call, ready, SIZE_MAX, &p->line);
    } else {
        r = add_name(p, call);
        if (r == 0)
            r = add(p, "(");
        if (r == 0)
            r = call_text_args(&p->decoder, call, &p->line);
    }
    return r == 0 ? add(p, ")") : r;
}

static int begin_call(struct dump_printer *p, const struct walk_event *ev)
{
    struct walk_task *t = ev->task;
    set_half(t, p, false);
    if (!p->showing || p->o->filter.status != STATUS_ALL)
        return 0;
    int r = print_half(p);
    p->open = t;
    return r;
}

/* Everything but the result, which may tell of a descriptor that the call made. */
static int end_call(struct dump_printer *p, const struct walk_event *ev)
{
    struct walk_task *t = ev->task;
    if (p->open == t)
        p->open = NULL;
    if (!p->showing)
        return 0;
    int r = print_half(p);
    use_task(p, t);
    if (r == 0)
        r = begin_line(p, t, is_half(t) ? ev->time : t->call.start, ev->number);
    return r == 0 ? add_call(p, t) : r;
}

static int print_result(struct dump_printer *p, struct walk_task *t)
{
    int r = pad(p);
    if (r == 0)
        r = add(p, " = ");
    if (r == 0)
        r = call_text_result(&p->decoder, &t->call, &p->line);
    if (r == 0 && p->o->durations && t->call.done)
        r = add_fmt(p, " <%" PRIu64 ".%06u>", t->call.duration / 1000000000u,
                    (unsigned)(t->call.duration / 1000u % 1000000u));
    set_half(t, p, false);
    return r == 0 ? end_line(p) : r;
}

/* exit_group and its like: nothing will follow. */
static bool never_returns(const struct walk_call *call)
{
    return call->row != NULL && (call->row->flags & SYSCALL_NEVER_RETURNS) != 0 && !call->done;
}

static int print_last_call(struct dump_printer *p, const struct walk_event *ev)
{
    int r = end_call(p, ev);
    return r == 0 && p->showing ? print_result(p, ev->task) : r;
}

/* ---- other events ---- */

static int print_signal(struct dump_printer *p, const struct walk_event *ev)
{
    const Reprise__Signal *s = ev->event->signal;
    if (s->signo < 64 && (p->o->filter.signals >> s->signo & 1) == 0)
        return 0;
    int r = print_half(p);
    use_task(p, ev->task);
    if (r == 0)
        r = begin_line(p, ev->task, ev->time, ev->number);
    if (r == 0)
        r = add(p, "--- ");
    if (r == 0)
        r = call_text_signal((int)s->signo, &p->line);
    if (r == 0)
        r = add(p, " ");
    if (r == 0)
        r = call_text_siginfo(&p->decoder, s->siginfo.data, s->siginfo.len, &p->line);
    if (r == 0)
        r = add(p, " ---");
    return r == 0 ? end_line(p) : r;
}

static int print_exit(struct dump_printer *p, const struct walk_event *ev)
{
    const Reprise__Exit *x = ev->event->exit;
    int status = x->status;
    int r = print_half(p);
    if (r == 0 && is_half(ev->task)) { /* killed in the midst of a call */
        r = begin_line(p, ev->task, ev->time, 0);
        if (r == 0)
            r = add_call(p, ev->task);
        if (r == 0)
            r = print_result(p, ev->task);
    }
    if (r == 0)
        r = begin_line(p, ev->task, ev->time, ev->number);
    if (r != 0)
        return r;
    if (x->detached)
        r = add(p, "<detached ...>");
    else if (WIFSIGNALED(status)) {
        r = add(p, "+++ killed by ");
        if (r == 0)
            r = call_text_signal(WTERMSIG(status), &p->line);
        if (r == 0)
            r = add(p, WCOREDUMP(status) ? " (core dumped) +++" : " +++");
    } else {
        r = add_fmt(p, "+++ exited with %d +++", WEXITSTATUS(status));
    }
    return r == 0 ? end_line(p) : r;
}

/* The first program was executed before the recording could see the call. */
static int print_first_exec(struct dump_printer *p, const struct walk_event *ev)
{
    const Reprise__Exec *exec = ev->event->exec;
    const Reprise__Header *header = trace_reader_header(trace_walk_reader(p->walk));
    int r = print_half(p);
    if (r == 0)
        r = begin_line(p, ev->task, ev->time, ev->number);
    if (r == 0)
        r = add(p, p->o->numbers ? "[  59] execve(" : "execve(");
    if (r == 0)
        r = call_text_bytes(&p->o->style, exec->path.data, exec->path.len, true, &p->line);
    if (r == 0)
        r = add(p, ", [");
    for (size_t i = 0; r == 0 && i < exec->n_argv; i++) {
        if (i > 0)
            r = add(p, ", ");
        if (r == 0)
            r = call_text_bytes(&p->o->style, exec->argv[i].data, exec->argv[i].len, false,
                                &p->line);
    }
    if (r == 0)
        r = add_fmt(p, "], [/* %zu var%s */])", header->n_envp, header->n_envp == 1 ? "" : "s");
    if (r == 0)
        r = pad(p);
    if (r == 0)
        r = add(p, " = 0");
    return r == 0 ? end_line(p) : r;
}

static int print_word(struct dump_printer *p, const struct walk_event *ev, const char *text)
{
    int r = print_half(p);
    if (r == 0)
        r = begin_line(p, ev->task, ev->time, ev->number);
    if (r == 0)
        r = add_fmt(p, "--- %s ---", text);
    return r == 0 ? end_line(p) : r;
}

static int print_trap(struct dump_printer *p, const struct walk_event *ev)
{
    const Reprise__Trap *trap = ev->event->trap;
    char text[2 * TRAP_TEXT_MAX + 4], call[TRAP_TEXT_MAX], result[TRAP_TEXT_MAX];
    trap_call_text(trap, call);
    trap_result_text(trap, result);
    snprintf(text, sizeof text, "%s = %s", call, result);
    return print_word(p, ev, text);
}

static int print_internal(struct dump_printer *p, const struct walk_event *ev)
{
    char text[112];
    switch (ev->kind) {
    case REPRISE__EVENT__BODY_TRAP:
        return print_trap(p, ev);
    case REPRISE__EVENT__BODY_BIRTH:
        snprintf(text, sizeof text, "born to task %u", ev->event->birth->parent);
        return print_word(p, ev, text);
    case REPRISE__EVENT__BODY_MERGE:
        snprintf(text, sizeof text, "stream %u goes on as %u", ev->event->merge->from,
                 ev->event->merge->into);
        return print_word(p, ev, text);
    case REPRISE__EVENT__BODY_POKE:
    case REPRISE__EVENT__BODY_STEP:
    case REPRISE__EVENT__BODY_FETCH:
    case REPRISE__EVENT__BODY_SYSCALL: /* these are shown otherwise */
    case REPRISE__EVENT__BODY_SIGNAL:
    case REPRISE__EVENT__BODY_EXEC:
    case REPRISE__EVENT__BODY_EXIT:
    case REPRISE__EVENT__BODY_PREEMPTION:
    case REPRISE__EVENT__BODY__NOT_SET: /* what a later version adds */
    case _REPRISE__EVENT__BODY__CASE_IS_INT_SIZE:
        break; /* need no details */
    }
    return print_word(p, ev, event_kind_info(ev->kind)->name);
}

static int print_other(struct dump_printer *p, const struct walk_event *ev)
{
    if (event_kind_info(ev->kind)->shown == EVENT_SHOWN_INTERNAL) /* what strace does not know */
        return p->o->internal ? print_internal(p, ev) : 0;
    switch (ev->kind) {
    case REPRISE__EVENT__BODY_SIGNAL:
        return print_signal(p, ev);
    case REPRISE__EVENT__BODY_EXIT:
        return print_exit(p, ev);
    case REPRISE__EVENT__BODY_PREEMPTION:
        return print_word(p, ev, "preempted");
    case REPRISE__EVENT__BODY_EXEC: {
        int64_t nr = syscall_number("execve");
        const struct walk_call execve = {.nr = nr, .row = syscall_row(nr), .done = true};
        return dump_filter_call(&p->o->filter, ev->task, &execve, p->fds) ? print_first_exec(p, ev)
                                                                          : 0;
    }
    case REPRISE__EVENT__BODY_SYSCALL: /* with its call, not here */
    case REPRISE__EVENT__BODY_TRAP:    /* internal */
    case REPRISE__EVENT__BODY_BIRTH:
    case REPRISE__EVENT__BODY_POKE:
    case REPRISE__EVENT__BODY_MERGE:
    case REPRISE__EVENT__BODY_STEP:
    case REPRISE__EVENT__BODY_FETCH:
    case REPRISE__EVENT__BODY__NOT_SET:
    case _REPRISE__EVENT__BODY__CASE_IS_INT_SIZE:
        break;
    }
    return 0;
}

/* ---- the walk ---- */

static bool is_shown(const struct dump_printer *p, const struct walk_event *ev)
{
    const struct dump_filter *f = &p->o->filter;
    uint64_t number = ev->begins ? trace_walk_number(p->walk) + 1 : ev->number;
    if (number <= p->skip || number < f->first || number > f->last ||
        !dump_filter_task(f, ev->task))
        return false;
    if (ev->call == NULL)
        return true;
    if (!dump_filter_call(f, ev->task, ev->call, p->fds))
        return false;
    bool over = (ev->call->done && !ev->begins) || never_returns(ev->call);
    return !over || dump_filter_result(f, ev->call);
}

int dump_printer_before(struct dump_printer *p, const struct walk_event *ev)
{
    if (ev->kind == REPRISE__EVENT__BODY_BIRTH)
        p->alive++;
    if (ev->kind == REPRISE__EVENT__BODY_BIRTH || ev->kind == REPRISE__EVENT__BODY_EXEC)
        set_half(ev->task, p, is_half(ev->task) && ev->kind == REPRISE__EVENT__BODY_EXEC);
    p->showing = is_shown(p, ev);
    if (ev->call == NULL)
        return p->showing ? print_other(p, ev) : 0;
    if (never_returns(ev->call))
        return print_last_call(p, ev);
    if (ev->call->done)
        return end_call(p, ev);
    return begin_call(p, ev);
}

int dump_printer_after(struct dump_printer *p, const struct walk_event *ev)
{
    if (ev->kind == REPRISE__EVENT__BODY_EXIT && p->alive > 0)
        p->alive--;
    if (ev->call == NULL || !ev->call->done || !p->showing)
        return 0;
    return print_result(p, ev->task);
}

int dump_printer_end(struct dump_printer *p)
{
    return print_half(p);
}

/* Owns the form of events in JSON. Fields are promised in doc/DUMP.md. */
#include "tools/dump_json.h"

#include "decode/trap_text.h"
#include "syscalls/arg_types.h"
#include "tools/base64.h"
#include "tools/json_values.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct dump_json {
    const struct dump_options *o;
    struct trace_walk *walk;
    const struct fd_follow *fds;
    struct dump_out *out;
    struct call_decoder decoder;
    struct buf text;
    json_t *object; /* begun before, to be ended after */
    json_t *call;   /* in it */
    uint64_t skip;
    bool failed;
};

int dump_json_new(const struct dump_options *options, struct trace_walk *walk,
                  const struct fd_follow *fds, struct dump_out *out, struct dump_json **ret)
{
    struct dump_json *j = calloc(1, sizeof *j);
    if (j == NULL)
        return -ENOMEM;
    j->o = options;
    j->walk = walk;
    j->fds = fds;
    j->out = out;
    j->decoder = (struct call_decoder){
        .reader = trace_walk_reader(walk), .fds = fds, .style = &options->style};
    *ret = j;
    return 0;
}

void dump_json_free(struct dump_json *j)
{
    if (j == NULL)
        return;
    json_decref(j->object);
    buf_done(&j->text);
    free(j);
}

void dump_json_skip(struct dump_json *j, uint64_t number)
{
    j->skip = number;
}

/* ---- values ---- */

static void put(struct dump_json *j, json_t *object, const char *key, json_t *value)
{
    json_put(object, key, value, &j->failed);
}

static json_t *hex(uint64_t v)
{
    char text[24];
    snprintf(text, sizeof text, "%#" PRIx64, v);
    return json_string(v != 0 ? text : "0x0");
}

static json_t *base64(struct dump_json *j, const void *data, size_t len)
{
    buf_clear(&j->text);
    if (base64_append(&j->text, data, len) < 0)
        return NULL;
    json_t *s = json_stringn((const char *)j->text.data, j->text.len);
    buf_clear(&j->text);
    return s;
}

/* What was just written to j->text. */
static json_t *text(struct dump_json *j, int r)
{
    json_t *s = r == 0 ? json_bytes(j->text.data, j->text.len) : NULL;
    buf_clear(&j->text);
    return s;
}

/* ---- calls ---- */

static void put_range(struct dump_json *j, json_t *list, const Reprise__Range *range)
{
    const struct walk_call view = {.in = (Reprise__Range *const *)&range, .n_in = 1};
    struct call_bytes b;
    call_bytes_in(&view, range->addr, UINT64_MAX, &b);
    json_t *object = json_object();
    put(j, object, "addr", hex(range->addr));
    put(j, object, "len", json_number(range->len));
    size_t want = b.kept < j->o->json_bytes ? (size_t)b.kept : j->o->json_bytes;
    uint8_t *data = malloc(want + 1);
    long n = data != NULL ? call_bytes_read(&b, j->decoder.reader, 0, data, want) : -ENOMEM;
    if (data == NULL)
        j->failed = true;
    else
        put(j, object, "bytes", base64(j, data, n > 0 ? (size_t)n : 0));
    free(data);
    if (b.kept < range->len)
        put(j, object, "kept", json_number(b.kept));
    json_add(list, object, &j->failed);
}

static void put_ranges(struct dump_json *j, json_t *call, const char *key, size_t n,
                       Reprise__Range *const *ranges)
{
    if (n == 0)
        return;
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        put_range(j, list, ranges[i]);
    put(j, call, key, list);
}

static void put_args(struct dump_json *j, json_t *object, const struct walk_call *call)
{
    json_t *args = json_array();
    for (size_t i = 0; i < call->n_args; i++) {
        struct call_arg a;
        call_arg_get(call, i, &a);
        json_t *arg = json_object();
        put(j, arg, "name", json_string(a.name));
        if (call->row != NULL)
            put(j, arg, "type",
                json_string(arg_type_info((enum arg_type)call->row->types[i])->name));
        put(j, arg, "value", hex(a.value));
        put(j, arg, "text", text(j, call_text_arg(&j->decoder, call, i, &j->text)));
        json_add(args, arg, &j->failed);
    }
    put(j, object, "args", args);
}

static const char *phase_name(const struct walk_event *ev)
{
    if (ev->kind == REPRISE__EVENT__BODY_EXEC)
        return "exit";
    switch (ev->event->syscall->phase) {
    case REPRISE__SYSCALL__PHASE__ENTRY:
        return "entry";
    case REPRISE__SYSCALL__PHASE__EXIT:
        return "exit";
    case REPRISE__SYSCALL__PHASE__WHOLE:
    case _REPRISE__SYSCALL__PHASE_IS_INT_SIZE:
        break;
    }
    return "whole";
}

static void begin_call(struct dump_json *j, const struct walk_event *ev)
{
    char scratch[CALL_NAME_MAX];
    const struct walk_call *c = ev->call;
    json_t *call = json_object();
    const char *phase = phase_name(ev);
    put(j, call, "phase", json_string(phase));
    put(j, call, "nr", json_integer(c->nr));
    put(j, call, "name", json_string(call_text_name(c, scratch)));
    put(j, call, "start", json_number(c->start));
    if (c->entered && phase[0] != 'w' && c->entry_number != 0)
        put(j, call, "entry", json_number(c->entry_number));
    if (c->entered)
        put_args(j, call, c);
    if (c->entered && phase[1] != 'x') /* not of an exit: they were told with the entry */
        put_ranges(j, call, "in", c->n_in, c->in);
    j->call = call;
    put(j, j->object, "call", call);
}

static void end_call(struct dump_json *j, const struct walk_event *ev)
{
    const struct walk_call *c = ev->call;
    int e;
    if (!c->done || j->call == NULL)
        return;
    char decimal[24];
    snprintf(decimal, sizeof decimal, "%" PRId64, c->result);
    put(j, j->call, "result", json_string(decimal));
    put(j, j->call, "result_text", text(j, call_text_result(&j->decoder, c, &j->text)));
    if (call_is_error(c, &e)) {
        const char *name = call_errno_name(e);
        put(j, j->call, "errno", json_string(name != NULL ? name : "?"));
    }
    put(j, j->call, "duration", json_number(c->duration));
    put_ranges(j, j->call, "out", c->n_out, c->out);
    if (c->exit != NULL && c->exit->refused)
        put(j, j->call, "refused", json_true());
}

/* ---- other events ---- */

static void put_signal(struct dump_json *j, const Reprise__Signal *s)
{
    static const char *const effects[] = {"handler", "fatal", "dropped"};
    json_t *object = json_object();
    put(j, object, "signo", json_integer(s->signo));
    put(j, object, "name", text(j, call_text_signal((int)s->signo, &j->text)));
    put(j, object, "siginfo", base64(j, s->siginfo.data, s->siginfo.len));
    put(j, object, "text",
        text(j, (buf_clear(&j->text),
                 call_text_siginfo(&j->decoder, s->siginfo.data, s->siginfo.len, &j->text))));
    if ((size_t)s->effect < sizeof effects / sizeof effects[0])
        put(j, object, "effect", json_string(effects[s->effect]));
    put(j, j->object, "signal", object);
}

static void put_birth(struct dump_json *j, const Reprise__Birth *b)
{
    json_t *object = json_object();
    put(j, object, "parent", json_integer(b->parent));
    put(j, object, "clone_flags", hex(b->clone_flags));
    put(j, j->object, "birth", object);
}

static void put_exec(struct dump_json *j, const Reprise__Exec *exec)
{
    json_t *object = json_object(), *argv = json_array();
    put(j, object, "path", json_bytes(exec->path.data, exec->path.len));
    for (size_t i = 0; i < exec->n_argv; i++)
        json_add(argv, json_bytes(exec->argv[i].data, exec->argv[i].len), &j->failed);
    put(j, object, "argv", argv);
    put(j, j->object, "exec", object);
}

/* What was read right after that, by the same instruction where no other is told. */
static void put_more(struct dump_json *j, json_t *object, const Reprise__Trap *trap)
{
    uint64_t tsc = trap->tsc;
    json_t *list = trap->n_more > 0 ? json_array() : NULL;
    for (size_t i = 0; i < trap->n_more; i++) {
        uint32_t by = trap->n_by > 0 ? trap->by[i] : 0;
        const Reprise__TrapSite *other = by > 0 ? trap->others[by - 1] : NULL;
        json_t *read = json_object();
        put(j, read, "tsc", hex(tsc += trap->more[i]));
        if (other != NULL) {
            put(j, read, "instruction", json_string(trap_name(other->kind)));
            put(j, read, "ip", hex(other->ip));
        }
        json_add(list, read, &j->failed);
    }
    if (list != NULL)
        put(j, object, "more", list);
}

static void put_trap(struct dump_json *j, const Reprise__Trap *trap)
{
    json_t *object = json_object();
    put(j, object, "instruction", json_string(trap_name(trap->kind)));
    put(j, object, "ip", hex(trap->ip));
    if (trap->kind == REPRISE__TRAP__KIND__CPUID) {
        put(j, object, "leaf", json_integer(trap->leaf));
        put(j, object, "subleaf", json_integer(trap->subleaf));
        put(j, object, "eax", json_integer(trap->cpuid->eax));
        put(j, object, "ebx", json_integer(trap->cpuid->ebx));
        put(j, object, "ecx", json_integer(trap->cpuid->ecx));
        put(j, object, "edx", json_integer(trap->cpuid->edx));
    } else if (trap->n_regs == 0 && !trap_is_of_state(trap)) {
        put(j, object, "tsc", hex(trap->tsc));
        put_more(j, object, trap);
    } else {
        char result[TRAP_TEXT_MAX];
        trap_result_text(trap, result);
        put(j, object, "result", json_string(result));
    }
    put(j, j->object, "trap", object);
}

static void put_body(struct dump_json *j, const struct walk_event *ev)
{
    switch (ev->kind) {
    case REPRISE__EVENT__BODY_SIGNAL:
        put_signal(j, ev->event->signal);
        return;
    case REPRISE__EVENT__BODY_BIRTH:
        put_birth(j, ev->event->birth);
        return;
    case REPRISE__EVENT__BODY_EXEC:
        put_exec(j, ev->event->exec);
        return;
    case REPRISE__EVENT__BODY_TRAP:
        put_trap(j, ev->event->trap);
        return;
    case REPRISE__EVENT__BODY_EXIT:
        if (ev->event->exit->detached)
            put(j, j->object, "detached", json_true());
        else
            put(j, j->object, "ended", json_end(ev->event->exit->status, &j->failed));
        return;
    case REPRISE__EVENT__BODY_SYSCALL: /* as a call */
    case REPRISE__EVENT__BODY_POKE:    /* their kind tells all */
    case REPRISE__EVENT__BODY_MERGE:
    case REPRISE__EVENT__BODY_STEP:
    case REPRISE__EVENT__BODY_PREEMPTION:
    case REPRISE__EVENT__BODY_FETCH:
    case REPRISE__EVENT__BODY__NOT_SET:
    case _REPRISE__EVENT__BODY__CASE_IS_INT_SIZE:
        return;
    }
}

/* ---- the walk ---- */

static bool is_shown(const struct dump_json *j, const struct walk_event *ev)
{
    const struct dump_filter *f = &j->o->filter;
    if (ev->number <= j->skip || ev->number < f->first || ev->number > f->last ||
        !dump_filter_task(f, ev->task))
        return false;
    if (ev->kind == REPRISE__EVENT__BODY_SIGNAL && ev->event->signal->signo < 64)
        return (f->signals >> ev->event->signal->signo & 1) != 0;
    if (ev->call == NULL)
        return true;
    return dump_filter_call(f, ev->task, ev->call, j->fds) &&
           (!ev->call->done || dump_filter_result(f, ev->call));
}

int dump_json_before(struct dump_json *j, const struct walk_event *ev)
{
    if (!is_shown(j, ev))
        return 0;
    j->decoder.task = ev->task;
    j->object = json_object();
    put(j, j->object, "v", json_integer(DUMP_JSON_VERSION));
    put(j, j->object, "event", json_number(ev->number));
    put(j, j->object, "time", json_number(ev->time));
    put(j, j->object, "stream", json_integer(ev->stream));
    put(j, j->object, "task", json_integer(ev->task->serial));
    put(j, j->object, "pid", json_integer(ev->task->process->pid));
    put(j, j->object, "tid", json_integer(ev->task->tid));
    put(j, j->object, "kind", json_string(event_kind_info(ev->kind)->name));
    if (ev->call != NULL)
        begin_call(j, ev);
    put_body(j, ev);
    return j->failed ? -ENOMEM : 0;
}

int dump_json_after(struct dump_json *j, const struct walk_event *ev)
{
    if (j->object == NULL)
        return 0;
    if (ev->call != NULL)
        end_call(j, ev);
    int r = j->failed ? -ENOMEM : 0;
    char *line = r == 0 ? json_dumps(j->object, JSON_COMPACT) : NULL;
    if (line != NULL) {
        dump_out_write(j->out, line, strlen(line));
        dump_out_write(j->out, "\n", 1);
    } else {
        r = -ENOMEM;
    }
    free(line);
    json_decref(j->object);
    j->object = j->call = NULL;
    return r;
}

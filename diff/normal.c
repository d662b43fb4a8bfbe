/* Owns what counts of an event: its body, arguments and result. What lies in memory is
 * normal_memory.c's. */
#include "diff/normal.h"

#include "decode/trap_text.h"
#include "diff/normal_memory.h"
#include "syscalls/arg_types.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#define TOKEN_SOME     0x736f6d65u
#define TOKEN_UNMAPPED 0x756e6d61u
#define ADDRESS_MIN    0x10000u /* vm.mmap_min_addr as distributions set it */
#define TIMEOUT_ROUND  50       /* ms: others were computed from the time */

/* ---- arguments ---- */

static void mix_address(struct mixer *mixer, const struct addr_space *space, uint64_t value)
{
    if (value < ADDRESS_MIN) {
        mixer_plain(mixer, value);
        return;
    }
    uint64_t token = addr_space_token(space, value);
    mixer_ignore(mixer, IGNORED_ADDRESS, value, token != 0 ? token : TOKEN_UNMAPPED);
}

static void mix_task(const struct model *m, struct mixer *mixer, int32_t value)
{
    uint32_t number = value < 0 ? 0 - (uint32_t)value : (uint32_t)value;
    if (value >= -1 && value <= 0)
        mixer_plain(mixer, (uint64_t)(int64_t)value);
    else
        mixer_ignore(mixer, IGNORED_TASK_ID, (uint64_t)(int64_t)value,
                     mix_u64(model_tid_token(m, (int32_t)number), value < 0));
}

static void mix_fd(struct model *m, struct mixer *mixer, int fd)
{
    if (fd < 0)
        mixer_plain(mixer, (uint64_t)(int64_t)fd);
    else
        mixer_ignore(mixer, IGNORED_FD, (uint64_t)fd, model_fd_token(m, m->event.task, fd));
}

/* Milliseconds to wait at most. */
static void mix_wait_ms(struct mixer *mixer, int32_t ms)
{
    if (ms > 0 && ms % TIMEOUT_ROUND != 0)
        mixer_ignore(mixer, IGNORED_TIME, (uint64_t)(uint32_t)ms, TOKEN_SOME);
    else
        mixer_plain(mixer, (uint64_t)(int64_t)ms);
}

static bool is_wait_ms(const struct walk_call *c, size_t i)
{
    const struct syscall_row *row = syscall_traits(c->nr);
    return row->nowait == NOWAIT_IF_ZERO && row->nowait_arg == i;
}

static void mix_arg(struct model *m, struct mixer *mixer, const struct model_task *t,
                    const struct walk_call *c, size_t i)
{
    uint64_t value = c->args[i];
    const struct addr_space *space = t->space;
    if (is_wait_ms(c, i)) {
        mix_wait_ms(mixer, (int32_t)value);
        return;
    }
    if (syscall_traits(c->nr)->mem ==
        MEM_MUNMAP) { /* an allocator cuts off what is not aligned, as much as that is */
        mixer_ignore(mixer, IGNORED_ADDRESS, value, TOKEN_SOME);
        return;
    }
    switch (c->row != NULL && i < c->row->nargs ? c->row->args[i] : ARG_HEX) {
    case ARG_NONE:
    case ARG_INT:
    case ARG_UINT:
    case ARG_FLAGS:
    case ARG_SIGNO:
        mixer_plain(mixer, value);
        break;
    case ARG_FD:
    case ARG_DIRFD:
        mix_fd(m, mixer, (int)value);
        break;
    case ARG_PID:
        mix_task(m, mixer, (int32_t)value);
        break;
    case ARG_PATH:
    case ARG_STRING:
    case ARG_STRINGS: /* what they point to counts */
        mixer_plain(mixer, value != 0);
        break;
    case ARG_ADDR:
    case ARG_PTR:
        mix_address(mixer, space, value);
        break;
    case ARG_HEX: /* an address as often as not */
        if (value >= ADDRESS_MIN && addr_space_token(space, value) != 0)
            mix_address(mixer, space, value);
        else
            mixer_plain(mixer, value);
        break;
    }
}

/* What the call is about: its first descriptor, or else its first path. */
static uint64_t object_of(struct model *m, const struct walk_call *c)
{
    for (size_t i = 0; c->row != NULL && i < c->n_args && i < c->row->nargs; i++) {
        if (c->row->args[i] == ARG_FD)
            return model_fd_token(m, m->event.task, (int)c->args[i]);
        if (c->row->args[i] != ARG_PATH)
            continue;
        struct call_bytes path;
        call_bytes_in(c, c->args[i], UINT64_MAX, &path);
        if (path.data != NULL)
            return model_path_token(m, path.data, strnlen((const char *)path.data, path.kept));
    }
    return 0;
}

static void call_of_syscall(struct model *m, const struct model_task *t, struct normal *n)
{
    const struct walk_call *c = m->event.call;
    n->object = object_of(m, c);
    mixer_plain(&n->call, (uint64_t)c->nr);
    if (syscall_traits(c->nr)->task == TASK_EXEC) {
        normal_memory_exec(m, &n->call, c);
        return;
    }
    for (size_t i = 0; i < c->n_args; i++)
        mix_arg(m, &n->call, t, c, i);
    for (size_t i = 0; i < c->n_in; i++)
        normal_memory_range(m, &n->call, t, c, c->in[i], true);
}

/* The first program was given its arguments; each later one is told by the call. */
static void call_of_exec(struct model *m, struct normal *n)
{
    const Reprise__Exec *exec = m->event.event->exec;
    struct normal_words w = {.m = m};
    n->object = model_path_token(m, exec->path.data, exec->path.len);
    if (m->event.call != NULL && m->event.call->n_in > 0) {
        normal_memory_exec(m, &n->call, m->event.call);
        return;
    }
    normal_memory_text(&w, &n->call, exec->path.data, exec->path.len);
    for (size_t i = 0; i < exec->n_argv; i++) {
        mixer_plain(&n->call, exec->argv[i].len);
        normal_memory_text(&w, &n->call, exec->argv[i].data, exec->argv[i].len);
    }
}

void normal_call(struct model *m, uint16_t strict, struct normal *ret)
{
    const struct walk_event *ev = &m->event;
    *ret = (struct normal){.call.strict = strict, .input.strict = strict};
    const struct model_task *t = model_task_of(m, ev);
    mixer_plain(&ret->call, ev->call != NULL ? 0 : (uint64_t)ev->kind);
    if (t == NULL)
        return;
    if (ev->kind == REPRISE__EVENT__BODY_EXEC)
        call_of_exec(m, ret);
    else if (ev->call != NULL)
        call_of_syscall(m, t, ret);
    else if (ev->kind == REPRISE__EVENT__BODY_SIGNAL)
        ret->object = ev->event->signal->signo;
    else if (ev->kind == REPRISE__EVENT__BODY_TRAP)
        ret->object = mix_u64((uint64_t)ev->event->trap->kind, ev->event->trap->leaf);
    if (ev->call == NULL)
        mixer_plain(&ret->call, ret->object);
}

/* ---- what it was given ---- */

static void mix_result(struct model *m, struct mixer *mixer, const struct model_task *t,
                       const struct walk_call *c)
{
    uint64_t result = (uint64_t)c->result;
    if (c->result < 0 && c->result >= -4095) {
        mixer_plain(mixer, result);
        return;
    }
    struct syscall_command command;
    bool duplicates = c->n_args > 1 && syscall_command(c->nr, c->args, &command) &&
                      command.set == COMMANDS_FCNTL && command.returns == TYPE_FD;
    switch (duplicates ? RESULT_FD : field_rules_result(m->rules, c->nr)) {
    case RESULT_TASK:
        mix_task(m, mixer, (int32_t)c->result);
        break;
    case RESULT_FD:
        mixer_ignore(mixer, IGNORED_FD, result, TOKEN_SOME);
        break;
    case RESULT_ADDRESS:
        mix_address(mixer, t->space, result);
        break;
    case RESULT_TIME:
        normal_memory_clock(m, mixer, 0, (int64_t)result, 0);
        break;
    case RESULT_USAGE:
        mixer_ignore(mixer, IGNORED_USAGE, result, TOKEN_SOME);
        break;
    case RESULT_PLAIN:
        if (syscall_traits(c->nr)->task == TASK_SIGRETURN) /* a register that the signal found */
            mixer_plain(mixer, 0);
        else if (normal_memory_is_proc(m, c))
            mixer_ignore(mixer, IGNORED_PROC, result, result != 0);
        else
            mixer_plain(mixer, result);
        break;
    }
}

static void input_of_signal(struct model *m, const struct model_task *t, struct normal *n)
{
    const Reprise__Signal *s = m->event.event->signal;
    mixer_plain(&n->input, s->signo);
    mixer_plain(&n->input, s->effect == REPRISE__SIGNAL__EFFECT__FATAL);
    normal_memory_siginfo(m, &n->input, t, s->siginfo.data, s->siginfo.len);
}

static void input_of_exec(struct model *m, struct normal *n)
{
    const Reprise__Header *h = trace_reader_header(trace_walk_reader(m->walk));
    const struct model_task *t = model_task_of(m, &m->event);
    if (m->event.call != NULL || t == NULL || t->who->parent != CENSUS_NONE)
        return;
    for (size_t i = 0; i < h->n_envp; i++)
        normal_memory_variable(m, &n->input, h->envp[i].data, h->envp[i].len);
}

void normal_input(struct model *m, struct normal *n)
{
    const struct walk_event *ev = &m->event;
    const struct model_task *t = model_task_of(m, ev);
    const Reprise__Event *event = ev->event;
    if (t == NULL)
        return;
    if (ev->kind == REPRISE__EVENT__BODY_EXEC) {
        input_of_exec(m, n);
    } else if (ev->call != NULL && ev->call->done) {
        mix_result(m, &n->input, t, ev->call);
        for (size_t i = 0; i < ev->call->n_out; i++)
            normal_memory_range(m, &n->input, t, ev->call, ev->call->out[i], false);
    } else if (ev->kind == REPRISE__EVENT__BODY_SIGNAL) {
        input_of_signal(m, t, n);
    } else if (ev->kind == REPRISE__EVENT__BODY_EXIT) {
        mixer_plain(&n->input, (uint64_t)WTERMSIG(event->exit->status));
    } else if (ev->kind == REPRISE__EVENT__BODY_TRAP) {
        if (event->trap->kind == REPRISE__TRAP__KIND__CPUID)
            mixer_ignore(&n->input, IGNORED_USAGE, 0, TOKEN_SOME); /* tells the core, too */
        else if (!trap_is_of_state(event->trap)) /* which the program has computed itself */
            mixer_ignore(&n->input, IGNORED_TIME, event->trap->tsc, TOKEN_SOME);
    }
}

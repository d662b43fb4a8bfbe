/* Owns what one run calls its things, while its trace is walked. */
#include "diff/model.h"

#include "diff/temp_files.h"

#include "decode/call_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN_OUTSIDE 0x6f757473u
#define TOKEN_FD      0x6664u
#define NUMBER_MIN    100 /* smaller task numbers mean too many other things */

int model_open(struct trace_reader *trace, const struct census *census,
               const struct field_rules *rules, struct model *ret, struct err *err)
{
    *ret = (struct model){.census = census, .rules = rules};
    ret->words.start_s = (int64_t)(trace_reader_header(trace)->start_unix_ns / 1000000000);
    ret->tasks = calloc(census->n + 1, sizeof *ret->tasks);
    int r = ret->tasks != NULL ? 0 : -ENOMEM;
    for (size_t i = 0; i < census->n && r == 0; i++) {
        ret->tasks[i].who = &census->tasks[i];
        ret->tasks[i].index = i;
    }
    if (r == 0)
        r = fd_follow_new(trace_reader_header(trace), &ret->fds);
    if (r < 0)
        err_sys(err, -r, "cannot read the trace");
    else
        r = trace_walk_open(trace, &ret->walk, err);
    if (r < 0)
        model_done(ret);
    return r;
}

void model_done(struct model *m)
{
    if (m == NULL)
        return;
    for (size_t i = 0; m->tasks != NULL && i < m->census->n; i++)
        addr_space_unref(m->tasks[i].space);
    free(m->tasks);
    trace_walk_free(m->walk);
    fd_follow_free(m->fds);
    words_done(&m->words);
    addr_space_files_done(&m->files);
    map64_done(&m->objects);
    map64_done(&m->by_tid);
    *m = (struct model){0};
}

struct model_task *model_task_of(struct model *m, const struct walk_event *ev)
{
    const struct census_task *who = census_find(m->census, ev->task->serial);
    return who != NULL ? &m->tasks[who - m->census->tasks] : NULL;
}

/* ---- tokens ---- */

uint64_t model_tid_token(const struct model *m, int32_t tid)
{
    const struct model_task *t = map64_get(&m->by_tid, (uint64_t)(uint32_t)tid);
    return t != NULL ? t->who->token : TOKEN_OUTSIDE;
}

uint64_t model_path_token(const struct model *m, const void *path, size_t len)
{
    struct mixer mixer = {0};
    words_mix(&m->words, &mixer, path, len, NULL, NULL);
    return mixer.norm;
}

uint64_t model_fd_token(struct model *m, const struct walk_task *task, int fd)
{
    const struct fd_object *o = fd_follow_get(m->fds, task, fd);
    if (o == NULL || o->kind == FD_UNKNOWN)
        return mix_u64(TOKEN_FD, (uint64_t)(int64_t)fd);
    uint64_t token = (uint64_t)(uintptr_t)map64_get(&m->objects, o->id);
    if (token != 0)
        return token;
    token = mix_u64(TOKEN_FD, (uint64_t)o->kind);
    return o->path != NULL ? mix_u64(token, model_path_token(m, o->path, strlen(o->path))) : token;
}

/* ---- events ---- */

static uint64_t hash_name(void *ctx, const void *name, size_t len)
{
    return model_path_token(ctx, name, len);
}

static int set_tid(struct model *m, struct model_task *t, int32_t tid)
{
    int r = map64_put(&m->by_tid, (uint64_t)(uint32_t)tid, t);
    if (r == 0 && tid >= NUMBER_MIN)
        r = words_add_number(&m->words, (uint64_t)tid, IGNORED_TASK_ID, t->who->token);
    return r;
}

static int at_birth(struct model *m, struct model_task *t, const Reprise__Birth *birth)
{
    const struct census_task *who = census_find(m->census, birth->parent);
    struct addr_space *parent = who != NULL ? m->tasks[who - m->census->tasks].space : NULL;
    if (t->space != NULL) /* born twice: a lie */
        return 0;
    int r = 0;
    if (parent != NULL && birth->shares_memory)
        t->space = addr_space_ref(parent);
    else if (parent != NULL)
        r = addr_space_copy(parent, &t->space);
    return r == 0 ? set_tid(m, t, birth->tid) : r;
}

static int at_exec(struct model *m, struct model_task *t, const Reprise__Exec *exec)
{
    addr_space_unref(t->space);
    t->space = NULL;
    int r = addr_space_new(&m->files, &t->space);
    if (r == 0)
        r = addr_space_load(t->space, exec->image, hash_name, m);
    if (r == 0 && exec->tid != 0)
        r = set_tid(m, t, exec->tid);
    return r;
}

/* Of an object that has no name: who made it, and as which one. */
static int name_object(struct model *m, struct model_task *t, int fd)
{
    const struct fd_object *o = fd_follow_get(m->fds, m->event.task, fd);
    if (o == NULL || o->kind == FD_UNKNOWN || o->opener != m->event.number ||
        (o->kind == FD_FILE && o->path != NULL) || map64_get(&m->objects, o->id) != NULL)
        return 0;
    uint64_t token = mix_u64(mix_u64(t->who->token, (uint64_t)o->kind), ++t->n_objects);
    return map64_put(&m->objects, o->id, (void *)(uintptr_t)(token | 1));
}

/* A call may have made descriptors: that of its result, or two that it wrote. */
static int name_objects(struct model *m)
{
    const struct walk_call *c = m->event.call;
    struct model_task *t = model_task_of(m, &m->event);
    if (t == NULL || c == NULL || !c->done || c->result < 0 || c->row == NULL ||
        (c->row->flags & SYSCALL_CHANGES_FDS) == 0)
        return 0;
    int r = c->result <= INT32_MAX ? name_object(m, t, (int)c->result) : 0;
    for (size_t i = 0; i < c->n_out && r == 0; i++) {
        int fds[2];
        if (c->out[i]->data.len != sizeof fds)
            continue;
        memcpy(fds, c->out[i]->data.data, sizeof fds);
        r = name_object(m, t, fds[0]);
        if (r == 0)
            r = name_object(m, t, fds[1]);
    }
    return r;
}

int model_next(struct model *m, struct err *err)
{
    int r = 0;
    if (m->has_event) {
        r = fd_follow_event(m->fds, &m->event);
        if (r == 0)
            r = name_objects(m);
        if (r < 0)
            return err_sys(err, -r, "cannot read the trace");
    }
    r = trace_walk_next(m->walk, &m->event, err);
    m->has_event = r > 0;
    if (r > 0)
        m->words.now_s = m->words.start_s + (int64_t)(m->event.time / 1000000000);
    /* The call that makes a temporary file has its name already. */
    struct model_task *t = r > 0 ? model_task_of(m, &m->event) : NULL;
    if (t != NULL && m->event.call != NULL) {
        uint64_t token = mix_u64(t->who->token, t->n_temps + 1) | 1;
        int made = temp_files_note(m->event.call, &m->words, token);
        if (made < 0)
            return err_sys(err, -made, "cannot read the trace");
        t->n_temps += (uint32_t)made;
    }
    return r;
}

static int apply_call(struct model *m, struct model_task *t, const struct walk_call *c)
{
    const Reprise__Syscall *s = c->exit;
    bool is_brk = syscall_traits(c->nr)->mem == MEM_BRK;
    int r = 0;
    if (s == NULL || t->space == NULL)
        return 0;
    for (size_t i = 0; i < s->n_map && r == 0; i++)
        r = addr_space_change(t->space, s->map[i], is_brk, hash_name, m);
    if (is_brk && c->done)
        addr_space_note_brk(t->space, (uint64_t)c->result);
    return r;
}

int model_apply(struct model *m)
{
    struct model_task *t = model_task_of(m, &m->event);
    const Reprise__Event *event = m->event.event;
    if (t == NULL)
        return 0;
    if (m->event.kind == REPRISE__EVENT__BODY_BIRTH)
        return at_birth(m, t, event->birth);
    if (m->event.kind == REPRISE__EVENT__BODY_EXEC)
        return at_exec(m, t, event->exec);
    if (m->event.call != NULL && m->event.call->done)
        return apply_call(m, t, m->event.call);
    return 0;
}

/* Owns what the stub is told: which calls are to stop, what descriptors are known to be, where code
 * is changed. Each is written only when it changes. */
#include "recorder/stub_calls.h"

#include "recorder/code_patches.h"
#include "recorder/code_watch.h"
#include "recorder/fd_class.h"
#include "recorder/stub_private.h"

#include <string.h>

#define USES 1 /* slow ones of a descriptor before it is looked at */

/* Where in the task a member is. */
#define AT(member) (CALL_DATA + offsetof(struct call_data, member))

static bool put(const struct task *t, uint64_t addr, const void *bytes, size_t len)
{
    return tracee_write_user(t->tid, addr, bytes, len) == 0;
}

void stub_tell_add_device(struct stub_calls *s, uint64_t dev)
{
    for (uint32_t i = 0; i < s->n_devices; i++)
        if (s->devices[i] == dev)
            return;
    if (s->n_devices < CALL_DEVICES)
        s->devices[s->n_devices++] = dev;
}

static bool put_devices(struct recorder *r, struct task *t)
{
    const struct stub_calls *s = r->stub_calls;
    t->space->stub.n_devices = s->n_devices;
    return put(t, AT(devices), s->devices, sizeof s->devices) &&
           put(t, AT(n_devices), &s->n_devices, sizeof s->n_devices);
}

bool stub_tell_all(struct recorder *r, struct task *t)
{
    t->space->stub.fds_generation = r->fds_generation;
    return put(t, AT(table), &r->stub_calls->table, sizeof r->stub_calls->table) &&
           put_devices(r, t);
}

static void put_flags(struct task *t, bool off, bool slow)
{
    struct stub_state *state = &t->space->stub;
    uint32_t words[2] = {off, slow};
    if (put(t, AT(off), words, sizeof words)) {
        state->off = off;
        state->slow = slow;
    }
}

static void put_forgotten(struct recorder *r, struct task *t)
{
    struct stub_state *state = &t->space->stub;
    static const uint8_t nothing[CALL_FDS];
    bool out_of_date = state->forget_fds || state->fds_generation != r->fds_generation;
    if (out_of_date && (!state->fds_used || put(t, AT(fds), nothing, sizeof nothing))) {
        state->forget_fds = state->fds_used = false;
        state->forget_some = 0;
        state->fds_generation = r->fds_generation;
    }
    for (uint64_t fd = 0; fd < CALL_FDS && state->forget_some >> fd != 0 && state->fds_used; fd++)
        if ((state->forget_some >> fd & 1) != 0)
            (void)put(t, AT(fds) + fd, nothing, 1);
    state->forget_some = 0;
}

static void put_known(struct task *t)
{
    struct stub_state *state = &t->space->stub;
    static const uint32_t yes = 1;
    if (put(t, AT(fds) + (uint64_t)state->fd_to_know, &state->known, 1) &&
        put(t, AT(fds_used), &yes, sizeof yes))
        state->fds_used = true;
    state->known = 0;
}

static void put_codes(struct task *t)
{
    struct call_code codes[CALL_CODES] = {{0, 0}};
    size_t patched = code_patches_changed(t, codes, CALL_CODES_PATCHED);
    uint32_t n =
        (uint32_t)(patched + code_watch_spans(t, codes + patched, CALL_CODES - CALL_CODES_PATCHED));
    if (put(t, AT(codes), codes, sizeof codes) && put(t, AT(n_codes), &n, sizeof n))
        t->space->stub.tell_codes = false;
}

void stub_calls_before_run(struct recorder *r, struct task *t)
{
    struct stub_state *state = &t->space->stub;
    if (!state->mapped || t->state == TASK_IN_EXEC)
        return;
    bool off = state->stays_off || t->filtered || t->strict || t->traced != NULL;
    bool slow = t->signals.held != NULL || t->slice.nudged;
    if (off != state->off || slow != state->slow)
        put_flags(t, off, slow);
    put_forgotten(r, t);
    if (state->known != 0)
        put_known(t);
    if (state->tell_codes)
        put_codes(t);
    if (state->n_devices != r->stub_calls->n_devices)
        (void)put_devices(r, t);
}

void stub_calls_stop_next(struct task *t)
{
    if (t->space->stub.mapped && !t->space->stub.slow)
        put_flags(t, t->space->stub.off, true);
}

void stub_calls_know_fd(struct recorder *r, struct task *t, uint64_t fd, bool written)
{
    struct stub_state *state = &t->space->stub;
    if (!state->mapped || state->off || fd >= CALL_FDS || state->slow_uses[fd]++ < USES)
        return;
    uint64_t dev = 0;
    enum fd_ease ease = fd_class_ease(r, t, fd, &dev);
    if (ease == FD_EASE_NONE || (written && fd_class_of(r, t, fd) != FD_PLAIN))
        return;
    if (dev != 0)
        stub_tell_add_device(r->stub_calls, dev);
    state->fd_to_know = (int32_t)fd;
    state->known = ease == FD_EASE_NEVER_WAITS ? CALL_FD_NEVER_WAITS : CALL_FD_MAY_POLL;
    state->known |= written ? CALL_FD_WRITE_PLAIN : 0;
}

/* Descriptors that are only made lead where none did before, and of those nothing is known. */
static bool only_makes_fds(const struct syscall_call *c)
{
    enum syscall_fds fds = syscall_traits(c->nr)->fds;
    return fds == FDS_OPENS || fds == FDS_MAKES || fds == FDS_MAKES_PAIR || fds == FDS_ACCEPTS ||
           fds == FDS_RECEIVES;
}

void stub_calls_fds_changed(struct task *t)
{
    struct stub_state *state = &t->space->stub;
    const struct syscall_call *c = &t->call.call;
    enum syscall_fds fds = syscall_traits(c->nr)->fds;
    bool one = fds == FDS_CLOSES || fds == FDS_BY_COMMAND;
    if (one && c->args[0] < CALL_FDS) {
        if ((uint64_t)state->fd_to_know == c->args[0])
            state->known = 0;
        state->slow_uses[c->args[0]] = 0;
        state->forget_some |= 1ull << c->args[0];
    } else if (!one && !only_makes_fds(c)) {
        stub_calls_forget_fds(t);
    }
}

void stub_calls_forget_mapped(struct recorder *r)
{
    static const uint8_t nothing[CALL_FDS];
    size_t pos = 0;
    for (struct task *t; (t = map64_next(&r->tasks, &pos)) != NULL;)
        if (t->space != NULL && t->space->stub.mapped &&
            t->space->stub.fds_generation != r->fds_generation &&
            put(t, AT(fds), nothing, sizeof nothing))
            t->space->stub.fds_generation = r->fds_generation;
}

void stub_calls_forget_fds(struct task *t)
{
    t->space->stub.forget_fds = true;
    t->space->stub.known = 0;
    memset(t->space->stub.slow_uses, 0, sizeof t->space->stub.slow_uses);
}

/* Owns what can be told of a call from its number, arguments and descriptors. Logs nothing. */
#include "recorder/call_facts.h"

#include "recorder/fd_class.h"
#include "recorder/snapshot.h"

#include <sys/mman.h>

bool call_is_restart(int64_t result)
{
    /* ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND, ERESTART_RESTARTBLOCK: include/linux/errno.h */
    return result == -512 || result == -513 || result == -514 || result == -516;
}

static long read_task(void *ctx, uint64_t addr, void *dst, size_t len)
{
    struct task *t = ctx;
    return tracee_read(t->tid, addr, dst, len);
}

static int fd_flags(void *ctx, int fd)
{
    return fd_class_flags(ctx, (uint64_t)(int64_t)fd);
}

struct syscall_memory call_memory(struct task *t)
{
    return (struct syscall_memory){.read = read_task, .fd_flags = fd_flags, .ctx = t};
}

/* Whether one of the descriptors that the call waits on, if it is such a call, lets it wait. */
static bool fds_let_wait(struct recorder *r, struct task *t)
{
    const struct call *c = &t->call;
    if (c->row->waits_on == 0)
        return true;
    for (unsigned i = 0; i < c->row->nargs; i++)
        if ((c->row->waits_on >> i & 1) != 0 && fd_class_may_wait(r, t, (uint32_t)c->call.args[i]))
            return true;
    return false;
}

bool call_may_wait(struct recorder *r, struct task *t)
{
    const struct call *c = &t->call;
    if ((!c->active && !c->restarting) || c->answered)
        return false;
    return c->row == NULL ||
           (c->row->task == TASK_NONE && syscall_may_wait(&c->call) && fds_let_wait(r, t));
}

bool call_mmap_is_file(const struct call *c)
{
    return (c->call.args[3] & MAP_ANONYMOUS) == 0;
}

bool call_mmap_is_shared(const struct call *c)
{
    uint64_t type = c->call.args[3] & MAP_TYPE;
    return type == MAP_SHARED || type == MAP_SHARED_VALIDATE;
}

bool call_maps_shared_file(const struct call *c)
{
    return c->row->mem == MEM_MMAP && call_mmap_is_file(c) && call_mmap_is_shared(c);
}

void call_nullify(struct task *t, int64_t answer)
{
    struct call *c = &t->call;
    c->answered = true;
    c->nullified = true;
    c->answer = answer;
    tracee_set_reg(t->tid, REGS_NUMBER, (uint64_t)-1);
}

void call_reset(struct call *c)
{
    snapshot_free(c->before);
    struct call kept = {
        .call = {.saved = c->call.saved, .saved_cap = c->call.saved_cap},
        .in = {.data = c->in.data, .cap = c->in.cap},
        .in_ranges = {.v = c->in_ranges.v, .cap = c->in_ranges.cap},
        .restart_ranges = {.v = c->restart_ranges.v, .cap = c->restart_ranges.cap},
        .redirect = c->redirect,
    };
    kept.redirect.on = false;
    *c = kept;
}

/* Owns where waiting calls write. The table tells which buffers a call has and where their
 * addresses come from; nothing here knows a single call. */
#include "recorder/scratch.h"

#include "base/no_memory.h"
#include "base/page.h"
#include "recorder/agenda.h"
#include "recorder/call_facts.h"
#include "recorder/ptrace_state.h"
#include "recorder/stops.h"
#include "recorder/task_control.h"
#include "task/made_calls.h"
#include "task/stop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#define AREA_SIZE  (16ull << 20)
#define AREA_HINT  0x2b0000000000ull /* nobody puts anything there; see zygote.c */
#define MOST       (1ull << 30)      /* calls with larger buffers keep them */
#define SLOT_ALIGN 64u

/* At an entry stop: makes the task map an area in the place of its call, and brings it back to
 * before the syscall instruction. The length that is there now, or -errno. */
static int64_t map_area(struct recorder *r, struct task *t, uint64_t len)
{
    const struct user_regs_struct *entry = &t->call.regs;
    struct user_regs_struct regs = *entry;
    regs_set_number(&regs, NR_MMAP);
    regs_set_args(&regs, (const uint64_t[REGS_ARGS]){AREA_HINT, len, PROT_READ | PROT_WRITE,
                                                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                                                     (uint64_t)-1});
    int status;
    if (!task_set_regs(r, t, &regs) || tracee_leave_call(t->tid, &status) < 0)
        return -ESRCH;
    t->call.active = false;
    if (stop_decode(status).kind != STOP_SYSCALL) {
        stops_met(r, t->tid, status);
        return -ESRCH;
    }
    if (!task_get_regs(r, t, &regs))
        return -ESRCH;
    int64_t got = regs_result(&regs);
    regs = *entry;
    regs_rewind(&regs, regs_number(entry));
    if (!task_set_regs(r, t, &regs))
        return -ESRCH;
    if (got < 0 && got > -4096)
        t->space->scratch_refused = true;
    else
        scratch_areas_add(&t->space->scratch, (uint64_t)got, len);
    task_resume(r, t, 0);
    return 0;
}

/* ---- which stretch stands for which ---- */

/* Buffers that overlap (one set of descriptors given twice to select) must do so elsewhere, too. */
static struct scratch_piece *piece_for(struct redirect *d, const struct syscall_buffer *b)
{
    struct scratch_piece p = {.addr = b->addr, .len = b->len, .filled = b->filled};
    for (size_t i = 0; i < d->n;) {
        const struct scratch_piece *o = &d->v[i];
        if (p.addr >= o->addr + o->len || o->addr >= p.addr + p.len) {
            i++;
            continue;
        }
        uint64_t start = p.addr < o->addr ? p.addr : o->addr;
        uint64_t end = p.addr + p.len > o->addr + o->len ? p.addr + p.len : o->addr + o->len;
        p = (struct scratch_piece){
            .addr = start, .len = end - start, .filled = p.filled && o->filled};
        d->v[i] = d->v[--d->n];
        i = 0; /* the greater one may meet others */
    }
    if (d->n == d->cap) {
        d->cap = d->cap > 0 ? d->cap * 2 : 8;
        d->v = reallocarray(d->v, d->cap, sizeof *d->v);
        if (d->v == NULL)
            no_memory();
    }
    d->v[d->n] = p;
    return &d->v[d->n++];
}

static const struct scratch_piece *find_piece(const struct redirect *d, uint64_t addr)
{
    for (size_t i = 0; i < d->n; i++)
        if (addr >= d->v[i].addr && addr - d->v[i].addr < d->v[i].len)
            return &d->v[i];
    return NULL;
}

/* Bytes that all pieces take, each on its place behind the one before. */
static uint64_t lay_out(struct redirect *d)
{
    uint64_t total = 0;
    for (size_t i = 0; i < d->n; i++) {
        struct scratch_piece *p = &d->v[i];
        p->at = total + (p->addr & (SLOT_ALIGN - 1)); /* as aligned as it was */
        if (p->len > MOST || p->addr + p->len < p->addr)
            return UINT64_MAX;
        total = (p->at + p->len + SLOT_ALIGN - 1) & ~(uint64_t)(SLOT_ALIGN - 1);
        if (total > MOST)
            return UINT64_MAX;
    }
    return total;
}

static bool find_buffers(struct task *t)
{
    struct redirect *d = &t->call.redirect;
    struct syscall_memory m = call_memory(t);
    d->buffers.n = d->n = 0;
    if (syscall_buffers(&t->call.call, &m, &d->buffers) < 0)
        return false;
    for (size_t i = 0; i < d->buffers.n; i++) {
        if (d->buffers.v[i].len > MOST)
            return false;
        piece_for(d, &d->buffers.v[i]);
    }
    return d->n > 0;
}

/* ---- filling them ---- */

/* Reads what must be in the buffers, behind each other in `content`, and a byte of each end of the
 * others: where there is no memory the kernel shall find that out by itself. */
static bool read_pieces(struct task *t, struct buf *content)
{
    struct redirect *d = &t->call.redirect;
    for (size_t i = 0; i < d->n; i++) {
        struct scratch_piece *p = &d->v[i];
        uint8_t probe;
        p->content = content->len;
        if (p->filled) {
            if (tracee_read(t->tid, p->addr, &probe, 1) != 1 ||
                tracee_read(t->tid, p->addr + p->len - 1, &probe, 1) != 1)
                return false;
            continue;
        }
        if (buf_reserve(content, p->len) < 0 ||
            tracee_read_all(t->tid, p->addr, content->data + content->len, p->len) < 0)
            return false;
        content->len += p->len;
    }
    return true;
}

static uint64_t aimed(const struct redirect *d, uint64_t addr)
{
    const struct scratch_piece *p = find_piece(d, addr);
    return p->at + (addr - p->addr);
}

/* Pointers within the buffers lead to the other ones. False: one is where we keep no copy of. */
static bool aim_pointers(const struct redirect *d, uint8_t *content)
{
    for (size_t i = 0; i < d->buffers.n; i++) {
        const struct syscall_buffer *b = &d->buffers.v[i];
        if (!b->in_memory)
            continue;
        const struct scratch_piece *p = find_piece(d, b->pointer);
        if (p == NULL || p->filled || b->pointer + 8 > p->addr + p->len)
            return false;
        uint64_t addr = aimed(d, b->addr);
        memcpy(content + p->content + (b->pointer - p->addr), &addr, sizeof addr);
    }
    return true;
}

static bool write_pieces(const struct task *t, const uint8_t *content)
{
    const struct redirect *d = &t->call.redirect;
    for (size_t i = 0; i < d->n; i++)
        if (!d->v[i].filled &&
            tracee_write_user(t->tid, d->v[i].at, content + d->v[i].content, d->v[i].len) < 0)
            return false;
    return true;
}

void scratch_redirect_again(struct task *t)
{
    const struct redirect *d = &t->call.redirect;
    struct user_regs_struct regs;
    if (!d->on || tracee_get_regs(t->tid, &regs) < 0)
        return;
    for (size_t i = 0; i < d->buffers.n; i++)
        if (!d->buffers.v[i].in_memory)
            regs_set_arg(&regs, (unsigned)d->buffers.v[i].pointer, aimed(d, d->buffers.v[i].addr));
    (void)tracee_set_regs(t->tid, &regs);
}

/* A filter that the program is about to install may forbid mmap later. */
static bool is_last_chance(const struct call *c)
{
    return syscall_commands(c->call.nr) == COMMANDS_SECCOMP ||
           syscall_is_command(c->call.nr, c->call.args, COMMANDS_PRCTL, PR_SET_SECCOMP);
}

/* Its tracer has seen it enter the call: it cannot be brought back before it. */
static bool was_shown_the_entry(const struct task *t)
{
    return t->traced != NULL && t->traced->mode == PTRACE_MODE_SYSCALL;
}

bool scratch_provide(struct recorder *r, struct task *t)
{
    struct user_regs_struct *regs = &t->call.regs;
    const struct space *s = t->space;
    if (t->group->n_tasks == 1 || s->scratch.n_areas > 0 || s->scratch_refused || t->filtered ||
        t->call.restarting || !task_get_regs(r, t, regs))
        return true;
    if (!regs_is_behind_syscall(regs)) /* int 0x80, or the page of vsyscalls */
        return true;
    (void)map_area(r, t, AREA_SIZE); /* it can only fail because the task is killed */
    return false;
}

static enum scratch_outcome need_area(struct recorder *r, struct task *t, uint64_t total)
{
    if (t->space->scratch_refused || t->filtered || was_shown_the_entry(t))
        return SCRATCH_NONE;
    uint64_t len = AREA_SIZE;
    while (len < total)
        len *= 2;
    return map_area(r, t, len) == 0 || !t->call.active ? SCRATCH_AGAIN : SCRATCH_NONE;
}

enum scratch_outcome scratch_redirect(struct recorder *r, struct task *t)
{
    struct call *c = &t->call;
    struct redirect *d = &c->redirect;
    struct syscall_memory m = call_memory(t);
    if (is_last_chance(c) && t->space->scratch.n_areas == 0)
        return need_area(r, t, 0);
    if (!call_may_wait(r, t) || c->foreign || c->unlisted || syscall_writes_early(&c->call, &m) ||
        !find_buffers(t))
        return SCRATCH_NONE;
    uint64_t total = lay_out(d);
    if (total == UINT64_MAX)
        return SCRATCH_NONE;
    if (!scratch_take(t, total))
        return need_area(r, t, total);
    for (size_t i = 0; i < d->n; i++)
        d->v[i].at += t->scratch.addr;
    buf_clear(&d->content);
    if (!read_pieces(t, &d->content) || !aim_pointers(d, d->content.data) ||
        !write_pieces(t, d->content.data))
        return SCRATCH_NONE;
    d->on = true;
    scratch_redirect_again(t);
    return SCRATCH_DONE;
}

/* ---- taking back ---- */

/* The bytes from addr on that lie in one place: in a piece, or in the program's memory. */
static size_t stretch(const struct redirect *d, uint64_t addr, size_t len, uint64_t *ret_at)
{
    const struct scratch_piece *p = find_piece(d, addr);
    if (p != NULL) {
        uint64_t left = p->len - (addr - p->addr);
        *ret_at = p->at + (addr - p->addr);
        return left < len ? (size_t)left : len;
    }
    *ret_at = addr;
    for (size_t i = 0; i < d->n; i++)
        if (d->v[i].addr > addr && d->v[i].addr - addr < len)
            len = (size_t)(d->v[i].addr - addr);
    return len;
}

static long read_redirected(void *ctx, uint64_t addr, void *dst, size_t len)
{
    struct task *t = ctx;
    size_t done = 0;
    while (done < len) {
        uint64_t at;
        size_t n = stretch(&t->call.redirect, addr + done, len - done, &at);
        long got = tracee_read(t->tid, at, (uint8_t *)dst + done, n);
        if (got <= 0)
            return done > 0 ? (long)done : got;
        done += (size_t)got;
        if ((size_t)got < n)
            break;
    }
    return (long)done;
}

struct syscall_memory scratch_memory(struct task *t)
{
    struct syscall_memory m = call_memory(t);
    if (t->call.redirect.on)
        m.read = read_redirected;
    return m;
}

void scratch_write(struct task *t, uint64_t addr, const void *data, size_t len)
{
    for (size_t done = 0; done < len;) {
        uint64_t at = addr + done;
        size_t n = len - done;
        if (t->call.redirect.on)
            n = stretch(&t->call.redirect, addr + done, n, &at);
        if (tracee_write(t->tid, at, (const uint8_t *)data + done, n) < 0)
            return;
        done += n;
    }
}

static int copy_back(struct task *t, const struct syscall_range *range, bool failed)
{
    struct redirect *d = &t->call.redirect;
    for (uint64_t done = 0; done < range->len;) {
        uint64_t addr = range->addr + done, at;
        size_t n = stretch(d, addr, range->len - done, &at);
        const struct scratch_piece *p = find_piece(d, addr);
        done += n;
        /* what a call filled before it failed is one of the things that the program may find */
        if (p == NULL || (p->filled && failed))
            continue;
        buf_clear(&d->content);
        if (buf_reserve(&d->content, n) < 0 ||
            tracee_read_all(t->tid, at, d->content.data, n) < 0 ||
            tracee_write_user(t->tid, addr, d->content.data, n) < 0)
            return -EFAULT;
    }
    return 0;
}

static int copy_all_back(struct task *t)
{
    struct call *c = &t->call;
    struct redirect *d = &c->redirect;
    struct syscall_memory m = scratch_memory(t);
    bool failed = c->call.result < 0 && c->call.result > -4096;
    d->written.n = 0;
    if (syscall_written(&c->call, &m, &d->written) < 0)
        return 0;
    int err = 0;
    for (size_t i = 0; i < d->written.n; i++)
        err = err < 0 ? err : copy_back(t, &d->written.v[i], failed);
    for (size_t i = 0; i < c->restart_ranges.n; i++)
        err = err < 0 ? err : copy_back(t, &c->restart_ranges.v[i], failed);
    return err;
}

void scratch_interrupted(struct task *t, struct user_regs_struct *regs)
{
    const struct redirect *d = &t->call.redirect;
    if (!d->on)
        return;
    for (size_t i = 0; i < d->buffers.n; i++)
        if (!d->buffers.v[i].in_memory)
            regs_set_arg(regs, (unsigned)d->buffers.v[i].pointer, d->buffers.v[i].addr);
    (void)tracee_set_regs(t->tid, regs);
}

void scratch_finish(struct task *t, struct user_regs_struct *regs)
{
    struct call *c = &t->call;
    if (!c->redirect.on)
        return;
    if (c->answered)
        c->call.result = c->answer;
    if (copy_all_back(t) < 0) {
        regs_set_result(regs, -EFAULT);
        c->call.result = -EFAULT;
    }
    scratch_interrupted(t, regs);
    c->redirect.on = false;
}

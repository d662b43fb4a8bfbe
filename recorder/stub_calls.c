/* Owns the stub's memory in the tasks, and the reading of what it has noted. What the recorder
 * needs to know of tasks that came from there is here, too. */
#include "recorder/stub_calls.h"

#include "base/clock.h"
#include "recorder/call_table.h"
#include "recorder/code_patches.h"
#include "recorder/fd_class.h"
#include "recorder/stub_private.h"
#include "vdso/clock_ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#define LIKELY 1024 /* bytes of records that are read along with the head */

/* What of the data is read at each stop. */
#define HEAD_SIZE offsetof(struct call_data, off)
#define RECORDS   (CALL_DATA + offsetof(struct call_data, records))

/* ---- setting up ---- */

static void add_device_of(struct recorder *r, const char *path)
{
    uint64_t dev;
    if (fd_class_is_plain_device(path, &dev))
        stub_tell_add_device(r->stub_calls, dev);
}

int stub_calls_new(struct recorder *r)
{
    if (!r->filters_calls || r->options->paranoid || r->options->no_patch)
        return 0;
    struct stub_calls *s = r->stub_calls = calloc(1, sizeof *s);
    if (s == NULL)
        return -ENOMEM;
    call_table_make(&s->table);
    add_device_of(r, "/");
    add_device_of(r, "/usr");
    add_device_of(r, "/tmp");
    add_device_of(r, ".");
    return 0;
}

void stub_calls_free(struct recorder *r)
{
    struct stub_calls *s = r->stub_calls;
    if (s == NULL)
        return;
    syscall_call_done(&s->call);
    syscall_ranges_done(&s->in);
    syscall_ranges_done(&s->out);
    free(s);
    r->stub_calls = NULL;
}

bool stub_calls_fill(struct recorder *r, struct task *t)
{
    size_t code = (size_t)(__stop_call_stub - __start_call_stub);
    t->space->stub.mapped =
        tracee_write_user(t->tid, CALL_STUB_CODE, __start_call_stub, code) == 0 &&
        stub_tell_all(r, t);
    return t->space->stub.mapped;
}

void stub_calls_log_made(struct recorder *r, struct task *t, uint32_t at, uint32_t len,
                         int64_t result)
{
    struct call_record *c = (void *)r->stub_calls->records;
    if (len < sizeof *c || len > CALL_RECORDS_SIZE || at > CALL_RECORDS_SIZE - len ||
        tracee_read_all(t->tid, RECORDS + at, c, len) < 0)
        return;
    c->size = len;
    c->result = result;
    c->ended = r->stub_calls->now = clock_ns(CLOCK_MONOTONIC);
    stub_record_log(r, t, c, true);
}

bool stub_calls_make(const struct recorder *r, int64_t nr)
{
    return r->stub_calls != NULL && nr >= 0 && nr < CALL_NUMBERS &&
           r->stub_calls->table.row_of[nr] != 0;
}

/* ---- the buffer ---- */

/* The head, and at *ret_records the records that are new. False: the task is gone. */
static bool read_news(struct recorder *r, struct task *t, uint8_t *head,
                      const uint8_t **ret_records, size_t *ret_len)
{
    struct stub_state *state = &t->space->stub;
    uint8_t *records = r->stub_calls->records;
    uint32_t expected = state->lap_ends ? 0 : state->read;
    size_t likely = CALL_RECORDS_SIZE - expected;
    if (likely > LIKELY)
        likely = LIKELY;
    struct iovec remote[] = {
        {.iov_base = (void *)CALL_DATA, .iov_len = HEAD_SIZE},
        {.iov_base = (void *)(RECORDS + expected), .iov_len = likely},
    };
    struct iovec local[] = {
        {.iov_base = head, .iov_len = HEAD_SIZE},
        {.iov_base = records + expected, .iov_len = likely},
    };
    if (process_vm_readv(t->tid, local, 2, remote, 2, 0) < (ssize_t)HEAD_SIZE)
        return false;
    uint64_t position;
    memcpy(&position, head, sizeof position);
    uint32_t lap = (uint32_t)(position >> 32), end = (uint32_t)position;
    if (lap != state->lap)
        state->read = 0;
    state->lap = lap;
    if (end < state->read || end > CALL_RECORDS_SIZE)
        return false;
    size_t len = end - state->read;
    bool all = state->read == expected && len <= likely;
    if (len > 0 && !all &&
        tracee_read_all(t->tid, RECORDS + state->read, records + state->read, len) < 0)
        return false;
    *ret_records = records + state->read;
    *ret_len = len;
    return true;
}

/* Returns how many bytes of records there were. */
static size_t log_news(struct recorder *r, struct task *t)
{
    struct stub_state *state = &t->space->stub;
    uint8_t head[HEAD_SIZE];
    const uint8_t *records;
    size_t len;
    if (!read_news(r, t, head, &records, &len))
        return 0;
    size_t all = len;
    if (len > 0)
        r->stub_calls->now = clock_ns(CLOCK_MONOTONIC);
    memcpy(&state->site, head + offsetof(struct call_data, site), sizeof state->site);
    state->fds_used = head[offsetof(struct call_data, fds_used)] != 0;
    state->lap_ends = head[offsetof(struct call_data, lap_ends)] != 0;
    while (len > 0 && r->give_up == 0) {
        const struct call_record *c = (const void *)records;
        if (len < sizeof *c || c->size < sizeof *c || c->size > len || c->size % 8 != 0) {
            recorder_give_up(r, EPROTO, "process %d wrote where the recorder keeps its own",
                             (int)t->pid);
            return 0;
        }
        stub_record_log(r, t, c, false);
        records += c->size;
        len -= c->size;
        state->read += c->size;
    }
    return all;
}

bool stub_calls_log(struct recorder *r, struct task *t)
{
    return t->space->stub.reached && log_news(r, t) > 0;
}

void stub_calls_sweep(struct recorder *r)
{
    size_t pos = 0;
    for (struct task *t; (t = map64_next(&r->tasks, &pos)) != NULL;)
        if (t->space != NULL && t->space->stub.reached && t->group->holder == t &&
            task_runs_user_code(t))
            (void)log_news(r, t);
}

/* ---- tasks that came from the stub, or are on the way there ---- */

bool stub_calls_at_entry(struct task *t, struct user_regs_struct *regs)
{
    if (!t->space->stub.mapped || regs_ip(regs) != call_stub_at(call_stub_slow))
        return false;
    regs_set_behind_call(regs, t->stub_site != 0 ? t->stub_site : t->space->stub.site);
    t->stub_site = 0;
    (void)tracee_set_regs(t->tid, regs);
    return true;
}

void stub_calls_restart_elsewhere(struct task *t, struct user_regs_struct *regs)
{
    if (!t->space->stub.mapped || !code_patches_are_at(t, regs_call_ip(regs)))
        return;
    regs_set_ip(regs, call_stub_at(call_stub_slow));
    (void)tracee_set_regs(t->tid, regs);
}

bool stub_calls_restarts_here(struct task *t, struct user_regs_struct *regs)
{
    if (!t->space->stub.mapped || regs_ip(regs) != call_stub_at(call_stub_slow))
        return false;
    regs_set_behind_call(regs, regs_ip(&t->call.regs));
    (void)tracee_set_regs(t->tid, regs);
    return true;
}

void stub_calls_touch(struct task *t, uint64_t addr, uint64_t len)
{
    uint64_t end = len > UINT64_MAX - addr ? UINT64_MAX : addr + len;
    code_patches_touch(t, addr, len);
    if (addr >= VDSO_ADDR + VDSO_SIZE + CLOCK_RING_SIZE || end <= CALL_DATA)
        return;
    code_patches_touch(t, 0, UINT64_MAX);
    t->space->stub.mapped = t->space->stub.reached = false;
}

void stub_calls_turn_off(struct task *t)
{
    code_patches_drop(t);
    t->space->stub.stays_off = true;
}

bool stub_calls_is_silent_call(const struct task *t)
{
    struct user_regs_struct regs;
    return t->space->stub.mapped && tracee_get_regs(t->tid, &regs) == 0 &&
           (regs_ip(&regs) == call_stub_at(call_stub_made) ||
            regs_ip(&regs) == call_stub_at(call_stub_own));
}

bool stub_calls_has_code_at(const struct task *t, uint64_t ip)
{
    return t->space->stub.mapped &&
           (ip - CALL_STUB_CODE < CALL_STUB_CODE_SIZE || code_patches_are_at(t, ip));
}

/* Owns the writes of a dying task (kernel/fork.c, mm_release; kernel/futex/core.c,
 * exit_robust_list): the tid that set_tid_address(2) named becomes zero if the address space has
 * other users, and each robust futex that the task holds is marked. */
#include "recorder/exit_writes.h"

#include "base/no_memory.h"
#include "recorder/poke.h"
#include "task/made_calls.h"
#include "task/proc.h"

#include <linux/futex.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROBUST_MAX  2048 /* ROBUST_LIST_LIMIT */
#define AWAIT_TRIES 5000

static void mark(struct task *t, uint64_t addr, uint32_t value, bool inherits)
{
    struct futex_mark *v = reallocarray(t->marks, t->n_marks + 1, sizeof *v);
    if (v == NULL)
        no_memory();
    v[t->n_marks++] = (struct futex_mark){.addr = addr, .value = value, .inherits = inherits};
    t->marks = v;
}

static void mark_futex(struct task *t, uint64_t addr, bool inherits)
{
    uint32_t value;
    if (tracee_read_all(t->tid, addr, &value, sizeof value) == 0 &&
        (value & FUTEX_TID_MASK) == (uint32_t)t->tid)
        mark(t, addr, (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED,
             inherits && (value & FUTEX_WAITERS) != 0);
}

/* Pointers to entries have the lowest bit set for priority-inheriting futexes. */
static void find_marks(struct task *t)
{
    t->n_marks = 0;
    struct robust_list_head *at = NULL, head;
    size_t len = 0;
    if (syscall(NR_GET_ROBUST_LIST, t->tid, &at, &len) < 0 || at == NULL ||
        tracee_read_all(t->tid, (uint64_t)at, &head, sizeof head) < 0)
        return;
    uint64_t pending = (uint64_t)head.list_op_pending, entry = (uint64_t)head.list.next;
    uint64_t offset = (uint64_t)head.futex_offset;
    for (int i = 0; i < ROBUST_MAX && (entry & ~1ull) != (uint64_t)at; i++) {
        bool inherits = (entry & 1) != 0;
        entry &= ~1ull;
        if (entry != (pending & ~1ull))
            mark_futex(t, entry + offset, inherits);
        if (tracee_read_all(t->tid, entry, &entry, sizeof entry) < 0)
            break;
    }
    if ((pending & ~1ull) != 0)
        mark_futex(t, (pending & ~1ull) + offset, (pending & 1) != 0);
}

bool exit_writes_are_seen(const struct task *t)
{
    return t->space->refs > 1 || t->space->has_shared_memory;
}

static void add_word(struct recorder *r, uint64_t addr, uint32_t value, struct emit_list *out)
{
    uint32_t *copy = emit_alloc(r, sizeof *copy);
    *copy = value;
    emit_push(r, out, emit_bytes(r, addr, copy, sizeof *copy));
}

static void add_marks(struct recorder *r, const struct task *t, struct emit_list *out)
{
    for (size_t i = 0; i < t->n_marks; i++)
        add_word(r, t->marks[i].addr, t->marks[i].value, out);
}

void exit_writes_add(struct recorder *r, struct task *t, struct emit_list *out)
{
    t->n_marks = 0;
    if (!exit_writes_are_seen(t))
        return;
    find_marks(t);
    add_marks(r, t, out);
    if (t->space->refs > 1 && t->clear_tid_addr != 0)
        add_word(r, t->clear_tid_addr, 0, out);
}

void exit_writes_foresee(struct task *t)
{
    t->n_marks = 0;
    if (exit_writes_are_seen(t))
        find_marks(t);
}

void exit_writes_at_exec(struct recorder *r, struct task *t)
{
    struct emit_list out = {0};
    add_marks(r, t, &out);
    if (t->space->refs > 1 && t->clear_tid_addr != 0)
        add_word(r, t->clear_tid_addr, 0, &out);
    if (out.n > 0)
        poke_ranges(r, t, &out);
    t->n_marks = 0;
}

static struct task *witness_of(const struct recorder *r, const struct task *t)
{
    size_t pos = 0;
    for (struct task *i; (i = map64_next(&r->tasks, &pos)) != NULL;)
        if (i != t && i->space == t->space && i->state != TASK_DYING)
            return i;
    return NULL;
}

/* The zeroed tid comes last, so that it tells of the futexes, too. */
static void await_word(const struct task *t, pid_t witness)
{
    uint32_t value;
    for (int tries = 0; tries < AWAIT_TRIES; tries++) {
        if (tracee_read_all(witness, t->clear_tid_addr, &value, sizeof value) < 0 || value == 0)
            return;
        sched_yield(); /* we share the core */
    }
}

/* A process is a zombie when all is written. */
static void await_zombie(const struct task *t)
{
    for (int tries = 0; tries < AWAIT_TRIES; tries++) {
        char state = proc_state(t->tid);
        if (state == 'Z' || state == 'X')
            return;
        sched_yield();
    }
}

/* The kernel hands a priority-inheriting futex to the first of its waiters, and that one writes its
 * own tid before it runs on (exit_pi_state_list, fixup_pi_state_owner). */
static void log_inherited(struct recorder *r, const struct task *t, struct task *witness)
{
    for (size_t i = 0; i < t->n_marks; i++) {
        uint64_t addr = t->marks[i].addr;
        uint32_t value;
        for (int tries = 0; t->marks[i].inherits && tries < AWAIT_TRIES; tries++) {
            if (tracee_read_all(witness->tid, addr, &value, sizeof value) < 0 ||
                (value & FUTEX_TID_MASK) != 0)
                break;
            sched_yield();
        }
        if (t->marks[i].inherits)
            poke_memory(r, witness, addr, sizeof value);
    }
}

void exit_writes_await(struct recorder *r, struct task *t)
{
    struct task *witness = t->space->refs > 1 ? witness_of(r, t) : NULL;
    if (witness != NULL && t->clear_tid_addr != 0)
        await_word(t, witness->tid);
    else if (t->n_marks > 0)
        await_zombie(t);
    if (witness != NULL)
        log_inherited(r, t, witness);
}

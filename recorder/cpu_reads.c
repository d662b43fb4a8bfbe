/* Owns reads of /proc/cpuinfo and /proc/PID/auxv, and what prctl and arch_prctl answer of the CPU.
 * Whole texts are made, of which the program gets what it has asked for: it may read in pieces, and
 * by descriptors that others have opened. They are as long as the kernel's. */
#include "recorder/cpu_reads.h"

#include "base/scope.h"
#include "recorder/exec_auxv.h"
#include "recorder/fd_class.h"
#include "recorder/read_calls.h"
#include "task/cpu_flags.h"
#include "task/proc.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef PR_GET_AUXV
#define PR_GET_AUXV 0x41555856
#endif
#define ARCH_GET_XCOMP_SUPP 0x1021
#define ARCH_GET_XCOMP_PERM 0x1022

/* Appends all that is there. */
static bool read_whole(const char *path, struct buf *to)
{
    int file SCOPE_CLOSE = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = file;
    while (n >= 0 && buf_reserve(to, 65536) == 0 && (n = read(file, to->data + to->len, 65536)) > 0)
        to->len += (size_t)n;
    return n == 0 && to->len > 0;
}

/* ---- /proc/cpuinfo ---- */

/* Made anew whenever somebody begins to read it: clock rates are in it. */
static bool make_cpuinfo(struct recorder *r, const char *path)
{
    buf_clear(&r->cpuinfo);
    if (!read_whole(path, &r->cpuinfo))
        return false;
    cpu_flags_hide((char *)r->cpuinfo.data, r->cpuinfo.len, r->level);
    return true;
}

/* The kernel's text may have become longer since by a digit: empty lines follow. */
static bool lengthen(struct buf *text, uint64_t len)
{
    while (text->len < len)
        if (buf_append(text, "\n", 1) < 0)
            return false;
    return true;
}

static void mend_cpuinfo(struct recorder *r, struct task *t, const char *path)
{
    struct read_vectors to;
    uint64_t from, len = (uint64_t)t->call.call.result;
    if (!read_calls_take(t, &to, &from))
        return;
    if ((from == 0 || r->cpuinfo.len == 0) && !make_cpuinfo(r, path))
        return;
    if (from <= r->cpuinfo.len && lengthen(&r->cpuinfo, from + len))
        read_calls_put(t, &to, r->cpuinfo.data + from, len);
}

/* ---- the auxiliary vector ---- */

static void put_vector(struct recorder *r, struct task *t, const char *path,
                       const struct read_vectors *to, uint64_t from, uint64_t len)
{
    struct buf vector = {0};
    if (read_whole(path, &vector) && from < vector.len) {
        exec_auxv_correct(r, vector.data, vector.len);
        read_calls_put(t, to, vector.data + from,
                       len < vector.len - from ? len : vector.len - from);
    }
    buf_done(&vector);
}

static void mend_auxv(struct recorder *r, struct task *t, const char *path)
{
    struct read_vectors to;
    uint64_t from;
    if (read_calls_take(t, &to, &from))
        put_vector(r, t, path, &to, from, (uint64_t)t->call.call.result);
}

/* prctl(PR_GET_AUXV, buffer, size) tells the size of all, and writes as much as there is room for;
 * behind the vector's end, which is the end of the file, zeros. */
static void mend_get_auxv(struct recorder *r, struct task *t)
{
    const uint64_t *args = t->call.call.args;
    struct read_vectors to = {.n = 1};
    to.v[0] = (struct iovec){(void *)args[1], args[2]};
    put_vector(r, t, proc_path(t->tid, "auxv").s, &to, 0, args[2]);
}

/* ---- components of registers ---- */

/* Like xgetbv. */
static void mend_components(struct recorder *r, struct task *t)
{
    uint64_t addr = t->call.call.args[1], mask;
    if (tracee_read_all(t->tid, addr, &mask, sizeof mask) < 0)
        return;
    mask &= r->xcr0;
    (void)tracee_write(t->tid, addr, &mask, sizeof mask);
}

static void mend_read(struct recorder *r, struct task *t)
{
    uint64_t fd = t->call.call.args[0];
    enum fd_kind kind = fd_class_of(r, t, fd);
    char path[64];
    fd_class_path(t, fd, path, sizeof path);
    if (kind == FD_CPUINFO)
        mend_cpuinfo(r, t, path);
    else if (kind == FD_PROC_AUXV)
        mend_auxv(r, t, path);
}

void cpu_reads_mend(struct recorder *r, struct task *t)
{
    const struct call *c = &t->call;
    const struct syscall_call *call = &c->call;
    if (c->row == NULL || c->answered || call->result < 0)
        return;
    if (read_calls_are(call->nr) && call->result > 0)
        mend_read(r, t);
    else if (syscall_is_command(call->nr, call->args, COMMANDS_PRCTL, PR_GET_AUXV))
        mend_get_auxv(r, t);
    else if (c->row->answer == ANSWER_ARCH_PRCTL &&
             (call->args[0] == ARCH_GET_XCOMP_SUPP || call->args[0] == ARCH_GET_XCOMP_PERM))
        mend_components(r, t);
}

/* Owns the table of calls that replayed tasks may make, and the filter that is made of it. */
#include "replayer/sandbox.h"

#include "replayer/reserved.h"
#include "task/made_calls.h"
#include "task/memory_watch.h"
#include "task/vsyscall.h"

#include <assert.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

/* linux/mman.h, asm-generic/mman-common.h: not in all C libraries. */
#define DONTNEED_LOCKED 24
#define GUARD_INSTALL   102
#define GUARD_REMOVE    103
#define PROT_SEM_       8
#define DONTUNMAP       4

#define PROT_ALL (PROT_READ | PROT_WRITE | PROT_EXEC)
#define MAP_ALL                                                                                    \
    (MAP_SHARED | MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_NORESERVE |        \
     MAP_FIXED_NOREPLACE)
#define CLONE_ALIKE (CLONE_PARENT | CLONE_FILES | SIGCHLD)

#define CHECKS_MAX 3
#define VALUES_MAX 9

/* An argument of which, but for the bits that are free, one of some values must be left. All of
 * these values have the same upper half, and no bit of that is free. */
struct check {
    uint8_t arg;
    uint8_t n_values; /* 0: no check */
    uint32_t free;
    uint64_t values[VALUES_MAX];
};

#define BITS(number, bits)                                                                         \
    {                                                                                              \
        .arg = (number), .n_values = 1, .free = (bits)                                             \
    }
#define ONE(number, value)                                                                         \
    {                                                                                              \
        .arg = (number), .n_values = 1, .values = {(value) }                                       \
    }

static const struct rule {
    int nr;
    struct check checks[CHECKS_MAX];
} rules[] = {
    {NR_MUNMAP, {{0}}},
    {NR_MMAP, {BITS(2, PROT_ALL), BITS(3, MAP_ALL)}},
    {NR_MPROTECT, {BITS(2, PROT_ALL | PROT_SEM_ | PROT_GROWSDOWN | PROT_GROWSUP)}},
    {NR_PKEY_MPROTECT, {BITS(2, PROT_ALL | PROT_SEM_ | PROT_GROWSDOWN | PROT_GROWSUP)}},
    {NR_PKEY_ALLOC, {{0}}},
    {NR_PKEY_FREE, {{0}}},
    {NR_MREMAP, {BITS(3, MREMAP_MAYMOVE | MREMAP_FIXED | DONTUNMAP)}},
    {NR_MADVISE, /* what at_madvise() of the recorder notes */
     {{.arg = 2,
       .n_values = 9,
       .values = {MADV_DONTNEED, MADV_REMOVE, MADV_DONTFORK, MADV_DOFORK, MADV_WIPEONFORK,
                  MADV_KEEPONFORK, DONTNEED_LOCKED, GUARD_INSTALL, GUARD_REMOVE}}}},
    {NR_CLONE, {{.arg = 0, .n_values = 2, .values = {CLONE_ALIKE, CLONE_ALIKE | CLONE_VM}}}},
    {NR_USERFAULTFD, {ONE(0, MEMORY_WATCH_FLAGS)}},
    {NR_RECVMSG, {ONE(0, SANDBOX_CHANNEL), ONE(1, FAST_MAIL), ONE(2, SANDBOX_RECV_FLAGS)}},
    {NR_CLOSE, {{0}}},
};

#define N_RULES (sizeof rules / sizeof rules[0])

/* ---- as code of ours ---- */

static bool is_met(const struct check *c, uint64_t arg)
{
    for (size_t i = 0; i < c->n_values; i++)
        if ((arg & ~(uint64_t)c->free) == c->values[i])
            return true;
    return c->n_values == 0;
}

bool sandbox_allows(int64_t nr, const uint64_t args[6])
{
    for (size_t i = 0; i < N_RULES; i++) {
        if (rules[i].nr != nr)
            continue;
        bool met = true;
        for (size_t j = 0; j < CHECKS_MAX; j++)
            met = met && is_met(&rules[i].checks[j], args[rules[i].checks[j].arg]);
        return met;
    }
    return false;
}

/* ---- as a filter ---- */

struct maker {
    struct sock_filter *code;
    size_t n;
};

static void put(struct maker *m, struct sock_filter insn)
{
    assert(m->n < SANDBOX_MAX);
    m->code[m->n++] = insn;
}

static void load(struct maker *m, size_t offset)
{
    put(m, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

static void mask(struct maker *m, uint32_t bits)
{
    put(m, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, bits));
}

/* Skips so many instructions if what was loaded is the value, or if it is not. */
static void skip(struct maker *m, uint32_t value, size_t if_equal, size_t if_not)
{
    assert(if_equal <= UINT8_MAX && if_not <= UINT8_MAX);
    put(m, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, (uint8_t)if_equal,
                                        (uint8_t)if_not));
}

static void end(struct maker *m, uint32_t verdict)
{
    put(m, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, verdict));
}

static void need(struct maker *m, uint32_t value)
{
    skip(m, value, 1, 0);
    end(m, SECCOMP_RET_KILL_PROCESS);
}

/* The processor is little-endian: the lower half comes first. */
#define UPPER 4u

static void need_check(struct maker *m, const struct check *c)
{
    size_t arg = offsetof(struct seccomp_data, args) + c->arg * sizeof(uint64_t);
    load(m, arg + UPPER);
    need(m, (uint32_t)(c->values[0] >> 32));
    load(m, arg);
    mask(m, ~c->free);
    for (size_t i = 0; i < c->n_values; i++)
        skip(m, (uint32_t)c->values[i], c->n_values - i, 0);
    end(m, SECCOMP_RET_KILL_PROCESS);
}

static void stop_vsyscalls(struct maker *m)
{
    load(m, offsetof(struct seccomp_data, instruction_pointer) + UPPER);
    skip(m, (uint32_t)(VSYSCALL_PAGE >> 32), 0, 4);
    load(m, offsetof(struct seccomp_data, instruction_pointer));
    mask(m, 0xfffff000u);
    skip(m, (uint32_t)VSYSCALL_PAGE, 0, 1);
    end(m, SECCOMP_RET_TRACE);
}

static void need_our_place(struct maker *m)
{
    load(m, offsetof(struct seccomp_data, instruction_pointer) + UPPER);
    need(m, (uint32_t)(STUB_BEHIND_CALL >> 32));
    load(m, offsetof(struct seccomp_data, instruction_pointer));
    need(m, (uint32_t)STUB_BEHIND_CALL);
}

static void put_rule(struct maker *m, const struct rule *rule)
{
    struct sock_filter body[SANDBOX_MAX];
    struct maker inner = {.code = body};
    for (size_t i = 0; i < CHECKS_MAX; i++)
        if (rule->checks[i].n_values > 0)
            need_check(&inner, &rule->checks[i]);
    end(&inner, SECCOMP_RET_ALLOW);
    skip(m, (uint32_t)rule->nr, 0, inner.n);
    for (size_t i = 0; i < inner.n; i++)
        put(m, body[i]);
}

void sandbox_program_init(struct sandbox_program *p, uint64_t addr)
{
    memset(p, 0, sizeof *p);
    struct maker m = {.code = p->filter};
    load(&m, offsetof(struct seccomp_data, arch));
    need(&m, AUDIT_ARCH_X86_64);
    stop_vsyscalls(&m);
    need_our_place(&m);
    load(&m, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < N_RULES; i++)
        put_rule(&m, &rules[i]);
    end(&m, SECCOMP_RET_KILL_PROCESS);
    p->prog.len = (unsigned short)m.n;
    p->prog.filter = (void *)(addr + offsetof(struct sandbox_program, filter));
}

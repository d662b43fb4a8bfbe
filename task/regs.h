/* Registers by what they mean: to calls, to the flow of control, and to the few instructions that
 * are answered in a program's place. The order of arguments and the length of the instruction that
 * makes a call stand here and nowhere else. */
#ifndef REPRISE_TASK_REGS_H
#define REPRISE_TASK_REGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/user.h>

#define REGS_ARGS     6
#define REGS_CALL_LEN 2 /* of the syscall instruction */

/* The number of a register among the words of user_regs_struct, as tracee_set_reg() and the trace
 * have it. */
#define REG_INDEX(name) (offsetof(struct user_regs_struct, name) / sizeof(uint64_t))

enum regs_word {
    REGS_IP = REG_INDEX(rip),
    REGS_SP = REG_INDEX(rsp),
    REGS_RESULT = REG_INDEX(rax),
    REGS_NUMBER = REG_INDEX(orig_rax),
    REGS_FLAGS = REG_INDEX(eflags),
};

/* The word of an argument of a call. */
static inline unsigned regs_arg_word(unsigned i)
{
    static const uint8_t words[REGS_ARGS] = {REG_INDEX(rdi), REG_INDEX(rsi), REG_INDEX(rdx),
                                             REG_INDEX(r10), REG_INDEX(r8),  REG_INDEX(r9)};
    return words[i];
}

/* Whether the syscall instruction overwrites it. */
static inline bool regs_call_clobbers(size_t word)
{
    return word == REG_INDEX(rax) || word == REG_INDEX(rcx) || word == REG_INDEX(r11);
}

/* ---- where it is ---- */

static inline uint64_t regs_ip(const struct user_regs_struct *r)
{
    return r->rip;
}

static inline void regs_set_ip(struct user_regs_struct *r, uint64_t ip)
{
    r->rip = ip;
}

static inline uint64_t regs_sp(const struct user_regs_struct *r)
{
    return r->rsp;
}

static inline uint64_t regs_flags(const struct user_regs_struct *r)
{
    return r->eflags;
}

static inline void regs_set_flags(struct user_regs_struct *r, uint64_t flags)
{
    r->eflags = flags;
}

/* Whether neither code nor stack is another: it has not run since, or has come back. */
static inline bool regs_same_place(const struct user_regs_struct *a,
                                   const struct user_regs_struct *b)
{
    return a->rip == b->rip && a->rsp == b->rsp;
}

/* ---- calls ---- */

/* A call was made by a single step: its instruction leaves the flags in r11, and so that it was
 * stepped (Intel SDM vol. 2B, SYSCALL). As if it had not been, with the flags that it had before.
 */
static inline void regs_hide_step(struct user_regs_struct *r, uint64_t flags_before)
{
    const uint64_t trap_flag = 0x100;
    r->r11 = (r->r11 & ~trap_flag) | (flags_before & trap_flag);
}

/* At a stop of a call: its number, whose lower half is all that the kernel looks at
 * (do_syscall_64); negative: it is no stop of a call, or the call is to be left out. */
static inline int64_t regs_number(const struct user_regs_struct *r)
{
    return (int64_t)r->orig_rax;
}

static inline void regs_set_number(struct user_regs_struct *r, int64_t nr)
{
    r->orig_rax = (uint64_t)nr;
}

/* The kernel will restart nothing, and take the result for none of a call's. */
static inline void regs_leave_call(struct user_regs_struct *r)
{
    r->orig_rax = (uint64_t)-1;
}

static inline uint64_t regs_arg(const struct user_regs_struct *r, unsigned i)
{
    return ((const unsigned long long *)r)[regs_arg_word(i)];
}

static inline void regs_set_arg(struct user_regs_struct *r, unsigned i, uint64_t v)
{
    ((unsigned long long *)r)[regs_arg_word(i)] = v;
}

static inline void regs_get_args(const struct user_regs_struct *r, uint64_t ret[REGS_ARGS])
{
    for (unsigned i = 0; i < REGS_ARGS; i++)
        ret[i] = regs_arg(r, i);
}

static inline void regs_set_args(struct user_regs_struct *r, const uint64_t args[REGS_ARGS])
{
    for (unsigned i = 0; i < REGS_ARGS; i++)
        regs_set_arg(r, i, args[i]);
}

static inline int64_t regs_result(const struct user_regs_struct *r)
{
    return (int64_t)r->rax;
}

static inline void regs_set_result(struct user_regs_struct *r, int64_t result)
{
    r->rax = (uint64_t)result;
}

/* At a stop of a call: the address of the instruction that made it. */
static inline uint64_t regs_call_ip(const struct user_regs_struct *r)
{
    return r->rip - REGS_CALL_LEN;
}

/* Where a syscall instruction has left the address behind it. */
static inline uint64_t regs_way_back(const struct user_regs_struct *r)
{
    return r->rcx;
}

/* False: behind int 0x80, or in the page of vsyscalls. */
static inline bool regs_is_behind_syscall(const struct user_regs_struct *r)
{
    return regs_way_back(r) == r->rip;
}

/* As a syscall instruction before that address would leave it. */
static inline void regs_set_behind_call(struct user_regs_struct *r, uint64_t ip)
{
    r->rip = ip;
    r->rcx = ip;
}

/* From behind the instruction to before it, so that it makes call `nr`. */
static inline void regs_rewind(struct user_regs_struct *r, int64_t nr)
{
    r->rip -= REGS_CALL_LEN;
    r->rax = (uint64_t)nr;
    r->orig_rax = (uint64_t)-1;
}

/* Before the syscall instruction at ip, with a call and its arguments. */
static inline void regs_make_call(struct user_regs_struct *r, uint64_t ip, int64_t nr,
                                  const uint64_t args[REGS_ARGS])
{
    r->rip = ip;
    r->rax = (uint64_t)nr;
    r->orig_rax = (uint64_t)-1; /* no restart of an interrupted call under our hands */
    regs_set_args(r, args);
}

/* The arguments of the old way, int 0x80. */
static inline void regs_get_int80_args(const struct user_regs_struct *r, uint64_t ret[REGS_ARGS])
{
    const uint64_t args[REGS_ARGS] = {r->rbx, r->rcx, r->rdx, r->rsi, r->rdi, r->rbp};
    for (unsigned i = 0; i < REGS_ARGS; i++)
        ret[i] = args[i];
}

/* ---- instructions that are answered ---- */

/* 64 bits in two halves: rdtsc, xgetbv; and what xsave is asked for. */
static inline uint64_t regs_wide(const struct user_regs_struct *r)
{
    return r->rdx << 32 | (uint32_t)r->rax;
}

static inline void regs_set_wide(struct user_regs_struct *r, uint64_t v)
{
    r->rax = (uint32_t)v;
    r->rdx = v >> 32;
}

/* What the instruction is asked about: the leaf of cpuid; its subleaf, and the register of xgetbv.
 */
static inline uint32_t regs_leaf(const struct user_regs_struct *r)
{
    return (uint32_t)r->rax;
}

static inline uint32_t regs_subleaf(const struct user_regs_struct *r)
{
    return (uint32_t)r->rcx;
}

/* What rdtscp tells besides the time. */
static inline void regs_set_aux(struct user_regs_struct *r, uint32_t aux)
{
    r->rcx = aux;
}

static inline void regs_set_cpuid(struct user_regs_struct *r, uint32_t eax, uint32_t ebx,
                                  uint32_t ecx, uint32_t edx)
{
    r->rax = eax;
    r->rbx = ebx;
    r->rcx = ecx;
    r->rdx = edx;
}

#endif

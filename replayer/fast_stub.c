/* Owns the answering of calls inside of replayed tasks. The code is copied there: it refers to
 * nothing outside of its section and touches no vector registers. See CMakeLists.txt for its
 * options. */
#include "replayer/fast_stub.h"

#define IN_STUB       __attribute__((section("fast_stub"), used))
#define ALWAYS_INLINE static inline __attribute__((always_inline))

ALWAYS_INLINE bool is_equal(const uint8_t *a, const uint8_t *b, uint64_t len)
{
    uint64_t i = 0;
    for (; i + 8 <= len; i += 8)
        if (*(const uint64_t *)(a + i) != *(const uint64_t *)(b + i))
            return false;
    for (; i < len; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

ALWAYS_INLINE void copy(uint8_t *to, const uint8_t *from, uint64_t len)
{
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(len) : : "memory");
}

ALWAYS_INLINE bool has_arguments(const struct fast_call *c, const struct stub_regs *r)
{
    const uint64_t *v = c->args;
    uint32_t n = c->n_args;
    return (n < 1 || v[0] == r->rdi) && (n < 2 || v[1] == r->rsi) && (n < 3 || v[2] == r->rdx) &&
           (n < 4 || v[3] == r->r10) && (n < 5 || v[4] == r->r8) && (n < 6 || v[5] == r->r9);
}

/* Nothing but the bytes that the kernel wrote and the result is changed, and that only when all
 * agrees; a fault on the way makes the replayer send the task to fast_stub_bail. */
IN_STUB bool fast_stub_answer(struct stub_regs *regs, struct fast_queue *q)
{
    q->slow_ip = regs->rcx;
    if (q->next >= q->end)
        return false;
    const struct fast_call *c = (const void *)((const uint8_t *)q + q->next);
    if (c->nr != (int32_t)regs->rax || c->ip != regs->rcx || !has_arguments(c, regs))
        return false;
    const uint8_t *p = (const uint8_t *)(c + 1);
    for (uint32_t i = 0; i < c->n_in; i++) {
        const struct fast_range *in = (const void *)p;
        if (!is_equal((const uint8_t *)in->addr, in->data, in->len))
            return false;
        p = in->data + FAST_PADDED(in->len);
    }
    for (uint32_t i = 0; i < c->n_out; i++) {
        const struct fast_range *out = (const void *)p;
        copy((uint8_t *)out->addr, out->data, out->len);
        p = out->data + FAST_PADDED(out->len);
    }
    regs->rax = (uint64_t)c->result;
    q->next += c->size;
    q->done++;
    return true;
}

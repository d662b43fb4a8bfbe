/* Owns the sizes and directions of string instructions (AMD64 manual vol. 3, chapter 3, CMPS to
 * STOS). */
#include "task/rep_span.h"

#define DF 0x400ull

/* Bytes of an element; 0: it is no string instruction on memory that rsi and rdi alone tell. */
static unsigned element_size(const uint8_t *code, size_t len)
{
    bool narrow = false, rex_w = false;
    size_t i = 0;
    for (; i < len && (code[i] == 0xf2 || code[i] == 0xf3 || code[i] == 0x66); i++)
        narrow = narrow || code[i] == 0x66; /* a segment or another size of address: not told */
    if (i < len && (code[i] & 0xf0) == 0x40)
        rex_w = (code[i++] & 8) != 0;
    if (i >= len || code[i] < 0xa4 || code[i] > 0xaf || code[i] == 0xa8 || code[i] == 0xa9)
        return 0;
    if ((code[i] & 1) == 0)
        return 1;
    return rex_w ? 8 : narrow ? 2 : 4;
}

/* The elements from `first` on, upwards or downwards. Wraps around as the addresses do. */
static bool contains(uint64_t first, uint64_t bytes, unsigned size, bool down, uint64_t addr)
{
    uint64_t start = down ? first + size - bytes : first;
    return addr - start < bytes;
}

bool rep_may_touch(const uint8_t *code, size_t len, const struct user_regs_struct *regs,
                   uint64_t addr)
{
    unsigned size = element_size(code, len);
    uint64_t bytes;
    if (size == 0 || __builtin_mul_overflow((uint64_t)regs->rcx, (uint64_t)size, &bytes))
        return true;
    bool down = (regs->eflags & DF) != 0;
    return contains(regs->rsi, bytes, size, down, addr) ||
           contains(regs->rdi, bytes, size, down, addr);
}

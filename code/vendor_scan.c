/* Owns the speed of the search, as scan.c does of the other. */
#include "code/vendor_scan.h"

#include "code/vendor_insn.h"

#include <emmintrin.h>

#define STEP  64 /* bytes that one jump is taken for */
#define AHEAD 4  /* of a mark, the byte that is looked at: EVEX's opcode */

static inline __m128i equal(__m128i bytes, int value)
{
    return _mm_cmpeq_epi8(bytes, _mm_set1_epi8((char)value));
}

/* Bytes that are `value` but for the bits that are not in `mask`. */
static inline __m128i like(__m128i bytes, int mask, int value)
{
    return equal(_mm_and_si128(bytes, _mm_set1_epi8((char)mask)), value);
}

/* Bytes of the block at p that may be marks. Reads 16 + AHEAD bytes. */
static inline __attribute__((always_inline)) __m128i hits(const uint8_t *p)
{
    __m128i at[AHEAD + 1];
    for (int i = 0; i <= AHEAD; i++)
        at[i] = _mm_loadu_si128((const __m128i *)(p + i));
    __m128i sse = _mm_and_si128(equal(at[0], 0x0f), like(at[1], 0xfe, 0x52));
    __m128i x87 = _mm_and_si128(equal(at[0], 0xd9), like(at[1], 0xf0, 0xf0));
    __m128i vex_2 = _mm_and_si128(equal(at[0], 0xc5), like(at[2], 0xfe, 0x52));
    __m128i vex_3 = _mm_and_si128(equal(at[0], 0xc4), like(at[3], 0xfe, 0x52));
    __m128i evex = _mm_and_si128(equal(at[0], 0x62), like(at[4], 0xfc, 0x4c));
    return _mm_or_si128(_mm_or_si128(_mm_or_si128(sse, x87), _mm_or_si128(vex_2, vex_3)), evex);
}

static size_t find_in(const uint8_t *code, size_t len, size_t from, size_t to)
{
    for (; from < to; from++) {
        enum vendor_insn insn;
        size_t mark;
        /* f3 before 0f makes it another one of ours, so each is one with no prefix, too */
        if (vendor_insn_at(code + from, len - from, &insn, &mark) && mark == 0)
            return from;
    }
    return to;
}

size_t vendor_scan_next(const uint8_t *code, size_t len, size_t from)
{
    while (from < len && len - from >= STEP + AHEAD) {
        const uint8_t *p = code + from;
        __m128i any = _mm_or_si128(_mm_or_si128(hits(p), hits(p + 16)),
                                   _mm_or_si128(hits(p + 32), hits(p + 48)));
        if (_mm_movemask_epi8(any) != 0) {
            size_t at = find_in(code, len, from, from + STEP);
            if (at < from + STEP)
                return at;
        }
        from += STEP;
    }
    return find_in(code, len, from, len);
}

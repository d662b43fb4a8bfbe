/* Owns the speed of the search: all code that a program maps goes through here, and nearly all of
 * it no further. */
#include "code/scan.h"

#include <emmintrin.h>
#include <stdbool.h>

#define STEP 64 /* bytes that one jump is taken for */

/* Bytes of the block at p that are 0f with an opcode of ours behind it. Reads 17 bytes.
 * Inlined, so that the constants stay in registers. */
static inline __attribute__((always_inline)) __m128i hits(const uint8_t *p)
{
    __m128i first = _mm_loadu_si128((const __m128i *)p);
    __m128i second = _mm_loadu_si128((const __m128i *)(p + 1));
    __m128i escape = _mm_cmpeq_epi8(first, _mm_set1_epi8(0x0f));
    __m128i a = _mm_or_si128(_mm_cmpeq_epi8(second, _mm_set1_epi8((char)0xa2)),
                             _mm_cmpeq_epi8(second, _mm_set1_epi8(0x31)));
    __m128i b = _mm_or_si128(_mm_cmpeq_epi8(second, _mm_set1_epi8(0x01)),
                             _mm_cmpeq_epi8(second, _mm_set1_epi8((char)0xc7)));
    __m128i c = _mm_cmpeq_epi8(second, _mm_set1_epi8((char)0xae));
    return _mm_and_si128(escape, _mm_or_si128(_mm_or_si128(a, b), c));
}

/* Whether the bytes at p can be one of the instructions. */
static bool is_candidate(const uint8_t *p, size_t len)
{
    if (len < 2 || p[0] != 0x0f)
        return false;
    switch (p[1]) {
    case 0xa2:
    case 0x31:
        return true;
    case 0x01:
        return len > 2 && (p[2] == 0xf9 || p[2] == 0xd0);
    case 0xc7:
        return len > 2 && (p[2] >= 0xf0 || (p[2] < 0xc0 && (p[2] & 0x38) == 0x20));
    case 0xae:
        return len > 2 && p[2] < 0xc0 && (0x71 >> (p[2] >> 3 & 7) & 1) != 0; /* 0, 4, 5, 6 */
    default:
        return false;
    }
}

static size_t find_in(const uint8_t *code, size_t len, size_t from, size_t to)
{
    for (; from < to; from++)
        if (is_candidate(code + from, len - from))
            return from;
    return to;
}

size_t scan_next(const uint8_t *code, size_t len, size_t from)
{
    while (len - from > STEP) {
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

/* Owns the speed of the search: all code that a program maps goes through here, and nearly all of
 * it no further. So it is written twice: for each CPU, and for those with AVX2, where it takes half
 * of the time. */
#include "code/scan.h"

#include <immintrin.h>
#include <stdbool.h>

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

/* The same of 32 bytes; reads 33. Four of the opcodes differ in their lower halves: what the table
 * holds for that half is the only one that a byte can be. */
static inline __attribute__((always_inline, target("avx2"))) __m256i wide_hits(const uint8_t *p)
{
    const __m256i table = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(1, 1, (char)0xa2, 0, 0, 0, 0, (char)0xc7, 0, 0, 0, 0, 0, 0, (char)0xae, 0));
    __m256i first = _mm256_loadu_si256((const __m256i *)p);
    __m256i second = _mm256_loadu_si256((const __m256i *)(p + 1));
    __m256i escape = _mm256_cmpeq_epi8(first, _mm256_set1_epi8(0x0f));
    __m256i half = _mm256_and_si256(second, _mm256_set1_epi8(0x0f));
    __m256i any = _mm256_or_si256(_mm256_cmpeq_epi8(second, _mm256_shuffle_epi8(table, half)),
                                  _mm256_cmpeq_epi8(second, _mm256_set1_epi8(0x31)));
    return _mm256_and_si256(escape, any);
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

size_t scan_next_on_any_cpu(const uint8_t *code, size_t len, size_t from)
{
    enum { STEP = 64 }; /* bytes that one jump is taken for */
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

static __attribute__((target("avx2"))) size_t wide_scan_next(const uint8_t *code, size_t len,
                                                             size_t from)
{
    enum { STEP = 128 };
    while (len - from > STEP) {
        const uint8_t *p = code + from;
        __m256i any = _mm256_or_si256(_mm256_or_si256(wide_hits(p), wide_hits(p + 32)),
                                      _mm256_or_si256(wide_hits(p + 64), wide_hits(p + 96)));
        if (_mm256_movemask_epi8(any) != 0) {
            size_t at = find_in(code, len, from, from + STEP);
            if (at < from + STEP)
                return at;
        }
        from += STEP;
    }
    return scan_next_on_any_cpu(code, len, from);
}

size_t scan_next(const uint8_t *code, size_t len, size_t from)
{
    return __builtin_cpu_supports("avx2") ? wide_scan_next(code, len, from)
                                          : scan_next_on_any_cpu(code, len, from);
}

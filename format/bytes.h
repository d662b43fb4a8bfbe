/* Numbers as they stand in the file: little-endian words and protobuf varints. */
#ifndef REPRISE_FORMAT_BYTES_H
#define REPRISE_FORMAT_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "reprise runs on little-endian machines only"
#endif

#define VARINT_MAX 10 /* bytes of the longest varint */

static inline void put_le32(uint8_t *p, uint32_t v)
{
    memcpy(p, &v, sizeof v);
}

static inline void put_le64(uint8_t *p, uint64_t v)
{
    memcpy(p, &v, sizeof v);
}

static inline uint32_t get_le32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline uint64_t get_le64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline size_t varint_size(uint64_t v)
{
    return (size_t)(64 - __builtin_clzll(v | 1) + 6) / 7;
}

/* Writes v and returns the bytes used, at most VARINT_MAX. */
static inline size_t put_varint(uint8_t *p, uint64_t v)
{
    size_t n = 0;
    while (v >= 0x80) {
        p[n++] = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    p[n++] = (uint8_t)v;
    return n;
}

/* Reads a varint of at most len bytes. Returns the bytes used, 0 when it is cut or too long. */
static inline size_t get_varint(const uint8_t *p, size_t len, uint64_t *ret)
{
    uint64_t v = 0;
    for (size_t n = 0; n < len && n < VARINT_MAX; n++) {
        v |= (uint64_t)(p[n] & 0x7f) << (7 * n);
        if ((p[n] & 0x80) == 0) {
            *ret = v;
            return n + 1;
        }
    }
    return 0;
}

#endif

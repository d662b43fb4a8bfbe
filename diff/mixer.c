/* Owns how values go into the hashes of an event. */
#include "diff/mixer.h"

#include <stdbool.h>
#include <xxhash.h>

uint64_t mix_hash(uint64_t seed, const void *data, size_t len)
{
    return len > 0 ? XXH3_64bits_withSeed(data, len, seed) : mix_u64(seed, 0x656d707479);
}

/* The finaliser of splitmix64. */
uint64_t mix_u64(uint64_t seed, uint64_t value)
{
    uint64_t x = seed * 0x9e3779b97f4a7c15u + value + 0x632be59bd9b4e019u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

void mixer_plain(struct mixer *m, uint64_t value)
{
    m->norm = mix_u64(m->norm, value);
    m->literal = mix_u64(m->literal, value);
}

void mixer_bytes(struct mixer *m, const void *data, size_t len)
{
    m->norm = mix_hash(m->norm, data, len);
    m->literal = mix_hash(m->literal, data, len);
}

void mixer_word(struct mixer *m, enum ignored kind, uint64_t raw, uint64_t token)
{
    uint16_t bit = IGNORED_BIT(kind);
    bool strict = (m->strict & bit) != 0;
    m->norm = mix_u64(m->norm, strict ? raw : token);
    if (strict)
        return;
    m->kinds |= bit;
    uint64_t *kept = (IGNORED_NAMES & bit) != 0 ? &m->names : &m->values;
    *kept = mix_u64(*kept, raw);
}

void mixer_ignore(struct mixer *m, enum ignored kind, uint64_t raw, uint64_t token)
{
    bool strict = (m->strict & IGNORED_BIT(kind)) != 0;
    m->literal = mix_u64(m->literal, strict ? raw : token);
    mixer_word(m, kind, raw, token);
}

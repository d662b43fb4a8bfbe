/* Hashes that see past what is ignored. */
#ifndef REPRISE_DIFF_MIXER_H
#define REPRISE_DIFF_MIXER_H

#include "diff/ignored.h"

#include <stddef.h>
#include <stdint.h>

/* Zeroed, with `strict` set, is a fresh one. */
struct mixer {
    uint64_t norm;    /* of what counts */
    uint64_t literal; /* the same, but for words in text: those are taken as they are */
    uint64_t values;  /* of what is ignored, but could be a cause */
    uint64_t names;   /* of what is ignored and only names things */
    uint16_t kinds;   /* bits of what was ignored */
    uint16_t strict;  /* bits of what is not to be ignored */
};

uint64_t mix_hash(uint64_t seed, const void *data, size_t len);
uint64_t mix_u64(uint64_t seed, uint64_t value);

void mixer_plain(struct mixer *m, uint64_t value);
void mixer_bytes(struct mixer *m, const void *data, size_t len);
/* A word in text for which `token` stands, to norm alone. */
void mixer_word(struct mixer *m, enum ignored kind, uint64_t raw, uint64_t token);
/* `raw` is ignored and `token` stands for it, unless the kind is strict. */
void mixer_ignore(struct mixer *m, enum ignored kind, uint64_t raw, uint64_t token);

#endif

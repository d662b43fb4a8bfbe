/* Which bytes are reached as instructions from places that are known to begin one. Private to
 * code/. */
#ifndef REPRISE_CODE_CODE_PATHS_H
#define REPRISE_CODE_CODE_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct code_paths {
    size_t len;
    uint8_t *starts; /* a bit for each byte: an instruction that is reached begins there */
};

/* Follows direct jumps and calls, and what comes behind instructions that go on. Calls are taken to
 * return. 0 or -ENOMEM. */
int code_paths_follow(const uint8_t *code, size_t len, const uint64_t *entries, size_t n,
                      struct code_paths *ret);
void code_paths_done(struct code_paths *paths);

bool code_paths_begin(const struct code_paths *paths, size_t at);

#endif

/* Words and numbers in text that name something of one run: temporary files, tasks, ports. Followed
 * wherever they turn up. */
#ifndef REPRISE_DIFF_WORDS_H
#define REPRISE_DIFF_WORDS_H

#include "base/map64.h"
#include "diff/mixer.h"

#include <stddef.h>
#include <stdint.h>

/* Zeroed knows no words. */
struct words {
    struct map64 numbers; /* number -> struct word, of those below */
    struct map64 temps;   /* hash of the word -> struct word */
    struct word *all;
    int64_t start_s,
        now_s; /* of the recording, and of the event at hand: unix time. 0: not known */
};

void words_done(struct words *w);

/* From now on the number is the ignored thing that `token` stands for. -ENOMEM. */
int words_add_number(struct words *w, uint64_t number, enum ignored kind, uint64_t token);

/* Takes in the random part of the name of a temporary file that is made. -ENOMEM. */
int words_add_temp(struct words *w, const char *path, size_t len, uint64_t token);

/* Mixes bytes in, known words replaced, and the time of day as far as it lies in the recording.
 * `pointer` says what a number in hexadecimal (0x...) is as an address: its token, or 0. May be
 * NULL. */
void words_mix(const struct words *w, struct mixer *m, const void *data, size_t len,
               uint64_t (*pointer)(void *ctx, uint64_t address), void *ctx);

#endif

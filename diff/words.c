/* Owns the search for words in bytes. A word is a run of letters, digits and underscores. */
#include "diff/words.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define TEMP_MIN      6  /* random characters in a name, as mkstemp(3) makes them */
#define WORD_MAX      64 /* longer ones are left as they are */
#define ADDRESS_MIN   9  /* digits of an address that is worth looking up */
#define NUMBER_DIGITS 10

struct word {
    struct word *next; /* of all, to free them */
    uint64_t token;
    enum ignored kind;
};

void words_done(struct words *w)
{
    for (struct word *word = w->all, *next; word != NULL; word = next) {
        next = word->next;
        free(word);
    }
    map64_done(&w->numbers);
    map64_done(&w->temps);
    *w = (struct words){0};
}

static int put(struct words *w, struct map64 *map, uint64_t key, enum ignored kind, uint64_t token)
{
    struct word *word = map64_get(map, key);
    if (word == NULL) {
        word = calloc(1, sizeof *word);
        if (word == NULL)
            return -ENOMEM;
        if (map64_put(map, key, word) < 0) {
            free(word);
            return -ENOMEM;
        }
        word->next = w->all;
        w->all = word;
    }
    word->kind = kind;
    word->token = token;
    return 0;
}

int words_add_number(struct words *w, uint64_t number, enum ignored kind, uint64_t token)
{
    return put(w, &w->numbers, number, kind, token);
}

static bool is_word(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Letters and digits, or upper and lower case, in no order that a word has. */
static bool looks_random(const char *word, size_t len)
{
    size_t digits = 0, upper = 0, lower = 0;
    for (size_t i = 0; i < len; i++) {
        digits += isdigit((unsigned char)word[i]) != 0;
        upper += isupper((unsigned char)word[i]) != 0 && i > 0;
        lower += islower((unsigned char)word[i]) != 0;
    }
    return (digits > 0 && digits < len) || (upper > 0 && lower > 0);
}

int words_add_temp(struct words *w, const char *path, size_t len, uint64_t token)
{
    const char *slash = memrchr(path, '/', len);
    const char *name = slash != NULL ? slash + 1 : path, *end = path + len;
    const char *best = NULL;
    size_t best_len = 0;
    bool best_random = false;
    for (const char *p = name; p < end;) {
        const char *from = p;
        while (p < end && is_word((uint8_t)*p))
            p++;
        size_t n = (size_t)(p - from);
        bool random = looks_random(from, n);
        if (n >= TEMP_MIN && n <= WORD_MAX && (random || !best_random)) {
            best = from;
            best_len = n;
            best_random = random;
        }
        if (p < end)
            p++;
    }
    if (best == NULL)
        return 0;
    uint64_t key = mix_hash(0, best, best_len);
    return put(w, &w->temps, key, IGNORED_TEMP_NAME, token);
}

static const struct word *find_number(const struct words *w, const uint8_t *word, size_t len)
{
    if (len < 2 || len > NUMBER_DIGITS || w->numbers.len == 0)
        return NULL;
    uint64_t number = 0;
    for (size_t i = 0; i < len; i++) {
        if (word[i] < '0' || word[i] > '9')
            return NULL;
        number = number * 10 + (uint64_t)(word[i] - '0');
    }
    return map64_get(&w->numbers, number);
}

static bool read_address(const uint8_t *word, size_t len, uint64_t *ret)
{
    if (len < 2 + ADDRESS_MIN || len > 18 || word[0] != '0' || word[1] != 'x')
        return false;
    uint64_t value = 0;
    for (size_t i = 2; i < len; i++) {
        if (!isxdigit(word[i]))
            return false;
        uint8_t digit =
            isdigit(word[i]) ? (uint8_t)(word[i] - '0') : (uint8_t)((word[i] | 0x20) - 'a' + 10);
        value = value << 4 | digit;
    }
    *ret = value;
    return true;
}

/* ---- times ---- */

#define TIME_LEN   8   /* 09:04:45 */
#define ZONE_S     900 /* zones are whole quarters of an hour */
#define SLACK_S    2   /* of clocks that are not read at once */
#define EPOCH_LEN  10  /* digits of unix time until 2286 */
#define TOKEN_TIME 0x74696d65u

static int two_digits(const uint8_t *p)
{
    bool digits = p[0] >= '0' && p[0] <= '9' && p[1] >= '0' && p[1] <= '9';
    return digits ? (p[0] - '0') * 10 + (p[1] - '0') : -1;
}

/* Whether a clock could have said so during the recording, in any zone. */
static bool is_time_of_day(const struct words *w, const uint8_t *p, size_t len)
{
    if (w->now_s == 0 || len < TIME_LEN || p[2] != ':' || p[5] != ':' ||
        (len > TIME_LEN && (is_word(p[TIME_LEN]) || p[TIME_LEN] == ':')))
        return false;
    int h = two_digits(p), m = two_digits(p + 3), s = two_digits(p + 6);
    if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 60)
        return false;
    int64_t ago = (w->now_s - (h * 3600 + m * 60 + s) + SLACK_S) % ZONE_S;
    return ago <= w->now_s - w->start_s + 2 * SLACK_S;
}

/* Unix time in s, or with more digits in ms, us, ns. */
static bool is_epoch(const struct words *w, const uint8_t *word, size_t len)
{
    if (w->now_s == 0 ||
        (len != EPOCH_LEN && len != EPOCH_LEN + 3 && len != EPOCH_LEN + 6 && len != EPOCH_LEN + 9))
        return false;
    int64_t value = 0;
    for (size_t i = 0; i < len; i++) {
        if (word[i] < '0' || word[i] > '9')
            return false;
        if (i < EPOCH_LEN)
            value = value * 10 + (word[i] - '0');
    }
    return value >= w->start_s - SLACK_S && value <= w->now_s + SLACK_S;
}

/* The length of the time that begins where a word does, or 0. */
static size_t find_time(const struct words *w, const uint8_t *bytes, size_t from, size_t word_len,
                        size_t len)
{
    bool in_more = from > 0 && bytes[from - 1] == ':';
    if (word_len == 2 && !in_more && is_time_of_day(w, bytes + from, len - from))
        return TIME_LEN;
    return is_epoch(w, bytes + from, word_len) ? word_len : 0;
}

static const struct word *find_word(const struct words *w, const uint8_t *word, size_t len)
{
    const struct word *found = find_number(w, word, len);
    if (found == NULL && len >= TEMP_MIN && w->temps.len > 0)
        found = map64_get(&w->temps, mix_hash(0, word, len));
    return found;
}

void words_mix(const struct words *w, struct mixer *m, const void *data, size_t len,
               uint64_t (*pointer)(void *ctx, uint64_t address), void *ctx)
{
    if (len == 0) {
        mixer_bytes(m, NULL, 0);
        return;
    }
    const uint8_t *bytes = data;
    uint64_t literal = mix_hash(m->literal, data, len);
    size_t done = 0; /* mixed in so far */
    for (size_t i = 0; i < len;) {
        size_t from = i;
        while (i < len && is_word(bytes[i]))
            i++;
        size_t n = i - from;
        if (n >= 2 && n <= WORD_MAX) {
            const struct word *word = find_word(w, bytes + from, n);
            uint64_t address = 0, token = word != NULL ? word->token : 0;
            size_t time = word == NULL ? find_time(w, bytes, from, n, len) : 0;
            if (time > 0) {
                mixer_bytes(m, bytes + done, from - done);
                mixer_word(m, IGNORED_TIME, mix_hash(0, bytes + from, time), TOKEN_TIME);
                i = done = from + time;
                continue;
            }
            if (word == NULL && pointer != NULL && read_address(bytes + from, n, &address))
                token = pointer(ctx, address);
            if (word != NULL || token != 0) {
                mixer_bytes(m, bytes + done, from - done);
                mixer_word(m, word != NULL ? word->kind : IGNORED_ADDRESS,
                           mix_hash(0, bytes + from, n), token);
                done = i;
            }
        }
        i += i == from;
    }
    mixer_bytes(m, bytes + done, len - done);
    m->literal = literal;
}

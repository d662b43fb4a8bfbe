/* Owns how named values are spelled: by name, by number, or both. */
#include "decode/text.h"

#include <signal.h>
#include <stdio.h>

static bool is_match(const struct constant *c, uint64_t v)
{
    return (v & c->mask) == c->value;
}

/* The names of all flags in v, those behind the first with bars between them. */
static bool put_flag_names(struct text *t, const struct constant_set *set, uint64_t v)
{
    bool any = false;
    uint64_t rest = v;
    for (size_t i = 0; i < set->n; i++) {
        const struct constant *c = &set->v[i];
        bool whole = c->mask == UINT64_MAX;
        if (whole ? v != c->value : !is_match(c, rest) || (rest & c->mask) != (v & c->mask))
            continue;
        if (any)
            put(t, "|");
        put(t, c->name);
        any = true;
        if (whole)
            return true;
        rest &= ~c->mask;
    }
    if (!any)
        return false;
    if (rest != 0) {
        put(t, "|");
        put_hex(t, rest);
    }
    return true;
}

bool put_set_name(struct text *t, const struct constant_set *set, uint64_t v)
{
    if (set->flags)
        return put_flag_names(t, set, v);
    for (size_t i = 0; i < set->n; i++) {
        if (!is_match(&set->v[i], v))
            continue;
        put(t, set->v[i].name);
        return true;
    }
    return false;
}

void put_set(struct text *t, const struct constant_set *set, uint64_t v)
{
    if (t->style->constants == TEXT_CONSTANTS_RAW) {
        put_hex(t, v);
        return;
    }
    bool verbose = t->style->constants == TEXT_CONSTANTS_VERBOSE;
    if (verbose) {
        put_hex(t, v);
        size_t before = t->out->len;
        put(t, " /* ");
        if (put_set_name(t, set, v))
            put(t, " */");
        else
            t->out->len = before;
        return;
    }
    if (put_set_name(t, set, v))
        return;
    put_hex(t, v);
    if (v != 0 || !set->flags)
        put_fmt(t, " /* %s_??? */", set->prefix);
}

void put_named(struct text *t, const char *number, const char *name)
{
    if (t->style->constants == TEXT_CONSTANTS_RAW || name == NULL) {
        put(t, number);
    } else if (t->style->constants == TEXT_CONSTANTS_ABBREV) {
        put(t, name);
    } else {
        put(t, number);
        put(t, " /* ");
        put(t, name);
        put(t, " */");
    }
}

/* ---- signals ---- */

/* NULL: no signal. `scratch` has 16 bytes. */
static const char *signal_name(uint64_t signo, char *scratch)
{
    if (signo == 32)
        return "RTMIN";
    if (signo > 32 && signo <= 64) {
        snprintf(scratch, 16, "RT_%u", (unsigned)(signo - 32));
        return scratch;
    }
    return signo > 0 && signo < 32 ? sigabbrev_np((int)signo) : NULL;
}

void put_signal_short(struct text *t, uint64_t signo)
{
    char scratch[16];
    const char *name = signal_name(signo, scratch);
    if (name != NULL)
        put(t, name);
    else
        put_int(t, (int64_t)signo);
}

void put_signal(struct text *t, uint64_t signo)
{
    char scratch[16], name[24], number[24];
    const char *abbrev = signal_name((uint32_t)signo, scratch);
    snprintf(number, sizeof number, "%d", (int)signo);
    if (abbrev != NULL)
        snprintf(name, sizeof name, "SIG%s", abbrev);
    put_named(t, number, abbrev != NULL ? name : NULL);
}

void put_sigset(struct text *t, const uint8_t *set, size_t len)
{
    uint64_t bits = 0;
    memcpy(&bits, set, len < sizeof bits ? len : sizeof bits);
    unsigned n = (unsigned)len * 8 < 64 ? (unsigned)len * 8 : 64;
    bool inverted = (unsigned)__builtin_popcountll(bits) >= n * 2 / 3;
    if (inverted) {
        bits = ~bits;
        put(t, "~");
    }
    put(t, "[");
    bool any = false;
    for (unsigned i = 1; i <= n; i++) {
        if ((bits >> (i - 1) & 1) == 0)
            continue;
        if (any)
            put(t, " ");
        put_signal_short(t, i);
        any = true;
    }
    put(t, "]");
}

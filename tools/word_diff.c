/* Owns the comparison of lines word by word. */
#include "tools/word_diff.h"

#include "base/scope.h"
#include "diff/align.h"
#include "diff/mixer.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct words {
    size_t *from; /* n + 1: the end as well */
    uint64_t *keys;
    uint32_t n;
};

static bool in_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static int cut(const char *text, struct words *ret)
{
    size_t len = strlen(text);
    ret->from = calloc(len + 1, sizeof *ret->from);
    ret->keys = calloc(len + 1, sizeof *ret->keys);
    if (ret->from == NULL || ret->keys == NULL || len > UINT32_MAX / 4)
        return -ENOMEM;
    for (size_t i = 0; i < len;) {
        size_t from = i++;
        while (in_word(text[from]) && in_word(text[i]))
            i++;
        ret->from[ret->n] = from;
        ret->keys[ret->n++] = mix_hash(0, text + from, i - from);
    }
    ret->from[ret->n] = len;
    return 0;
}

static int make_spans(const struct words *w, const bool *kept, struct word_spans *ret)
{
    ret->v = calloc((size_t)w->n + 1, sizeof *ret->v);
    if (ret->v == NULL)
        return -ENOMEM;
    for (uint32_t i = 0; i < w->n; i++) {
        struct word_span *last = ret->n > 0 ? &ret->v[ret->n - 1] : NULL;
        if (last != NULL && last->changed == !kept[i])
            last->to = w->from[i + 1];
        else
            ret->v[ret->n++] = (struct word_span){w->from[i], w->from[i + 1], !kept[i]};
    }
    return 0;
}

static int compare(const struct words *a, const struct words *b, struct word_spans *ret_a,
                   struct word_spans *ret_b)
{
    uint32_t *to SCOPE_FREE = calloc((size_t)a->n + 1, sizeof *to);
    bool *kept_a SCOPE_FREE = calloc((size_t)a->n + 1, 1),
                 *kept_b SCOPE_FREE = calloc((size_t)b->n + 1, 1);
    if (to == NULL || kept_a == NULL || kept_b == NULL)
        return -ENOMEM;
    align_clear(to, a->n);
    int r = align_gaps(a->keys, a->n, b->keys, b->n, to);
    if (r < 0)
        return r;
    for (uint32_t i = 0; i < a->n; i++)
        if (to[i] != ALIGN_NONE)
            kept_a[i] = kept_b[to[i]] = true;
    r = make_spans(a, kept_a, ret_a);
    return r == 0 ? make_spans(b, kept_b, ret_b) : r;
}

int word_diff(const char *a, const char *b, struct word_spans *ret_a, struct word_spans *ret_b)
{
    struct words x = {0}, y = {0};
    struct word_spans p = {0}, q = {0};
    int r = cut(a, &x);
    if (r == 0)
        r = cut(b, &y);
    if (r == 0)
        r = compare(&x, &y, &p, &q);
    free(x.from);
    free(x.keys);
    free(y.from);
    free(y.keys);
    if (r < 0) {
        free(p.v);
        free(q.v);
        return r;
    }
    *ret_a = p;
    *ret_b = q;
    return 0;
}

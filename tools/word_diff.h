/* Which words of two lines differ. */
#ifndef REPRISE_TOOLS_WORD_DIFF_H
#define REPRISE_TOOLS_WORD_DIFF_H

#include <stdbool.h>
#include <stddef.h>

struct word_span {
    size_t from, to; /* bytes of the text */
    bool changed;
};

struct word_spans {
    struct word_span *v;
    size_t n;
};

/* Cuts both texts into spans that are the same in both, and others. 0 or -ENOMEM; free each `v`. */
int word_diff(const char *a, const char *b, struct word_spans *ret_a, struct word_spans *ret_b);

#endif

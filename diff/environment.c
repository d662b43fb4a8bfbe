/* Owns the comparison of what the first program was given: variables and arguments. */
#include "diff/diff_private.h"

#include "base/buf.h"
#include "diff/normal_memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 8 /* variables that are named */

typedef ProtobufCBinaryData bytes;

static size_t name_len(const bytes *v)
{
    const uint8_t *equals = v->len > 0 ? memchr(v->data, '=', v->len) : NULL;
    return equals != NULL ? (size_t)(equals - v->data) : v->len;
}

static const bytes *find(const Reprise__Header *h, const bytes *v)
{
    size_t n = name_len(v);
    for (size_t i = 0; i < h->n_envp; i++)
        if (name_len(&h->envp[i]) == n && (n == 0 || memcmp(h->envp[i].data, v->data, n) == 0))
            return &h->envp[i];
    return NULL;
}

static bool equal(const bytes *a, const bytes *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

struct list {
    struct buf names, ref, run;
    size_t n;
};

static int put(struct buf *b, const char *between, const void *data, size_t len)
{
    int r = b->len > 0 ? buf_append(b, between, strlen(between)) : 0;
    return r == 0 && len > 0 ? buf_append(b, data, len) : r;
}

static int put_variable(struct buf *b, const bytes *v, const bytes *name)
{
    int r;
    if (v != NULL)
        return put(b, " ", v->data, v->len);
    r = put(b, " ", name->data, name_len(name));
    return r == 0 ? buf_append(b, " (not set)", 10) : r;
}

static int add(struct list *l, const bytes *ref, const bytes *run)
{
    const bytes *any = run != NULL ? run : ref;
    if (normal_memory_is_odd_variable(any->data, any->len))
        return 0;
    if (++l->n > NAMES_MAX)
        return 0;
    int r = put(&l->names, ", ", any->data, name_len(any));
    if (r == 0)
        r = put_variable(&l->ref, ref, any);
    return r == 0 ? put_variable(&l->run, run, any) : r;
}

static int compare_variables(const Reprise__Header *ref, const Reprise__Header *run, struct list *l)
{
    int r = 0;
    for (size_t i = 0; i < run->n_envp && r == 0; i++) {
        const bytes *other = find(ref, &run->envp[i]);
        if (other == NULL || !equal(other, &run->envp[i]))
            r = add(l, other, &run->envp[i]);
    }
    for (size_t i = 0; i < ref->n_envp && r == 0; i++)
        if (find(run, &ref->envp[i]) == NULL)
            r = add(l, &ref->envp[i], NULL);
    return r;
}

static int put_arguments(const Reprise__Header *h, struct buf *b)
{
    int r = 0;
    for (size_t i = 0; i < h->n_argv && r == 0; i++)
        r = put(b, " ", h->argv[i].data, h->argv[i].len);
    return r;
}

static char *take(struct buf *b)
{
    if (buf_append(b, "", 1) < 0)
        return NULL;
    char *text = (char *)b->data;
    *b = (struct buf){0};
    return text;
}

int diff_environment(const struct diff_report *report, struct finding *f)
{
    const Reprise__Header *ref = trace_reader_header(report->runs[report->reference].run->trace);
    const Reprise__Header *run = trace_reader_header(report->runs[report->shown].run->trace);
    struct list l = {0};
    bool same_arguments = ref->n_argv == run->n_argv;
    for (size_t i = 0; i < ref->n_argv && same_arguments; i++)
        same_arguments = equal(&ref->argv[i], &run->argv[i]);
    int r = same_arguments ? compare_variables(ref, run, &l) : 0;
    if (!same_arguments) {
        f->cause = CAUSE_ARGUMENTS;
        r = put(&l.names, "", "command line", 12);
        if (r == 0)
            r = put_arguments(ref, &l.ref);
        if (r == 0)
            r = put_arguments(run, &l.run);
    }
    if (r == 0 && l.n > NAMES_MAX)
        r = buf_append(&l.names, " ...", 4);
    if (r == 0) {
        f->object = take(&l.names);
        f->ref_text = take(&l.ref);
        f->run_text = take(&l.run);
        if (f->object == NULL || f->ref_text == NULL || f->run_text == NULL)
            r = -ENOMEM;
    }
    buf_done(&l.names);
    buf_done(&l.ref);
    buf_done(&l.run);
    return r;
}

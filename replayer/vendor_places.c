/* Owns the sums over the code that is in a trace. Looks at none of it: vendor_reader.c does. */
#include "replayer/vendor_places.h"

#include "base/scope.h"
#include "format/blob_memory.h"
#include "replayer/origin.h"
#include "replayer/vendor_reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTENT_MAX ((uint64_t)1 << 30) /* of a file that is looked into */

/* Asks for the spans of one blob, which are sorted by their starts. 0, or -errno with err. */
static int ask(struct readers *readers, struct trace_reader *trace, struct code_span *const *v,
               size_t n, struct vendor_counts *ret, struct err *err)
{
    uint64_t size;
    int fd SCOPE_CLOSE = -1;
    int r = blob_memory(trace, &v[0]->id, sizeof v[0]->id, CONTENT_MAX, &fd, &size);
    if (r < 0) /* damage is told by who reads all of the trace */
        return r == -ENOMEM ? err_sys(err, ENOMEM, "cannot get at it") : 0;
    r = vendor_readers_need(readers, err);
    return r == 0 ? vendor_reader_count(readers->now, fd, size, v, n, ret, err) : r;
}

static int count(struct readers *readers, struct trace_reader *trace, struct code_span *const *v,
                 size_t n, struct vendor_counts *ret)
{
    char *what SCOPE_FREE = NULL;
    struct err err = {0};
    if (ask(readers, trace, v, n, ret, &err) == 0)
        return 0;
    if (asprintf(&what, "code of %s", v[0]->name) < 0)
        return -ENOMEM;
    return readers_fail(readers, what, &err);
}

/* Without what cannot be executed on the CPU that the program was told of. */
static void keep_offered(const Reprise__Header *header, struct vendor_counts *counts)
{
    const Reprise__Cpu *cpu = header != NULL ? header->cpu_detail : NULL;
    const struct cpu_feature *f;
    for (size_t i = 0; cpu != NULL && (f = cpu_feature(i)) != NULL; i++)
        for (enum vendor_insn insn = 0; insn < VENDOR_INSNS && !origin_offers(cpu, f); insn++)
            if (vendor_insn_needs(insn) != NULL && strcmp(vendor_insn_needs(insn), f->name) == 0)
                counts->n[insn] = 0;
}

static int add_file(struct vendor_places *places, const struct vendor_counts *counts,
                    const char *name)
{
    struct vendor_file file = {.counts = *counts};
    for (enum vendor_insn insn = 0; insn < VENDOR_INSNS; insn++) {
        file.total += counts->n[insn];
        places->counts.n[insn] += counts->n[insn];
    }
    if (file.total == 0)
        return 0;
    struct vendor_file *files = reallocarray(places->files, places->n + 1, sizeof *files);
    if (files == NULL)
        return -ENOMEM;
    places->files = files;
    file.name = strdup(name);
    if (file.name == NULL)
        return -ENOMEM;
    files[places->n++] = file;
    places->total += file.total;
    return 0;
}

static int look_into(struct readers *readers, struct trace_reader *trace,
                     struct code_span *const *v, size_t n, struct vendor_places *places)
{
    struct vendor_counts counts = {0};
    int r = count(readers, trace, v, n, &counts);
    keep_offered(trace_reader_header(trace), &counts);
    return r == 0 ? add_file(places, &counts, v[0]->name) : r;
}

static int most_first(const void *a, const void *b)
{
    const struct vendor_file *x = a, *y = b;
    return x->total != y->total ? (x->total < y->total) - (x->total > y->total)
                                : strcmp(x->name, y->name);
}

static int look_into_all(struct code_spans *spans, struct trace_reader *trace,
                         struct vendor_places *places)
{
    struct readers readers = {0};
    int r = 0;
    for (size_t i = 0, n; i < spans->n && r == 0; i += n) {
        n = code_spans_same(spans, i);
        r = look_into(&readers, trace, spans->v + i, n, places);
    }
    const char *trouble = readers_trouble(&readers);
    if (r == 0 && trouble != NULL && (places->trouble = strdup(trouble)) == NULL)
        r = -ENOMEM;
    readers_done(&readers);
    return r;
}

int vendor_places_look(struct code_spans *spans, struct trace_reader *trace,
                       struct vendor_places *ret)
{
    struct vendor_places places = {0};
    code_spans_sort(spans);
    int r = look_into_all(spans, trace, &places);
    if (r < 0) {
        vendor_places_done(&places);
        return r;
    }
    if (places.n > 0)
        qsort(places.files, places.n, sizeof *places.files, most_first);
    *ret = places;
    return 0;
}

void vendor_places_done(struct vendor_places *places)
{
    if (places == NULL)
        return;
    for (size_t i = 0; i < places->n; i++)
        free(places->files[i].name);
    free(places->files);
    free(places->trouble);
    *places = (struct vendor_places){0};
}

int vendor_places_find(struct trace_reader *trace, struct vendor_places *ret)
{
    struct code_spans spans = {0};
    int r = code_spans_collect(&spans, trace);
    if (r == 0)
        r = vendor_places_look(&spans, trace, ret);
    code_spans_done(&spans);
    return r;
}

const char *vendor_names(const struct vendor_counts *counts, char buf[VENDOR_NAMES_MAX])
{
    size_t len = 0;
    buf[0] = '\0';
    for (enum vendor_insn insn = 0; insn < VENDOR_INSNS; insn++)
        if (counts->n[insn] > 0 && len < VENDOR_NAMES_MAX)
            len += (size_t)snprintf(buf + len, VENDOR_NAMES_MAX - len, "%s%s", len > 0 ? ", " : "",
                                    vendor_insn_name(insn));
    return buf;
}

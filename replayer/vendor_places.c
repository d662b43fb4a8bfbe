/* Owns the look at the code that is in a trace. What is an instruction, code/ knows. */
#include "replayer/vendor_places.h"

#include "replayer/origin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTENT_MAX ((uint64_t)1 << 30) /* of a file that is looked into */

/* A blob while it is in memory, as the part of a file that it is. */
struct content {
    uint8_t *bytes;
    uint64_t size, ahead;
};

static int take(void *ctx, uint64_t offset, const void *data, size_t len)
{
    struct content *c = ctx;
    if (offset > c->size || len > c->size - offset)
        return -EBADMSG;
    memcpy(c->bytes + offset, data, len);
    return 0;
}

/* 0 with nothing in it if it cannot be had; -ENOMEM. */
static int read_content(struct trace_reader *trace, const struct code_span *span,
                        struct content *ret)
{
    struct content c = {.ahead = span->ahead};
    *ret = c;
    if (trace_reader_blob_size(trace, &span->id, sizeof span->id, &c.size, NULL) < 0 ||
        c.size == 0 || c.size > CONTENT_MAX)
        return 0;
    c.bytes = malloc(c.size);
    if (c.bytes == NULL)
        return -ENOMEM;
    int r = trace_reader_blob(trace, &span->id, sizeof span->id, take, &c, NULL);
    if (r < 0)
        free(c.bytes);
    else
        *ret = c;
    return r == -ENOMEM ? r : 0;
}

static bool read_file(void *ctx, uint64_t offset, void *buf, size_t len)
{
    const struct content *c = ctx;
    uint64_t at = offset - c->ahead;
    if (offset < c->ahead || at > c->size || len > c->size - at)
        return false;
    memcpy(buf, c->bytes + at, len);
    return true;
}

/* Spans of one blob, by their starts: what they cover, each byte once. */
static int count(struct content *c, struct code_span *const *v, size_t n,
                 struct vendor_counts *counts)
{
    struct code_file file = {.read = read_file, .ctx = c, .size = c->size + c->ahead};
    struct code_finder *finder;
    int r = code_finder_new(&file, &finder);
    if (r < 0)
        return r;
    for (size_t i = 0; i < n && r == 0;) {
        uint64_t start = v[i]->start, end = v[i]->end;
        for (i++; i < n && v[i]->start <= end; i++)
            end = v[i]->end > end ? v[i]->end : end;
        end = end < c->size ? end : c->size;
        struct code_range range = {.bytes = c->bytes + start,
                                   .len = (size_t)(end - start),
                                   .file_offset = start + c->ahead};
        if (start < end)
            r = vendor_code_count(finder, &range, counts);
    }
    code_finder_free(finder);
    return r;
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

static int look_into(struct trace_reader *trace, struct code_span *const *v, size_t n,
                     struct vendor_places *places)
{
    struct content content;
    struct vendor_counts counts = {0};
    int r = read_content(trace, v[0], &content);
    if (r == 0 && content.bytes != NULL)
        r = count(&content, v, n, &counts);
    free(content.bytes);
    keep_offered(trace_reader_header(trace), &counts);
    return r == 0 ? add_file(places, &counts, v[0]->name) : r;
}

static int most_first(const void *a, const void *b)
{
    const struct vendor_file *x = a, *y = b;
    return x->total != y->total ? (x->total < y->total) - (x->total > y->total)
                                : strcmp(x->name, y->name);
}

int vendor_places_look(struct code_spans *spans, struct trace_reader *trace,
                       struct vendor_places *ret)
{
    struct vendor_places places = {0};
    int r = 0;
    code_spans_sort(spans);
    for (size_t i = 0, n; i < spans->n && r == 0; i += n) {
        n = code_spans_same(spans, i);
        r = look_into(trace, spans->v + i, n, &places);
    }
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

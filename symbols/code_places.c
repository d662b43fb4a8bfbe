/* Owns the ELF files of a trace while they are asked for symbols. Reads them with elfutils, in
 * memory; a content that is not sound gives no symbols, and that is all. */
#include "symbols/code_places.h"

#include "base/map64.h"
#include "base/scope.h"
#include "symbols/debug_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define CONTENT_MAX ((uint64_t)1 << 30) /* of a file that is looked into */
#define BLOB_SIZE   16

/* A file whose content is in the trace. */
struct module {
    struct module *next;
    uint8_t *content;
    struct debug_file *debug; /* NULL: not sound, or out of reach */
};

struct code_places {
    struct trace_reader *trace;
    struct module *modules;
    struct map64 by_blob;
};

int code_places_new(struct trace_reader *trace, struct code_places **ret)
{
    struct code_places *p = calloc(1, sizeof *p);
    if (p == NULL)
        return -ENOMEM;
    p->trace = trace;
    *ret = p;
    return 0;
}

void code_places_free(struct code_places *p)
{
    if (p == NULL)
        return;
    for (struct module *m = p->modules, *next; m != NULL; m = next) {
        next = m->next;
        debug_file_free(m->debug);
        free(m->content);
        free(m);
    }
    map64_done(&p->by_blob);
    free(p);
}

struct sink {
    uint8_t *to;
    uint64_t size;
};

static int take(void *ctx, uint64_t offset, const void *data, size_t len)
{
    struct sink *s = ctx;
    if (offset > s->size || len > s->size - offset)
        return -EBADMSG;
    memcpy(s->to + offset, data, len);
    return 0;
}

/* The content; NULL: it cannot be had. */
static uint8_t *read_content(struct code_places *p, const uint8_t *blob, uint64_t *ret_size)
{
    uint64_t size;
    if (trace_reader_blob_size(p->trace, blob, BLOB_SIZE, &size, NULL) < 0 || size == 0 ||
        size > CONTENT_MAX)
        return NULL;
    struct sink sink = {.to = malloc(size), .size = size};
    if (sink.to == NULL)
        return NULL;
    if (trace_reader_blob(p->trace, blob, BLOB_SIZE, take, &sink, NULL) < 0) {
        free(sink.to);
        return NULL;
    }
    *ret_size = size;
    return sink.to;
}

static int get_module(struct code_places *p, const uint8_t *blob, struct module **ret)
{
    uint64_t key = XXH3_64bits(blob, BLOB_SIZE), size;
    *ret = map64_get(&p->by_blob, key);
    if (*ret != NULL)
        return 0;
    struct module *m = calloc(1, sizeof *m);
    if (m == NULL || map64_put(&p->by_blob, key, m) < 0) {
        free(m);
        return -ENOMEM;
    }
    m->next = p->modules;
    p->modules = m;
    m->content = read_content(p, blob, &size);
    if (m->content != NULL)
        m->debug = debug_file_open(m->content, size);
    *ret = m;
    return 0;
}

int code_places_find(struct code_places *p, const struct code_module *module, uint64_t at,
                     bool after, struct code_place *ret)
{
    struct code_place place = {.offset = at};
    if (module->blob != NULL && module->blob_offset == 0) {
        struct module *m;
        int r = get_module(p, module->blob, &m);
        if (r == 0 && m->debug != NULL)
            r = debug_file_find(m->debug, at, after, &place);
        if (r < 0) {
            code_place_done(&place);
            return r;
        }
    }
    *ret = place;
    return 0;
}

void code_place_done(struct code_place *place)
{
    if (place == NULL)
        return;
    free(place->function);
    free(place->file);
    *place = (struct code_place){0};
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

int code_place_text(const char *module, const struct code_place *place, struct buf *out)
{
    char *text SCOPE_FREE = NULL, *function SCOPE_FREE = NULL, *line SCOPE_FREE = NULL;
    if (place->function != NULL && asprintf(&function, "%s+0x%llx", place->function,
                                            (unsigned long long)place->in_function) < 0)
        return -ENOMEM;
    if (place->file != NULL && asprintf(&line, "%s:%d", base_name(place->file), place->line) < 0)
        return -ENOMEM;
    bool both = function != NULL && line != NULL, any = function != NULL || line != NULL;
    if (asprintf(&text, "%s+0x%llx%s%s%s%s%s", base_name(module), (unsigned long long)place->offset,
                 any ? " (" : "", function != NULL ? function : "", both ? ", " : "",
                 line != NULL ? line : "", any ? ")" : "") < 0)
        return -ENOMEM;
    return buf_append(out, text, strlen(text));
}

/* Owns the files of a trace while they are asked for symbols: which of them the reader has, and
 * what becomes of the question when there is no answer. Looks into none of them. */
#include "symbols/code_places.h"

#include "base/map64.h"
#include "base/scope.h"
#include "format/blob_memory.h"
#include "symbols/host_debug.h"
#include "symbols/symbol_reader.h"

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
    bool is_bad;         /* not sound, or out of reach: not asked for again */
    unsigned with;       /* the reader that has it, counted from 1; 0: none */
    uint32_t its_number; /* there */
};

struct code_places {
    struct trace_reader *trace;
    struct module *modules;
    struct map64 by_blob;
    struct readers readers;
    uint32_t n_opened; /* with the one that runs */
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
        free(m);
    }
    readers_done(&p->readers);
    map64_done(&p->by_blob);
    free(p);
}

const char *code_places_trouble(const struct code_places *p)
{
    return readers_trouble(&p->readers);
}

/* ---- files ---- */

static int get_module(struct code_places *p, const uint8_t *blob, struct module **ret)
{
    uint64_t key = XXH3_64bits(blob, BLOB_SIZE);
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
    *ret = m;
    return 0;
}

static int need_reader(struct code_places *p, struct err *err)
{
    if (p->readers.now != NULL)
        return 0;
    p->n_opened = 0;
    return symbol_readers_need(&p->readers, err);
}

/* The reader's answer to OPEN names what it wants. Without that there are no lines, and that is
 * all. */
static int add_split(struct code_places *p, uint32_t file, const struct symbol_answer *opened,
                     struct err *err)
{
    struct symbol_question q = {.kind = SYMBOL_SPLIT, .file = file};
    struct symbol_answer answer;
    uint64_t size;
    int fd SCOPE_CLOSE = host_debug_open(opened->id, opened->n_id, &size);
    return fd >= 0 ? symbol_reader_ask(p->readers.now, &q, fd, size, &answer, err) : 0;
}

/* 0; -ENOEXEC: it has no symbols; other -errno with err. */
static int open_module(struct code_places *p, struct module *m, const uint8_t *blob,
                       struct err *err)
{
    struct symbol_question q = {.kind = SYMBOL_OPEN};
    struct symbol_answer answer;
    uint64_t size;
    int fd SCOPE_CLOSE = -1;
    int r = blob_memory(p->trace, blob, BLOB_SIZE, CONTENT_MAX, &fd, &size);
    if (r < 0) /* damage is told by who reads all of the trace */
        return r == -ENOMEM ? err_sys(err, ENOMEM, "cannot get at it") : -ENOEXEC;
    r = need_reader(p, err);
    if (r == 0)
        r = symbol_reader_ask(p->readers.now, &q, fd, size, &answer, err);
    if (r < 0)
        return r;
    m->its_number = p->n_opened++;
    if (answer.result < 0)
        return answer.result == -ENOEXEC ? -ENOEXEC : err_sys(err, -answer.result, "what reads it");
    m->with = p->readers.n_started;
    return add_split(p, m->its_number, &answer, err);
}

static int ask(struct code_places *p, struct module *m, const uint8_t *blob,
               const struct symbol_question *find, struct symbol_answer *ret, struct err *err)
{
    if (m->is_bad)
        return -ENOEXEC;
    bool is_open = p->readers.now != NULL && m->with == p->readers.n_started;
    int r = is_open ? 0 : open_module(p, m, blob, err);
    if (r < 0)
        return r;
    struct symbol_question q = *find;
    q.file = m->its_number;
    r = symbol_reader_ask(p->readers.now, &q, -1, 0, ret, err);
    return r == 0 && ret->result < 0 ? err_sys(err, -ret->result, "what reads it") : r;
}

/* ---- places ---- */

static int take_text(const char *from, char **ret)
{
    if (from[0] == '\0')
        return 0;
    *ret = strdup(from);
    return *ret != NULL ? 0 : -ENOMEM;
}

static int take_answer(const struct symbol_answer *answer, struct code_place *place)
{
    place->offset = answer->offset;
    place->in_function = answer->in_function;
    place->line = answer->line;
    int r = take_text(answer->function, &place->function);
    return r == 0 ? take_text(answer->file, &place->file) : r;
}

static int fail(struct code_places *p, const struct code_module *module, const struct err *err)
{
    char *what SCOPE_FREE = NULL;
    if (asprintf(&what, "symbols of %s", module->name) < 0)
        return -ENOMEM;
    return readers_fail(&p->readers, what, err);
}

static int find_in_module(struct code_places *p, const struct code_module *module, uint64_t at,
                          bool after, struct code_place *place)
{
    const struct symbol_question q = {.kind = SYMBOL_FIND, .at = at, .after = after};
    struct symbol_answer answer;
    struct err err = {0};
    struct module *m;
    int r = get_module(p, module->blob, &m);
    if (r < 0)
        return r;
    r = ask(p, m, module->blob, &q, &answer, &err);
    if (r == 0)
        return take_answer(&answer, place);
    if (!m->is_bad && r != -ENOEXEC)
        r = fail(p, module, &err);
    else
        r = 0;
    m->is_bad = true;
    return r;
}

int code_places_find(struct code_places *p, const struct code_module *module, uint64_t at,
                     bool after, struct code_place *ret)
{
    struct code_place place = {.offset = at};
    if (module->blob != NULL && module->blob_offset == 0 && code_places_have_symbols()) {
        int r = find_in_module(p, module, at, after, &place);
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

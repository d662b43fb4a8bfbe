/* Owns the list of mapped files of a replayed task. Later mappings hide earlier ones. */
#include "replayer/modules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct module {
    uint64_t start, len, file_offset;
    char *name;
};

struct modules {
    struct module *v;
    size_t n, cap;
};

struct modules *modules_new(void)
{
    return calloc(1, sizeof(struct modules));
}

static void add(struct modules *m, uint64_t start, uint64_t len, uint64_t offset, const char *name,
                size_t name_len)
{
    if (m->n == m->cap) {
        size_t cap = m->cap > 0 ? m->cap * 2 : 16;
        struct module *v = reallocarray(m->v, cap, sizeof *v);
        if (v == NULL)
            return;
        m->v = v;
        m->cap = cap;
    }
    char *copy = strndup(name, name_len);
    if (copy != NULL)
        m->v[m->n++] = (struct module){start, len, offset, copy};
}

struct modules *modules_copy(const struct modules *m)
{
    struct modules *copy = modules_new();
    for (size_t i = 0; copy != NULL && m != NULL && i < m->n; i++) {
        const struct module *v = &m->v[i];
        add(copy, v->start, v->len, v->file_offset, v->name, strlen(v->name));
    }
    return copy;
}

void modules_unref(struct modules *m)
{
    if (m == NULL)
        return;
    for (size_t i = 0; i < m->n; i++)
        free(m->v[i].name);
    free(m->v);
    free(m);
}

void modules_add(struct modules *m, const Reprise__Mapping *mapping)
{
    if (m != NULL && mapping->name.len > 0)
        add(m, mapping->addr, mapping->len, mapping->file_offset, (char *)mapping->name.data,
            mapping->name.len);
}

void modules_name(const struct modules *m, uint64_t addr, char *buf, size_t size)
{
    for (size_t i = m != NULL ? m->n : 0; i-- > 0;) {
        const struct module *v = &m->v[i];
        if (addr < v->start || addr - v->start >= v->len)
            continue;
        const char *slash = strrchr(v->name, '/');
        snprintf(buf, size, "%s+%#llx", slash != NULL ? slash + 1 : v->name,
                 (unsigned long long)(addr - v->start + v->file_offset));
        return;
    }
    snprintf(buf, size, "%#llx", (unsigned long long)addr);
}

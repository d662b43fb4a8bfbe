/* Owns the list of what is mapped shared. Programs have few of these: a list will do. */
#include "recorder/shared_objects.h"

#include "base/no_memory.h"
#include "recorder/files.h"

#include <stdlib.h>

struct shared_objects {
    struct shared_object **v;
    size_t n;
};

struct shared_objects *shared_objects_new(void)
{
    struct shared_objects *o = calloc(1, sizeof *o);
    if (o == NULL)
        no_memory();
    return o;
}

void shared_objects_free(struct shared_objects *o)
{
    if (o == NULL)
        return;
    for (size_t i = 0; i < o->n; i++)
        free(o->v[i]);
    free(o->v);
    free(o);
}

bool shared_objects_empty(const struct recorder *r)
{
    return r->objects->n == 0;
}

struct shared_object *shared_objects_find(const struct recorder *r, uint64_t dev, uint64_t ino)
{
    for (size_t i = 0; i < r->objects->n; i++)
        if (r->objects->v[i]->dev == dev && r->objects->v[i]->ino == ino)
            return r->objects->v[i];
    return NULL;
}

struct shared_object *shared_objects_get(struct recorder *r, uint64_t dev, uint64_t ino)
{
    struct shared_object *found = shared_objects_find(r, dev, ino);
    if (found != NULL)
        return found;
    struct shared_objects *o = r->objects;
    struct shared_object **v = reallocarray(o->v, o->n + 1, sizeof *v);
    struct shared_object *new = calloc(1, sizeof *new);
    if (v == NULL || new == NULL)
        no_memory();
    o->v = v;
    *new = (struct shared_object){.id = o->n + 1, .dev = dev, .ino = ino};
    o->v[o->n++] = new;
    files_note_mapped(r, dev, ino);
    return new;
}

void shared_objects_move(struct recorder *r, const struct group *from, struct group *into)
{
    for (size_t i = 0; i < r->objects->n; i++)
        if (r->objects->v[i]->group == from)
            r->objects->v[i]->group = into;
}

/* Files and segments that recorded tasks have mapped shared. */
#ifndef REPRISE_RECORDER_SHARED_OBJECTS_H
#define REPRISE_RECORDER_SHARED_OBJECTS_H

#include "recorder/record_state.h"

struct shared_object {
    uint64_t id; /* in the trace, from 1 */
    uint64_t dev, ino;
    bool writable;       /* somebody can write through a mapping */
    struct group *group; /* whose members see writes to it in order; NULL: nobody maps it now */
};

struct shared_objects;
struct shared_objects *shared_objects_new(void);
void shared_objects_free(struct shared_objects *o);

bool shared_objects_empty(const struct recorder *r);
struct shared_object *shared_objects_find(const struct recorder *r, uint64_t dev, uint64_t ino);
/* The object, made if need be. */
struct shared_object *shared_objects_get(struct recorder *r, uint64_t dev, uint64_t ino);
/* A group became part of another, or (into NULL) is no more. */
void shared_objects_move(struct recorder *r, const struct group *from, struct group *into);

#endif

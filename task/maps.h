/* The mappings of a process as /proc/PID/maps tells them (proc(5)). */
#ifndef REPRISE_TASK_MAPS_H
#define REPRISE_TASK_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct map {
    uint64_t start, end;
    int prot; /* PROT_* */
    bool shared;
    uint64_t offset;  /* in the file */
    uint64_t dev;     /* as st_dev */
    uint64_t ino;     /* 0: anonymous */
    const char *name; /* path, [stack] ..., or "" */
};

struct maps {
    struct map *v;
    size_t n, cap;
    char *text; /* holds the names */
    size_t text_cap;
};

/* Reads the mappings, sorted by address, into a zeroed or used struct. 0 or -errno. */
int maps_read(pid_t tid, struct maps *m);
void maps_done(struct maps *m);

/* The mapping that contains addr, or NULL. */
const struct map *maps_find(const struct maps *m, uint64_t addr);

#endif

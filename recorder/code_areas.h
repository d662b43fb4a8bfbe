/* The memory of a program that can be executed, by what was done about it. A plain list, by
 * address; knows nothing of tasks. */
#ifndef REPRISE_RECORDER_CODE_AREAS_H
#define REPRISE_RECORDER_CODE_AREAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct known_code;

enum area_state {
    AREA_HELD,   /* without its permission to execute: nobody has looked at it */
    AREA_SEEN,   /* looked at; instructions may be rewritten in it */
    AREA_IDLE,   /* of a file, cannot be executed now */
    AREA_SHARED, /* others may see what is written there: left alone, executed or not */
};

struct code_area {
    uint64_t start, end; /* whole pages; areas do not overlap */
    enum area_state state;
    bool tells;                     /* something was found in what was made at run time */
    bool pristine;                  /* a private mapping of a file, as it was made */
    uint32_t prot;                  /* as the program wants it, with PROT_EXEC */
    const struct known_code *known; /* of the file that it is mapped from; NULL: nothing is */
    uint64_t offset;                /* of the start, in what is known */
};

/* Zeroed is empty. */
struct code_areas {
    struct code_area *v;
    size_t n, cap;
};

void code_areas_done(struct code_areas *a);
void code_areas_copy(struct code_areas *to, const struct code_areas *from);

/* Of what is there in its range nothing is left. Neighbours that differ in nothing become one. */
void code_areas_put(struct code_areas *a, const struct code_area *area);
void code_areas_remove(struct code_areas *a, uint64_t start, uint64_t end);
/* The area in which the address lies, or NULL; good until the list changes. */
const struct code_area *code_areas_find(const struct code_areas *a, uint64_t addr);
/* Number of the first area that ends behind the address: a->n if there is none. */
size_t code_areas_first(const struct code_areas *a, uint64_t addr);
/* Its part within [start, end). */
struct code_area code_area_part(const struct code_area *area, uint64_t start, uint64_t end);

#endif

/* Which fields of the structs of a call differ between any two runs. */
#ifndef REPRISE_DIFF_FIELD_RULES_H
#define REPRISE_DIFF_FIELD_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field_kind {
    FIELD_IGNORED = 0, /* `ignored` tells as what */
    FIELD_TASK,        /* int: a task's number */
    FIELD_FD,          /* int: a descriptor */
    FIELD_TIMEOUT,     /* struct timespec or timeval: computed unless it is round */
};

struct field {
    uint16_t offset, size;
    uint8_t kind;    /* enum field_kind */
    uint8_t ignored; /* enum ignored */
};

/* How the memory of an argument is to be read. */
enum field_shape {
    SHAPE_FIELDS = 0,
    SHAPE_CLOCK, /* the time of day, or since boot */
    SHAPE_SIGINFO,
    SHAPE_SOCKADDR,
    SHAPE_DIRENTS, /* of getdents64 */
    SHAPE_STAT,    /* `fields`; of a directory size and links are ignored, too */
};

struct field_rule {
    const char *call;
    uint8_t arg;    /* which argument points to it */
    bool in;        /* what the program hands over; else what the kernel wrote */
    uint8_t shape;  /* enum field_shape */
    uint16_t every; /* an array: bytes of an element; 0: none */
    const struct field *fields;
    size_t n_fields;
};

/* What the result of a call is. */
enum result_kind {
    RESULT_PLAIN = 0,
    RESULT_TASK,
    RESULT_FD,
    RESULT_ADDRESS,
    RESULT_TIME,
    RESULT_USAGE,
};

/* By number, for speed. */
struct field_rules;

int field_rules_new(struct field_rules **ret);
void field_rules_free(struct field_rules *rules);

/* NULL: nothing special. */
const struct field_rule *field_rules_find(const struct field_rules *rules, int64_t nr, unsigned arg,
                                          bool in);
enum result_kind field_rules_result(const struct field_rules *rules, int64_t nr);

/* Whether the call only waits for other tasks, so that chance decides how often it is made. */
bool field_rules_synchronises(const struct field_rules *rules, int64_t nr);

#endif

/* What differs between any two runs and says nothing by itself. */
#ifndef REPRISE_DIFF_IGNORED_H
#define REPRISE_DIFF_IGNORED_H

#include <stddef.h>
#include <stdint.h>

enum ignored {
    IGNORED_TASK_ID = 0,
    IGNORED_FD,
    IGNORED_ADDRESS,
    IGNORED_TIME,
    IGNORED_RANDOM,
    IGNORED_INODE,
    IGNORED_PORT,
    IGNORED_TEMP_NAME,
    IGNORED_DIR_ORDER,
    IGNORED_USAGE,
    IGNORED_PROC,
    IGNORED_ENVIRONMENT,
    IGNORED_SCHEDULE,
    IGNORED_COUNT,
};

#define IGNORED_BIT(kind) ((uint16_t)(1u << (kind)))
/* They only name things: never the cause of anything. */
#define IGNORED_NAMES                                                                              \
    (IGNORED_BIT(IGNORED_FD) | IGNORED_BIT(IGNORED_ADDRESS) | IGNORED_BIT(IGNORED_INODE) |         \
     IGNORED_BIT(IGNORED_TEMP_NAME))

struct ignored_kind {
    const char *name; /* as in --strict=NAME */
    const char *help; /* what is ignored, a phrase */
};

const struct ignored_kind *ignored_kind(enum ignored kind);

/* The kind of a name, or -1. */
int ignored_find(const char *name, size_t len);

#endif

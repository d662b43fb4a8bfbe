/* The small language in which rows say what memory a call touches. Private to syscalls/. */
#ifndef REPRISE_SYSCALLS_RANGES_H
#define REPRISE_SYSCALLS_RANGES_H

#include "syscalls.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum range_dir {
    RANGE_END = 0, /* ends the list */
    RANGE_IN = 1,  /* the kernel reads it at entry */
    RANGE_OUT = 2, /* the kernel writes it before exit */
    RANGE_INOUT = 3,
    RANGE_WALK = 4,    /* a walker knows */
    RANGE_COMMAND = 5, /* the rules of the command in args[arg] */
};

/* How long the memory at args[arg] is. `size` is per element, `count` names an argument; INT(n)
 * where the kernel takes that argument as an int, whatever its upper half holds. */
#define COUNT_IS_INT 0x80
#define INT(n)       ((n) | COUNT_IS_INT)

enum range_len {
    LEN_FIXED = 0,    /* size */
    LEN_ARG,          /* args[count] * size */
    LEN_RESULT,       /* out: result * size; args[count] * size are offered */
    LEN_DIRENTS,      /* out: result, in entries of getdents */
    LEN_READ,         /* out: result, as read(2) fills a buffer of args[count]; see walk_io.c */
    LEN_RECEIVED,     /* out: the same as a socket fills it */
    LEN_VALUE_RESULT, /* out: the u32 at args[count] says how much is offered at entry and how much
                         there was at exit; it is read and written itself */
    LEN_STRING,       /* to the NUL; size is the most there can be */
    LEN_FD_SET,       /* bits for args[count] descriptors, in longs */
    LEN_PAGES,        /* a byte for each page of args[count] bytes */
    LEN_NODES,        /* bits for args[count] - 1 NUMA nodes, in longs */
};

/* With which results the kernel has written. -EFAULT always counts: part of it may be there. */
enum range_when {
    WHEN_DONE = 0,    /* result >= 0 */
    WHEN_POSITIVE,    /* result > 0 */
    WHEN_TRIED,       /* failures too, but not when nobody took the call: ENOTTY, EBADF ... */
    WHEN_ALWAYS,      /* failures too */
    WHEN_INTERRUPTED, /* a signal ended the wait: -EINTR, or -ERESTART* which may become it */
};

/* Calls whose memory takes code to follow, one enumerator a walker (walkers in walk_*.c). */
enum range_walker {
    WALK_NONE = 0,
#define WALKER(upper, lower) WALK_##upper,
#include "walkers.inc"
#undef WALKER
    WALK_COUNT,
};

struct range_rule {
    uint8_t dir;  /* enum range_dir */
    uint8_t arg;  /* holds the address */
    uint8_t len;  /* enum range_len */
    uint8_t when; /* enum range_when */
    uint8_t count;
    uint8_t walk; /* enum range_walker, or enum command_set_id with RANGE_COMMAND */
    uint16_t size;
};

struct command {
    uint32_t value;
    const char *name;
    const struct range_rule *rules; /* NULL: touches no memory */
    bool unlisted;                  /* known, but not what it writes */
    bool early;                     /* writes before it waits */
    bool waits;                     /* may wait, in a set of which only some do */
    bool plain;                     /* as a row's: see plain_calls.h */
    uint8_t n_types;                /* arguments that it takes behind the command */
    uint16_t returns;               /* enum arg_type of its result */
    const uint16_t *types;          /* enum arg_type, of those arguments; NULL: not told */
};

struct command_set {
    const struct command *v;
    size_t n;
    const char *prefix; /* of the names, for commands without one: "F" */
    uint32_t ignore;    /* bits of the argument that do not choose the command */
    uint8_t fallback;   /* enum range_walker: knows commands that are not in the set */
    bool some_wait;     /* only those marked may wait */
    bool rest_is_void;  /* commands that are not in the set touch no memory */
};

/* A row of a set: COMMAND(value, "NAME", rules...) */
#define COMMAND(value_, name_, ...)                                                                \
    {                                                                                              \
        .value = (value_), .name = (name_), __VA_OPT__(.rules = RULES(__VA_ARGS__))                \
    }

/* One that may wait, in a set of which only some do. */
#define COMMAND_WAITS(value_, name_, ...)                                                          \
    {                                                                                              \
        .value = (value_), .name = (name_), .waits = true, __VA_OPT__(.rules = RULES(__VA_ARGS__)) \
    }
/* One that writes before it waits. */
#define COMMAND_EARLY(value_, name_, ...)                                                          \
    {                                                                                              \
        .value = (value_), .name = (name_), .waits = true, .early = true,                          \
        .rules = RULES(__VA_ARGS__)                                                                \
    }

/* The types of the arguments behind the command; TAKES() for none. */
#define TAKES_T1(a)                       TYPE_##a
#define TAKES_T2(a, b)                    TYPE_##a, TYPE_##b
#define TAKES_T3(a, b, c)                 TYPE_##a, TYPE_##b, TYPE_##c
#define TAKES_T4(a, b, c, d)              TYPE_##a, TYPE_##b, TYPE_##c, TYPE_##d
#define TAKES_PICK(a, b, c, d, name, ...) name
#define TAKES_LIST(...)                   TAKES_PICK(__VA_ARGS__, TAKES_T4, TAKES_T3, TAKES_T2, TAKES_T1)(__VA_ARGS__)
#define TAKES(...)                                                                                 \
    .types = (const uint16_t[]){__VA_OPT__(TAKES_LIST(__VA_ARGS__), ) TYPE_NONE},                  \
    .n_types = sizeof((const uint16_t[]){__VA_OPT__(TAKES_LIST(__VA_ARGS__), ) TYPE_NONE}) /       \
                   sizeof(uint16_t) -                                                              \
               1

/* The same rows with types: COMMAND_AS((types behind the command), result, value, "NAME",
 * rules...). NONE as the result: as the call's row says. */
#define COMMAND_AS(takes_, returns_, value_, name_, ...)                                           \
    {                                                                                              \
        .value = (value_), .name = (name_), TAKES takes_, .returns = TYPE_##returns_,              \
        __VA_OPT__(.rules = RULES(__VA_ARGS__))                                                    \
    }
#define COMMAND_PLAIN_AS(takes_, returns_, value_, name_, ...)                                     \
    {                                                                                              \
        .value = (value_), .name = (name_), TAKES takes_, .returns = TYPE_##returns_,              \
        .plain = true, __VA_OPT__(.rules = RULES(__VA_ARGS__))                                     \
    }
#define COMMAND_WAITS_AS(takes_, returns_, value_, name_, ...)                                     \
    {                                                                                              \
        .value = (value_), .name = (name_), TAKES takes_, .returns = TYPE_##returns_,              \
        .waits = true, __VA_OPT__(.rules = RULES(__VA_ARGS__))                                     \
    }
#define COMMAND_EARLY_AS(takes_, returns_, value_, name_, ...)                                     \
    {                                                                                              \
        .value = (value_), .name = (name_), TAKES takes_, .returns = TYPE_##returns_,              \
        .waits = true, .early = true, .rules = RULES(__VA_ARGS__)                                  \
    }

/* Defines the set from the array name##_rows. */
#define COMMAND_SET(name, ...)                                                                     \
    const struct command_set commands_##name = {.v = name##_rows,                                  \
                                                .n = sizeof(name##_rows) / sizeof(name##_rows[0]), \
                                                __VA_OPT__(__VA_ARGS__)};

#define COMMANDS(upper, lower) extern const struct command_set commands_##lower;
#include "commands.inc"
#undef COMMANDS

#define RULES(...) ((const struct range_rule[]){__VA_ARGS__, {.dir = RANGE_END}})

#define RULE(dir_, arg_, len_, count_, size_, when_)                                               \
    {                                                                                              \
        .dir = (dir_), .arg = (arg_), .len = (len_), .count = (count_), .size = (size_),           \
        .when = (when_)                                                                            \
    }

/* size bytes at args[arg] */
#define IN(arg, size)              RULE(RANGE_IN, arg, LEN_FIXED, 0, size, WHEN_DONE)
#define OUT(arg, size)             RULE(RANGE_OUT, arg, LEN_FIXED, 0, size, WHEN_DONE)
#define INOUT(arg, size)           RULE(RANGE_INOUT, arg, LEN_FIXED, 0, size, WHEN_DONE)
#define OUT_ALWAYS(arg, size)      RULE(RANGE_OUT, arg, LEN_FIXED, 0, size, WHEN_ALWAYS)
#define INOUT_ALWAYS(arg, size)    RULE(RANGE_INOUT, arg, LEN_FIXED, 0, size, WHEN_ALWAYS)
#define OUT_TRIED(arg, size)       RULE(RANGE_OUT, arg, LEN_FIXED, 0, size, WHEN_TRIED)
#define INOUT_TRIED(arg, size)     RULE(RANGE_INOUT, arg, LEN_FIXED, 0, size, WHEN_TRIED)
#define OUT_POSITIVE(arg, size)    RULE(RANGE_OUT, arg, LEN_FIXED, 0, size, WHEN_POSITIVE)
#define OUT_INTERRUPTED(arg, size) RULE(RANGE_OUT, arg, LEN_FIXED, 0, size, WHEN_INTERRUPTED)

/* args[count] elements of size bytes */
#define IN_ARRAY(arg, count, size)         RULE(RANGE_IN, arg, LEN_ARG, count, size, WHEN_DONE)
#define OUT_ARRAY(arg, count, size)        RULE(RANGE_OUT, arg, LEN_ARG, count, size, WHEN_DONE)
#define INOUT_ARRAY(arg, count, size)      RULE(RANGE_INOUT, arg, LEN_ARG, count, size, WHEN_DONE)
#define OUT_ARRAY_ALWAYS(arg, count, size) RULE(RANGE_OUT, arg, LEN_ARG, count, size, WHEN_ALWAYS)
#define INOUT_ARRAY_ALWAYS(arg, count, size)                                                       \
    RULE(RANGE_INOUT, arg, LEN_ARG, count, size, WHEN_ALWAYS)

/* `result` elements of size bytes; args[count] elements are offered */
#define OUT_RESULT(arg, count, size) RULE(RANGE_OUT, arg, LEN_RESULT, count, size, WHEN_POSITIVE)
#define OUT_DIRENTS(arg, count)      RULE(RANGE_OUT, arg, LEN_DIRENTS, INT(count), 1, WHEN_POSITIVE)
/* what read(2) fills */
#define OUT_READ(arg, count)     RULE(RANGE_OUT, arg, LEN_READ, count, 1, WHEN_POSITIVE)
#define OUT_RECEIVED(arg, count) RULE(RANGE_OUT, arg, LEN_RECEIVED, count, 1, WHEN_POSITIVE)
#define INOUT_FD_SET(arg, count) RULE(RANGE_INOUT, arg, LEN_FD_SET, INT(count), 1, WHEN_DONE)
#define IN_NODES(arg, count)     RULE(RANGE_IN, arg, LEN_NODES, count, 1, WHEN_DONE)
#define OUT_NODES(arg, count)    RULE(RANGE_OUT, arg, LEN_NODES, count, 1, WHEN_DONE)
/* a buffer whose length is value-result, and that length */
#define OUT_VALUE_RESULT(arg, count) RULE(RANGE_OUT, arg, LEN_VALUE_RESULT, count, 1, WHEN_DONE)
/* the same where the length comes back with failures, too */
#define OUT_VALUE_RESULT_ALWAYS(arg, count)                                                        \
    RULE(RANGE_OUT, arg, LEN_VALUE_RESULT, count, 1, WHEN_ALWAYS)
#define OUT_STRING(arg, most) RULE(RANGE_OUT, arg, LEN_STRING, 0, most, WHEN_DONE)
#define IN_STRING(arg, most)  RULE(RANGE_IN, arg, LEN_STRING, 0, most, WHEN_DONE)

/* what a walker of that name knows, starting from args[arg] (and args[count]) */
#define WALK_FROM(walker, arg_, count_)                                                            \
    {                                                                                              \
        .dir = RANGE_WALK, .walk = WALK_##walker, .arg = (arg_), .count = (count_)                 \
    }
#define WALK(walker) WALK_FROM(walker, 0, 0)

/* as many elements of size bytes as the result says, at args[arg] */
#define WALK_ELEMENTS(arg_, size_)                                                                 \
    {                                                                                              \
        .dir = RANGE_WALK, .walk = WALK_RESULT_ELEMENTS, .arg = (arg_), .size = (size_)            \
    }

/* the rules of the command that args[arg] holds, in the set of that name */
#define BY_COMMAND(set, arg_)                                                                      \
    {                                                                                              \
        .dir = RANGE_COMMAND, .walk = COMMANDS_##set, .arg = (arg_)                                \
    }

#endif

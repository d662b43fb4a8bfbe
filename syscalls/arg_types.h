/* What values mean: which constants a number is made of, which struct an address points to. Rows
 * name a type for each argument; whoever shows calls to people or machines looks it up here. */
#ifndef REPRISE_SYSCALLS_ARG_TYPES_H
#define REPRISE_SYSCALLS_ARG_TYPES_H

#include "syscalls.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A named value. It stands for `value` where v & mask == value. */
struct constant {
    uint64_t value, mask;
    const char *name;
};

struct constant_set {
    const char *prefix; /* of all names, for values without one: "O" */
    const struct constant *v;
    size_t n;
    bool flags; /* several at a time, the first ones first; else one of them */
};

enum struct_field_when {
    FIELD_ALWAYS = 0,
    FIELD_VERBOSE, /* only where all fields are asked for */
    FIELD_SET,     /* only when it is not 0 */
    FIELD_DEVICE,  /* only of a device, as the mode before it in the struct tells */
    FIELD_NO_DEVICE,
};

struct struct_field {
    const char *name;
    uint16_t offset;
    uint16_t size;  /* of the field; of an array: of one element */
    uint16_t count; /* elements of an array; 0: none */
    uint16_t type;  /* enum arg_type */
    uint8_t when;   /* enum struct_field_when */
};

struct struct_type {
    const char *name; /* "struct timespec" */
    size_t size;
    const struct struct_field *fields;
    size_t n;
};

enum arg_form {
    FORM_VALUE = 0, /* a number or an address, spelled by its kind or by code */
    FORM_SET,       /* constants */
    FORM_STRUCT,    /* in a row: an address of one; in a field: one */
    FORM_CODE,      /* whoever shows it must know it by its enum arg_type */
};

struct arg_type_info {
    const char *name; /* "OPEN_FLAGS" */
    enum arg_kind kind;
    enum arg_form form;
    const struct constant_set *set;
    const struct struct_type *fields; /* of FORM_STRUCT */
};

/* Never NULL; TYPE_NONE for what is out of range. */
const struct arg_type_info *arg_type_info(enum arg_type type);

/* The name of the commands that some calls take (F_SETFD, PR_SET_NAME, TCGETS), and the types of
 * the arguments behind it. */
struct syscall_command {
    enum command_set_id set;
    const char *prefix;    /* of the names, for those that the table lacks; NULL: there is none */
    const char *name;      /* NULL: the table lacks it */
    uint64_t ignored;      /* bits of the argument that do not belong to it */
    size_t arg;            /* the argument that holds the command */
    bool has_types;        /* the rest is set, and not what the row says */
    size_t n_types;        /* arguments behind the command that it takes */
    const uint16_t *types; /* enum arg_type, of each of them */
    uint16_t returns;      /* enum arg_type of its result; TYPE_NONE: as the row says */
};
/* False: the call has no commands. */
bool syscall_command(int64_t nr, const uint64_t args[SYSCALL_MAX_ARGS],
                     struct syscall_command *ret);

#endif

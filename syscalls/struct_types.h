/* Names of the structs in struct_types.c. Private to syscalls/. */
#ifndef REPRISE_SYSCALLS_STRUCT_TYPES_H
#define REPRISE_SYSCALLS_STRUCT_TYPES_H

#include "arg_types.h"

#define TYPE(name, kind, form, what) STRUCT_OF_##form(what)
#define STRUCT_OF_VALUE(what)
#define STRUCT_OF_CODE(what)
#define STRUCT_OF_SET(what)
#define STRUCT_OF_STRUCT(what) extern const struct struct_type struct_##what;
#include "arg_types.inc"
#undef TYPE

#endif

/* How sets of constants are written down. Private to syscalls/. Values come from the kernel's and
 * libc's headers; those that older headers lack are written out. */
#ifndef REPRISE_SYSCALLS_CONSTANTS_H
#define REPRISE_SYSCALLS_CONSTANTS_H

#include "arg_types.h"

/* A flag; one of several values under a mask; a value of which all bits count. */
#define C(name_)                                                                                   \
    {                                                                                              \
        (uint64_t)(name_), (uint64_t)(name_), #name_                                               \
    }
#define C_OF(mask_, name_)                                                                         \
    {                                                                                              \
        (uint64_t)(name_), (uint64_t)(mask_), #name_                                               \
    }
#define C_IS(name_)                                                                                \
    {                                                                                              \
        (uint64_t)(name_), UINT64_MAX, #name_                                                      \
    }
/* The same for what the headers of some machines lack. */
#define N(value_, name_)                                                                           \
    {                                                                                              \
        (value_), (value_), name_                                                                  \
    }
#define N_IS(value_, name_)                                                                        \
    {                                                                                              \
        (value_), UINT64_MAX, name_                                                                \
    }

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

/* Several of static const struct constant NAME_v[] at a time, or one of them. */
#define FLAG_SET(name_, prefix_)                                                                   \
    const struct constant_set set_##name_ = {prefix_, name_##_v, COUNT_OF(name_##_v), true};
#define ENUM_SET(name_, prefix_)                                                                   \
    const struct constant_set set_##name_ = {prefix_, name_##_v, COUNT_OF(name_##_v), false};

#define TYPE(name, kind, form, what) SET_##form(what)
#define SET_VALUE(what)
#define SET_CODE(what)
#define SET_STRUCT(what)
#define SET_SET(what) extern const struct constant_set set_##what;
#include "arg_types.inc"
#undef TYPE

#endif

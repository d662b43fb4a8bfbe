/* What an attacker would write into the fields of a trace. */
#ifndef REPRISE_TESTS_ADVERSARY_VALUES_H
#define REPRISE_TESTS_ADVERSARY_VALUES_H

#include "dice.h"
#include "specimen.h"

/* A value for a number or an enumerator, other than or equal to `now`. */
uint64_t value_for(struct dice *dice, const struct draft *d, const ProtobufCFieldDescriptor *field,
                   uint64_t now);

/* New content for a field of bytes, in the draft's arena. */
ProtobufCBinaryData bytes_for(struct dice *dice, const struct draft *d,
                              const ProtobufCFieldDescriptor *field, ProtobufCBinaryData now);

/* How often it is to be chosen, compared with others. */
unsigned weight_of(const ProtobufCFieldDescriptor *field);

/* A piece of code that does what replayed programs must not do. */
ProtobufCBinaryData code_for(struct dice *dice, const struct draft *d);

#endif

/* Any message as text, for tests to compare: one field per line, zero values left out. */
#ifndef REPRISE_TESTS_GOLDEN_MESSAGE_TEXT_H
#define REPRISE_TESTS_GOLDEN_MESSAGE_TEXT_H

#include <protobuf-c/protobuf-c.h>
#include <stdio.h>

/* Prints the fields of a message, each line behind `indent` blanks. */
void message_text(FILE *out, const ProtobufCMessage *message, int indent);

#endif

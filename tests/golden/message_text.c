/* Owns printing messages by their descriptors. Knows no message by name. */
#include "message_text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static void print_bytes(FILE *out, const ProtobufCBinaryData *bytes)
{
    for (size_t i = 0; i < bytes->len; i++) {
        uint8_t c = bytes->data[i];
        if (c >= ' ' && c <= '~' && c != '\\')
            fputc(c, out);
        else
            fprintf(out, "\\%02x", c);
    }
}

static uint64_t load(const void *p, size_t size)
{
    uint64_t v = 0;
    memcpy(&v, p, size); /* little-endian */
    return v;
}

/* The size of a value in memory, by type. */
static size_t size_of(const ProtobufCFieldDescriptor *f)
{
    switch (f->type) {
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return 8;
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    default:
        return 4;
    }
}

static void print_field(FILE *out, const ProtobufCFieldDescriptor *f, const void *p, int indent)
{
    fprintf(out, "%*s%s", indent, "", f->name);
    switch (f->type) {
    case PROTOBUF_C_TYPE_MESSAGE:
        fputs(":\n", out);
        message_text(out, *(ProtobufCMessage *const *)p, indent + 2);
        return;
    case PROTOBUF_C_TYPE_STRING:
        fprintf(out, " = %s", *(char *const *)p);
        break;
    case PROTOBUF_C_TYPE_BYTES:
        fputs(" = ", out);
        print_bytes(out, p);
        break;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
        fprintf(out, " = %" PRId32, *(const int32_t *)p);
        break;
    case PROTOBUF_C_TYPE_SINT64:
        fprintf(out, " = %" PRId64, *(const int64_t *)p);
        break;
    default:
        fprintf(out, " = %" PRIu64, load(p, size_of(f)));
        break;
    }
    fputc('\n', out);
}

static bool is_zero(const ProtobufCFieldDescriptor *f, const void *p)
{
    switch (f->type) {
    case PROTOBUF_C_TYPE_BYTES:
        return ((const ProtobufCBinaryData *)p)->len == 0;
    case PROTOBUF_C_TYPE_STRING:
        return *(char *const *)p == NULL || **(char *const *)p == '\0';
    case PROTOBUF_C_TYPE_MESSAGE:
        return *(void *const *)p == NULL;
    default:
        return load(p, size_of(f)) == 0;
    }
}

void message_text(FILE *out, const ProtobufCMessage *message, int indent)
{
    const uint8_t *base = (const uint8_t *)message;
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &message->descriptor->fields[i];
        if (f->label == PROTOBUF_C_LABEL_REPEATED) {
            size_t n = *(const size_t *)(base + f->quantifier_offset);
            const uint8_t *items = *(uint8_t *const *)(base + f->offset);
            for (size_t k = 0; k < n; k++)
                print_field(out, f, items + k * size_of(f), indent);
            continue;
        }
        if ((f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
            if (*(const uint32_t *)(base + f->quantifier_offset) == f->id)
                print_field(out, f, base + f->offset, indent);
        } else if (!is_zero(f, base + f->offset)) {
            print_field(out, f, base + f->offset, indent);
        }
    }
}

/* The name of a blob: XXH3-128 of its content. */
#ifndef REPRISE_FORMAT_BLOB_ID_H
#define REPRISE_FORMAT_BLOB_ID_H

#include <stdint.h>

#define BLOB_ID_SIZE 16

/* Bytes as stored in the trace: low64 then high64, each little-endian. */
struct blob_id {
    uint8_t bytes[BLOB_ID_SIZE];
};

#endif

/* Reads of a file by small pieces, with few calls. Private to code/. */
#ifndef REPRISE_CODE_FILE_WINDOW_H
#define REPRISE_CODE_FILE_WINDOW_H

#include "code/code_finder.h"

struct file_window {
    const struct code_file *file;
    size_t ahead; /* bytes that are read at once, at most sizeof bytes */
    uint64_t offset;
    size_t len;
    uint8_t bytes[16384];
};

/* `len` bytes of the file, up to sizeof bytes; valid until the next call. NULL: not there. */
const uint8_t *file_window_at(struct file_window *w, uint64_t offset, size_t len);

uint16_t file_u16(const uint8_t *p);
uint32_t file_u32(const uint8_t *p);
uint64_t file_u64(const uint8_t *p);

#endif

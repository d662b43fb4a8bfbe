/* What the headers of an ELF file tell: where its code is, and where its tables of functions are.
 * All places are offsets in the file. elf(5). Private to code/. */
#ifndef REPRISE_CODE_ELF_LAYOUT_H
#define REPRISE_CODE_ELF_LAYOUT_H

#include "code/file_window.h"

struct file_span {
    uint64_t offset, size; /* size 0: there is none */
};

struct file_segment {
    struct file_span span;
    uint64_t address;
};

/* A function, or a piece of one. */
struct file_function {
    uint64_t offset, size;
};

/* Called for each function of a table, in any order. */
typedef void file_function_fn(void *ctx, const struct file_function *function);

enum { ELF_SEGMENTS = 64, ELF_SECTIONS = 64, ELF_SYMBOL_TABLES = 2 };

struct elf_layout {
    bool has_sections;
    struct file_segment segments[ELF_SEGMENTS];
    size_t n_segments;
    struct file_span code[ELF_SECTIONS]; /* sections that are executed */
    size_t n_code;
    struct file_span symbols[ELF_SYMBOL_TABLES];
    size_t n_symbols;
    struct file_span unwind_index; /* .eh_frame_hdr */
    struct file_span unwind;       /* .eh_frame, if it has a section */
    struct file_span go_functions; /* .gopclntab, the same */
    struct file_span go_module;    /* .go.module, the same */
    struct file_span relocations;  /* the first table that is loaded */
};

/* Zeroed is right for what is no ELF file of x86-64: it tells nothing. False: it is none. */
bool elf_layout_read(struct file_window *w, struct elf_layout *ret);

/* Between offsets and addresses; false: not in the file. */
bool elf_offset(const struct elf_layout *elf, uint64_t address, uint64_t *ret);
bool elf_address(const struct elf_layout *elf, uint64_t offset, uint64_t *ret);

/* Whether all `len` bytes are in a section that is executed. */
bool elf_is_code(const struct elf_layout *elf, uint64_t offset, size_t len);

#endif

/* The reader (confine/reader.h) that looks for symbols: what it is asked. Private to symbols/.
 *
 *     OPEN  with the file's content     -> whether it can be read, and the build id of what was
 * split off, if that is wanted SPLIT with the content of that    -> the same FIND -> a place
 *
 * Files are counted from 0 in the order in which they were opened. */
#ifndef REPRISE_SYMBOLS_SYMBOL_READER_H
#define REPRISE_SYMBOLS_SYMBOL_READER_H

#include "confine/readers.h"
#include "symbols/debug_file.h"

enum symbol_question_kind { SYMBOL_OPEN, SYMBOL_SPLIT, SYMBOL_FIND };

struct symbol_question {
    uint32_t kind;
    uint32_t file; /* of SPLIT and FIND */
    uint64_t at;   /* of FIND: see code_places_find() */
    uint64_t after;
};

#define SYMBOL_TEXT_MAX 3072 /* a longer name is cut */

struct symbol_answer {
    int32_t result;  /* 0 or -errno; -ENOEXEC: no ELF file */
    uint32_t n_id;   /* bytes of `id` */
    uint64_t offset; /* struct code_place */
    uint64_t in_function;
    int32_t line;
    uint8_t id[BUILD_ID_MAX];
    char function[SYMBOL_TEXT_MAX], file[SYMBOL_TEXT_MAX]; /* empty: not known */
};

/* As readers_need(). */
int symbol_readers_need(struct readers *r, struct err *err);
/* Asks it. fd, size: as for reader_ask(). 0, or -errno with err: it is gone. Whatever it answers is
 * well-formed, and no more: strings end, lengths and errno fit. */
int symbol_reader_ask(struct reader *r, const struct symbol_question *question, int fd,
                      uint64_t size, struct symbol_answer *ret, struct err *err);

#endif

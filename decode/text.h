/* The writer that decoders share: where text goes, whose call it is, and a failure that is kept
 * until the end, so that decoders need not look at each piece. Private to decode/. */
#ifndef REPRISE_DECODE_TEXT_H
#define REPRISE_DECODE_TEXT_H

#include "decode/call_text.h"
#include "syscalls/arg_types.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
    struct buf *out;
    int err; /* -ENOMEM once memory was out */
    const struct call_decoder *d;
    const struct call_text_style *style;
    const struct walk_call *call; /* NULL outside of calls */
    bool failed;                  /* the call is done and failed: the kernel filled nothing */
    unsigned depth;               /* of structs in structs */
    bool is_device;               /* st_mode of the struct being shown tells so */
};

struct text text_begin(const struct call_decoder *d, const struct walk_call *call, struct buf *out);

/* ---- pieces ---- */

static inline void put_mem(struct text *t, const void *s, size_t n)
{
    if (t->err == 0 && buf_append(t->out, s, n) < 0)
        t->err = -ENOMEM;
}

static inline void put(struct text *t, const char *s)
{
    put_mem(t, s, strlen(s));
}

void put_int(struct text *t, int64_t v);
void put_uint(struct text *t, uint64_t v);
void put_hex(struct text *t, uint64_t v);   /* 0x1f; 0 is "0" */
void put_octal(struct text *t, uint64_t v); /* 0644; 0 is "000" */
void put_addr(struct text *t, uint64_t v);  /* 0x7f...; 0 is "NULL" */
void put_fmt(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* See text_quoted(). */
void put_quoted(struct text *t, const uint8_t *data, size_t n, uint64_t len, bool string);
/* The same whatever its length. */
void put_quoted_all(struct text *t, const uint8_t *data, size_t n, bool string);

/* ---- constants ---- */

void put_set(struct text *t, const struct constant_set *set, uint64_t v);
/* What a value is by name alone, or false. */
bool put_set_name(struct text *t, const struct constant_set *set, uint64_t v);
/* A number with a name: raw, by name, or both, as the style says. `name` may be NULL. */
void put_named(struct text *t, const char *number, const char *name);
void put_signal(struct text *t, uint64_t signo);       /* SIGINT */
void put_signal_short(struct text *t, uint64_t signo); /* INT */
void put_sigset(struct text *t, const uint8_t *set, size_t len);

/* ---- memory of the call ---- */

/* Copies what the trace has from addr on: as handed over, or as the kernel left it. The number of
 * bytes, less than len where something is missing. */
size_t read_in(const struct text *t, uint64_t addr, void *dst, size_t len);
size_t read_out(const struct text *t, uint64_t addr, void *dst, size_t len);
bool has_in(const struct text *t, uint64_t addr);
bool has_out(const struct text *t, uint64_t addr);
/* Whichever of the two an argument is: what the kernel left if it wrote there and did not fail. */
size_t read_either(const struct text *t, uint64_t addr, void *dst, size_t len);

/* Bytes at addr, quoted: `len` of them, or as many as the range has. False: there are none. */
bool put_bytes(struct text *t, bool out, uint64_t addr, uint64_t len, bool string);
/* Whole strings, whatever the limit of the style. */
bool put_path(struct text *t, uint64_t addr);

/* ---- values by type ---- */

/* An argument. */
void put_value(struct text *t, enum arg_type type, size_t arg, uint64_t v);
/* A struct of which `len` bytes are there. */
void put_struct(struct text *t, const struct struct_type *s, const uint8_t *data, size_t len);
/* A field of a struct. */
void put_field_value(struct text *t, enum arg_type type, const uint8_t *data, size_t size);
void put_fd(struct text *t, int64_t fd);
void put_dirfd(struct text *t, int64_t fd);
void put_mode(struct text *t, uint64_t mode);
void put_device(struct text *t, uint64_t dev);
/* "2001-09-09T01:46:40+0000", UTC */
void put_date(struct text *t, int64_t sec, uint64_t fraction, int digits);
void put_siginfo(struct text *t, const uint8_t *data, size_t len);
void put_sockaddr(struct text *t, const uint8_t *data, size_t len);
void put_wait_status(struct text *t, int status);

/* Functions for types that code shows; NULL: none. `arg` is its place among the arguments. */
typedef void text_fn(struct text *t, size_t arg, uint64_t v);
text_fn *text_function(enum arg_type type);

/* ---- whole calls ---- */

/* Calls whose arguments are not shown in their order (clone). False: like all others. */
bool put_args_of_call(struct text *t);
/* What stands in parentheses behind the result. */
void put_result(struct text *t);

#endif

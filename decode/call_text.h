/* Calls as text in the form of strace, whole or piece by piece. */
#ifndef REPRISE_DECODE_CALL_TEXT_H
#define REPRISE_DECODE_CALL_TEXT_H

#include "base/buf.h"
#include "decode/fd_follow.h"
#include "decode/trace_walk.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How constants are shown. */
enum text_constants {
    TEXT_CONSTANTS_ABBREV = 0, /* O_RDONLY */
    TEXT_CONSTANTS_RAW,        /* 0 */
    TEXT_CONSTANTS_VERBOSE,
    /* 0 */ /* with the name as a comment */
};

/* Zeroed is not what strace does by default: take call_text_style_default(). */
struct call_text_style {
    size_t string_max;   /* bytes of a string or buffer to show */
    size_t array_max;    /* elements of an array to show, unless verbose */
    uint8_t hex_strings; /* 1: strings with other than text in hexadecimal; 2: all */
    bool verbose;        /* all fields of structs */
    enum text_constants constants;
    bool fd_paths; /* "3</etc/passwd>"; needs `fds` below */
};
struct call_text_style call_text_style_default(void);

/* What decoding needs beside the call. */
struct call_decoder {
    struct trace_reader *reader;  /* for content kept as blobs; NULL: it is told as missing */
    const struct fd_follow *fds;  /* NULL: descriptors are numbers */
    const struct walk_task *task; /* whose call it is */
    const struct call_text_style *style;
};

/* Bytes that the trace holds for an argument. */
struct call_bytes {
    const uint8_t *data; /* in the event; NULL: none, zeros, or in a blob (see call_bytes_read) */
    uint64_t len;        /* that the program handed over or the kernel wrote */
    uint64_t kept;       /* of them in the trace, from the first on */
    const Reprise__Range *range; /* NULL: nothing is there */
    uint64_t offset;             /* of the first byte in the range */
};

struct call_arg {
    const char *name; /* as in its man page; "" for calls that the table lacks */
    enum arg_kind kind;
    uint64_t value;
    struct call_bytes in;  /* what it points to, as the program handed it over */
    struct call_bytes out; /* as the kernel left it */
};

/* Argument i of a call, i < call->n_args. */
void call_arg_get(const struct walk_call *call, size_t i, struct call_arg *ret);

/* What the trace holds for [addr, addr + len) in what was handed over, or written: the range that
 * has addr, up to its end or len. */
void call_bytes_in(const struct walk_call *call, uint64_t addr, uint64_t len,
                   struct call_bytes *ret);
void call_bytes_out(const struct walk_call *call, uint64_t addr, uint64_t len,
                    struct call_bytes *ret);
/* Copies up to len of the kept bytes from `offset` on. The number copied; -EIO: the trace's blob
 * cannot be read. `reader` may be NULL: then blobs count as missing. */
long call_bytes_read(const struct call_bytes *bytes, struct trace_reader *reader, uint64_t offset,
                     void *dst, size_t len);

/* "read"; "syscall_0x1234" for a number that the table lacks. `scratch` has room for
 * CALL_NAME_MAX bytes. */
#define CALL_NAME_MAX 32
const char *call_text_name(const struct walk_call *call, char scratch[CALL_NAME_MAX]);

/* Append to `out`; 0 or -ENOMEM. */

/* Argument i as strace shows it. */
int call_text_arg(const struct call_decoder *d, const struct walk_call *call, size_t i,
                  struct buf *out);
/* How many arguments strace shows: fewer than call->n_args where flags or a command take less. */
size_t call_text_arg_count(const struct walk_call *call);
/* How many of them are known at the entry already: those before the first that the kernel writes.
 */
size_t call_text_ready(const struct walk_call *call);
/* Arguments [first, end), comma-separated. */
int call_text_args_from(const struct call_decoder *d, const struct walk_call *call, size_t first,
                        size_t end, struct buf *out);
/* All arguments, comma-separated, without the parentheses. */
int call_text_args(const struct call_decoder *d, const struct walk_call *call, struct buf *out);
/* "3", "-1 ENOENT (No such file or directory)", "?". */
int call_text_result(const struct call_decoder *d, const struct walk_call *call, struct buf *out);
/* name(args) = result */
int call_text_line(const struct call_decoder *d, const struct walk_call *call, struct buf *out);

/* {si_signo=SIGCHLD, si_code=CLD_EXITED, ...} */
int call_text_siginfo(const struct call_decoder *d, const void *siginfo, size_t len,
                      struct buf *out);

/* Bytes as strace quotes them; `whole`: whatever their number. */
int call_text_bytes(const struct call_text_style *style, const void *data, size_t len, bool whole,
                    struct buf *out);

/* "SIGINT" */
int call_text_signal(int signo, struct buf *out);

/* Whether the result is an error; then its positive errno in *ret. */
bool call_is_error(const struct walk_call *call, int *ret_errno);
/* "ENOENT", or NULL. */
const char *call_errno_name(int errnum);

#endif

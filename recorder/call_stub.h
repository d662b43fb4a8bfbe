/* Calls that a recorded task makes without a stop: what the code in the task (call_stub.c) and the
 * recorder agree on.
 *
 * A syscall instruction that was redirected (code_patches.h) comes to call_stub_enter. If the call
 * is plain (syscalls/plain_calls.h), and nothing speaks against it, the stub makes it by a syscall
 * instruction that the filter lets through, and notes it with all that went in and out in a buffer,
 * which the recorder reads at the task's next stop. Whatever else comes makes the call by an
 * instruction that stops, and the recorder puts the task to where its own instruction stands. */
#ifndef REPRISE_RECORDER_CALL_STUB_H
#define REPRISE_RECORDER_CALL_STUB_H

#include "task/stub_regs.h"

/* Below the vDSO (vdso/clock_ring.h). The code is between the data and the vDSO, so that the kernel
 * makes one mapping of neither the data and the ring, nor of the data and anything else. */
#define CALL_STUB_CODE      (0x2a0001000000 - CALL_STUB_CODE_SIZE)
#define CALL_STUB_CODE_SIZE 0x2000
#define CALL_DATA           (CALL_STUB_CODE - CALL_DATA_SIZE)
#define CALL_DATA_SIZE      (0x4000 + CALL_RECORDS_SIZE)
#define CALL_RECORDS_SIZE   0x10000

/* Offsets in the data that the assembler has to know. */
#define CALL_PHASE    8
#define CALL_RESULT   16
#define CALL_R10      56
#define CALL_REGS     (0x1000 - STUB_REGS_SIZE)
#define CALL_REGS_END 0x1000

/* How far the stub has come, where the instruction pointer does not tell. */
#define CALL_BEFORE 1 /* the call is not made yet */
#define CALL_MADE   2 /* but not noted yet, unless `position` has changed */
#define CALL_SLOW   3 /* it is going to be made by the instruction that stops */

#ifndef __ASSEMBLER__

#include "syscalls/plain_calls.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What descriptors are known to be. */
#define CALL_FD_NEVER_WAITS 1
#define CALL_FD_MAY_POLL    4 /* else poll(2) tells whether it would wait */
#define CALL_FD_WRITE_PLAIN 2 /* writing is nothing that the recorder has to know of */
#define CALL_FDS            64
#define CALL_DEVICES        16
#define CALL_CODES          16
#define CALL_CODES_PATCHED                                                                         \
    10 /* of them for redirected calls, the rest for rewritten instructions */

/* Number of a call or a command to a row of the table; rows start at 1. */
#define CALL_NUMBERS  512
#define CALL_ROWS     160
#define CALL_COMMANDS 48
struct call_command {
    uint16_t nr;
    uint8_t row, unused;
    uint32_t value;
};
struct call_table {
    uint8_t row_of[CALL_NUMBERS]; /* 0: not plain; CALL_BY_COMMAND: a command tells */
    uint32_t n_commands;
    uint32_t unused;
    struct call_command commands[CALL_COMMANDS];
    struct plain_call rows[CALL_ROWS];
};
#define CALL_BY_COMMAND 255

/* A program could scribble here, so the recorder believes nothing that it reads. */
struct call_data {
    uint64_t position; /* lap << 32 | bytes of records that are whole: changes in one store */
    uint32_t phase, unused;
    uint64_t result; /* phase CALL_MADE */
    /* ---- read with one request up to here and the next fields ---- */
    uint64_t site;         /* behind the instruction of the call that came last */
    uint64_t old_position; /* as that came */
    uint32_t partial;      /* bytes of its record so far */
    uint32_t fds_used;     /* something is known of descriptors */
    uint32_t lap_ends;     /* what is in the buffer was read: the next record goes to its start */
    uint32_t tried; /* the call is made without waiting: a result of 0 means that it is not made */
    uint64_t r10;   /* with which it is made */
    /* ---- written by the recorder ---- */
    uint32_t off;  /* all calls are slow for ever ... */
    uint32_t slow; /* ... or for now */
    uint8_t fds[CALL_FDS];
    uint32_t n_devices, n_codes;
    uint64_t devices[CALL_DEVICES]; /* regular files there never wait and are nothing special */
    struct call_code {
        uint64_t start, end;
    } codes[CALL_CODES]; /* where something was changed: nothing from there is handed over */
    uint8_t stack[CALL_REGS - 64 - 8 - CALL_FDS - 8 - 8 * CALL_DEVICES - 16 * CALL_CODES];
    struct stub_regs regs;
    /* ---- pages that change no more ---- */
    struct call_table table;
    uint8_t rest[0x3000 - sizeof(struct call_table)];
    uint8_t records[CALL_RECORDS_SIZE];
};
_Static_assert(offsetof(struct call_data, phase) == CALL_PHASE, "the stub stores it");
_Static_assert(offsetof(struct call_data, result) == CALL_RESULT, "the stub stores it");
_Static_assert(offsetof(struct call_data, off) == 64, "the stack fills the rest");
_Static_assert(offsetof(struct call_data, r10) == CALL_R10, "the stub reads it");
_Static_assert(offsetof(struct call_data, regs) == CALL_REGS, "the stub pushes them");
_Static_assert(offsetof(struct call_data, table) == CALL_REGS_END, "the page ends there");
_Static_assert(sizeof(struct call_data) == CALL_DATA_SIZE, "whole pages");

/* Followed by n_in, then n_out pieces. Sizes are multiples of 8. */
struct call_record {
    uint32_t size; /* of all of it */
    uint16_t nr;
    uint8_t n_in, n_out;
    uint64_t ip;
    uint64_t clock_reads;  /* made before, by the ring's count */
    uint64_t begun, ended; /* CLOCK_MONOTONIC, ns */
    int64_t result;
    uint64_t args[6];
};
struct call_piece {
    uint64_t addr, len;
    uint8_t data[]; /* len bytes, padded to a multiple of 8 */
};
#define CALL_PADDED(len) (((uint64_t)(len) + 7) & ~(uint64_t)7)

enum call_answer {
    CALL_ANSWER_SLOW,
    CALL_ANSWER_DONE,
    CALL_ANSWER_LOOK, /* it was made, but cannot be noted: the recorder has to look */
};

/* Called by the code at call_stub_enter. */
int call_stub_answer(struct stub_regs *regs, struct call_data *data);
/* Makes the program's call. */
void call_stub_make(struct call_data *data);
/* Makes a call of the stub's own. */
int64_t call_stub_own_call(int64_t nr, uint64_t a, uint64_t b, uint64_t c);

/* The code, to be copied to CALL_STUB_CODE, and places in it. */
extern const uint8_t __start_call_stub[], __stop_call_stub[];
extern const uint8_t call_stub_enter[];    /* rcx: behind the program's syscall instruction */
extern const uint8_t call_stub_switched[]; /* from here on the stack is the stub's ... */
extern const uint8_t call_stub_pushed[];   /* ... and the registers are saved ... */
extern const uint8_t call_stub_saved[];    /* ... and `phase` is right */
extern const uint8_t call_stub_made[];     /* behind the instruction that makes the call ... */
extern const uint8_t call_stub_noted[];    /* ... and result and phase are stored */
extern const uint8_t call_stub_own[];      /* behind that of the stub's own calls */
extern const uint8_t call_stub_slow[];     /* behind that which makes the call and stops */
extern const uint8_t call_stub_look[];     /* behind that of CALL_ANSWER_LOOK */

static inline uint64_t call_stub_at(const uint8_t *place)
{
    return CALL_STUB_CODE + (uint64_t)(place - __start_call_stub);
}

#endif
#endif

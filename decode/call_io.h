/* What a call moved through descriptors: from and to which, how many bytes, and the bytes. */
#ifndef REPRISE_DECODE_CALL_IO_H
#define REPRISE_DECODE_CALL_IO_H

#include "decode/call_text.h"
#include "decode/trace_walk.h"

#include <stdbool.h>
#include <stdint.h>

struct call_io {
    int in_fd;          /* bytes came from it; -1: none did */
    int out_fd;         /* bytes went to it; -1: none did */
    uint64_t in_bytes;  /* that came from in_fd */
    uint64_t out_bytes; /* that went to out_fd */
    size_t n_messages;  /* see call_io_message(); 0 where the bytes never were in memory */
    bool kept_queued;   /* what came is still there to be received: MSG_PEEK, tee */
};

/* What a call that is done moved. False: nothing, or it failed, or it is of another kind. */
bool call_io_get(const struct walk_call *call, struct call_io *ret);

/* One message of a call that moves bytes between memory and a descriptor: a datagram, or
 * whatever went through a stream at once. */
struct io_message {
    const struct walk_call *call;
    bool out;        /* it went to the descriptor */
    uint64_t len;    /* bytes that went */
    uint64_t buffer; /* their address, or with n_iov > 0 that of an array of iovecs */
    uint64_t n_iov;
    uint8_t address[FD_ADDRESS_MAX]; /* struct sockaddr that was told with it */
    size_t address_len;              /* 0: none */
};

/* Message i < io->n_messages. False: the trace does not have it. */
bool call_io_message(const struct walk_call *call, const struct call_io *io, size_t i,
                     struct io_message *ret);

/* Copies the bytes from `offset` on, at most len. The number copied, which is less than asked for
 * where the trace holds no more; -errno: the trace is damaged. */
long io_message_read(const struct io_message *m, struct trace_reader *reader, uint64_t offset,
                     void *dst, size_t len);

#endif

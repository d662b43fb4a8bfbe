/* The functions that show types which no table can describe, by family. Private to decode/. */
#ifndef REPRISE_DECODE_TEXT_TYPES_H
#define REPRISE_DECODE_TEXT_TYPES_H

#include "decode/text.h"

/* text_numbers.c */
text_fn text_long, text_int32, text_uint32, text_id, text_mode, text_file_mode, text_creat_mode,
    text_dev, text_dev32, text_knod_dev, text_command, text_hex_command, text_epoll_data,
    text_limit, text_seconds, text_personality, text_protocol, text_sival, text_ioprio, text_key,
    text_get_flags, text_vma_attribute, text_ptracer, text_wake_op, text_bitset, text_syslog_type;
/* text_memory.c */
text_fn text_buffer, text_hex_buffer, text_string_out, text_int_ptr, text_uint_ptr, text_hex_ptr,
    text_long_ptr, text_addr_ptr, text_id_ptr, text_offset_ptr, text_len_ptr, text_fd_pair,
    text_iovec, text_iovec_addresses, text_strings, text_environment, text_groups, text_groups_out,
    text_cpu_set, text_cpu_set_out, text_nodes, text_pages_present, text_dirents, text_dirents_old,
    text_signal_ptr, text_tsc_ptr, text_policy_ptr, text_optlen_ptr;
/* text_network.c */
text_fn text_sockaddr, text_msghdr, text_mmsghdr, text_optname, text_optval, text_optval_out,
    text_ifreq;
/* text_wait.c */
text_fn text_pollfds, text_fd_set, text_epoll_events, text_timeout, text_timeout_us, text_remainder;
/* text_signal.c */
text_fn text_sigset, text_sigset_and_size, text_sigaction, text_siginfo, text_sigevent;
/* text_process.c */
text_fn text_clone_flags, text_clone_args, text_clone_tid, text_futex_op, text_status_ptr,
    text_cap_data, text_sock_fprog;
/* text_file.c */
text_fn text_file_handle, text_file_handle_out, text_times, text_timevals, text_termios,
    text_sembufs, text_msgbuf, text_msgbuf_out;

/* As a bare value, for results. */
void put_personality(struct text *t, uint64_t v);
void put_poll_result(struct text *t);
void put_select_result(struct text *t);
void put_msghdr(struct text *t, uint64_t addr, uint64_t filled);
/* The struct iovec's at addr with their buffers, of which `filled` bytes count. */
void put_iovecs(struct text *t, uint64_t addr, uint64_t count, bool out, uint64_t filled);

/* Up to `count` elements of `size` bytes at addr between brackets, at most as many as the style
 * shows; false when not even the first is there. */
bool put_elements(struct text *t, uint64_t addr, uint64_t count, size_t size,
                  void (*one)(struct text *t, const uint8_t *data));

#endif

/* Owns what is waited with: sets of descriptors, events, timeouts, and what came of them, which
 * stands behind the result. */
#include "decode/text_types.h"

#include <poll.h>

static const struct constant poll_v[] = {
    {POLLIN, POLLIN, "POLLIN"},
    {POLLPRI, POLLPRI, "POLLPRI"},
    {POLLOUT, POLLOUT, "POLLOUT"},
    {POLLRDNORM, POLLRDNORM, "POLLRDNORM"},
    {POLLRDBAND, POLLRDBAND, "POLLRDBAND"},
    {POLLWRNORM, POLLWRNORM, "POLLWRNORM"},
    {POLLWRBAND, POLLWRBAND, "POLLWRBAND"},
    {POLLMSG, POLLMSG, "POLLMSG"},
    {POLLREMOVE, POLLREMOVE, "POLLREMOVE"},
    {POLLRDHUP, POLLRDHUP, "POLLRDHUP"},
    {POLLERR, POLLERR, "POLLERR"},
    {POLLHUP, POLLHUP, "POLLHUP"},
    {POLLNVAL, POLLNVAL, "POLLNVAL"},
};
static const struct constant_set poll_bits = {"POLL", poll_v, sizeof poll_v / sizeof poll_v[0],
                                              true};

void text_pollfds(struct text *t, size_t arg, uint64_t v)
{
    uint64_t n = (uint32_t)t->call->args[1];
    struct pollfd p;
    (void)arg;
    if (n == 0 && v != 0) {
        put(t, "[]");
        return;
    }
    if (v == 0 || read_in(t, v, &p, sizeof p) < sizeof p) {
        put_addr(t, v);
        return;
    }
    put(t, "[");
    for (uint64_t i = 0; i < n && read_in(t, v + i * sizeof p, &p, sizeof p) == sizeof p; i++) {
        if (i > 0)
            put(t, ", ");
        if (!t->style->verbose && i >= t->style->array_max) {
            put(t, "...");
            break;
        }
        put(t, "{fd=");
        put_fd(t, p.fd);
        if (p.fd >= 0) {
            put(t, ", events=");
            put_set(t, &poll_bits, (uint16_t)p.events);
        }
        put(t, "}");
    }
    put(t, "]");
}

/* ([{fd=3, revents=POLLIN}], left {...}) or (Timeout) */
void put_poll_result(struct text *t)
{
    uint64_t addr = t->call->args[0], n = (uint32_t)t->call->args[1];
    struct pollfd p;
    bool any = false;
    size_t shown = 0;
    if (t->call->result == 0) {
        put(t, " (Timeout)");
        return;
    }
    put(t, " ([");
    for (uint64_t i = 0; i < n && read_out(t, addr + i * sizeof p, &p, sizeof p) == sizeof p; i++) {
        if (p.revents == 0)
            continue;
        if (any)
            put(t, ", ");
        any = true;
        if (!t->style->verbose && shown++ >= t->style->array_max) {
            put(t, "...");
            break;
        }
        put(t, "{fd=");
        put_fd(t, p.fd);
        put(t, ", revents=");
        put_set(t, &poll_bits, (uint16_t)p.revents);
        put(t, "}");
    }
    put(t, "]");
    uint8_t left[16];
    int timeout = syscall_arg_of_type(syscall_traits(t->call->nr), TYPE_TIMEOUT_LEFT);
    if (timeout >= 0 && t->call->args[timeout] != 0 &&
        read_out(t, t->call->args[timeout], left, sizeof left) == sizeof left) {
        put(t, ", left ");
        put_struct(t, arg_type_info(TYPE_TIMESPEC)->fields, left, sizeof left);
    }
    put(t, ")");
}

/* ---- select ---- */

#define FD_SET_MAX 8192 /* descriptors that are looked at */

static void put_set_at(struct text *t, uint64_t addr, uint64_t nfds, bool out)
{
    uint8_t bits[FD_SET_MAX / 8];
    if (nfds > FD_SET_MAX)
        nfds = FD_SET_MAX;
    size_t want = (size_t)((nfds + 63) / 64 * 8);
    size_t n = out ? read_out(t, addr, bits, want) : read_in(t, addr, bits, want);
    bool any = false;
    put(t, "[");
    for (size_t fd = 0; fd < nfds && fd < n * 8; fd++) {
        if ((bits[fd / 8] >> (fd % 8) & 1) == 0)
            continue;
        if (any)
            put(t, " ");
        put_fd(t, (int)fd);
        any = true;
    }
    put(t, "]");
}

static uint64_t fd_count(const struct text *t)
{
    int n = (int)t->call->args[0];
    return n > 0 ? (uint64_t)n : 0;
}

void text_fd_set(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    if (v == 0 || (fd_count(t) > 0 && !has_in(t, v)))
        put_addr(t, v);
    else
        put_set_at(t, v, fd_count(t), false);
}

static bool has_bits(struct text *t, uint64_t addr)
{
    uint8_t bits[FD_SET_MAX / 8];
    uint64_t n = fd_count(t) < FD_SET_MAX ? fd_count(t) : FD_SET_MAX;
    size_t got = addr != 0 ? read_out(t, addr, bits, (size_t)((n + 63) / 64 * 8)) : 0;
    for (size_t i = 0; i < got; i++)
        if (bits[i] != 0)
            return true;
    return false;
}

/* (in [3], out [4], left {tv_sec=0, tv_usec=1}) or (Timeout) */
void put_select_result(struct text *t)
{
    static const char *const names[] = {"in ", "out ", "except "};
    bool any = false;
    uint8_t left[16];
    if (t->call->result == 0) {
        put(t, " (Timeout)");
        return;
    }
    put(t, " (");
    for (size_t i = 0; i < 3; i++) {
        if (!has_bits(t, t->call->args[1 + i]))
            continue;
        if (any)
            put(t, ", ");
        put(t, names[i]);
        put_set_at(t, t->call->args[1 + i], fd_count(t), true);
        any = true;
    }
    if (t->call->args[4] != 0 && read_out(t, t->call->args[4], left, 16) == 16) {
        put(t, any ? ", left " : "left ");
        bool us = syscall_arg_of_type(syscall_traits(t->call->nr), TYPE_TIMEOUT_LEFT_US) >= 0;
        enum arg_type type = us ? TYPE_TIMEVAL : TYPE_TIMESPEC;
        put_struct(t, arg_type_info(type)->fields, left, 16);
    }
    put(t, ")");
}

/* ---- the rest ---- */

static void put_epoll_event(struct text *t, const uint8_t *data)
{
    put_struct(t, arg_type_info(TYPE_EPOLL_EVENT)->fields, data, 12);
}

void text_epoll_events(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    bool done = t->call->done && !t->failed;
    if (done && t->call->result == 0 && v != 0)
        put(t, "[]");
    else if (!done || !put_elements(t, v, (uint64_t)t->call->result, 12, put_epoll_event))
        put_addr(t, v);
}

static void put_time_in(struct text *t, uint64_t v, enum arg_type type)
{
    uint8_t data[16];
    if (v != 0 && read_in(t, v, data, sizeof data) == sizeof data)
        put_struct(t, arg_type_info(type)->fields, data, sizeof data);
    else
        put_addr(t, v);
}

void text_timeout(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_time_in(t, v, TYPE_TIMESPEC);
}

void text_timeout_us(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_time_in(t, v, TYPE_TIMEVAL);
}

/* What is left of a sleep: written when a signal cut it short. */
void text_remainder(struct text *t, size_t arg, uint64_t v)
{
    uint8_t data[16];
    struct call_bytes b;
    (void)arg;
    if (v != 0)
        call_bytes_out(t->call, v, sizeof data, &b);
    if (v != 0 && b.range != NULL && read_out(t, v, data, sizeof data) == sizeof data)
        put_struct(t, arg_type_info(TYPE_TIMESPEC)->fields, data, sizeof data);
    else
        put_addr(t, v);
}

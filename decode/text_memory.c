/* Owns what addresses point to where it is bytes, numbers or arrays of them. */
#include "decode/text_types.h"

#include "base/page.h"

#include <dirent.h>
#include <stdlib.h>

#define ARGS_MAX 4096 /* of a command line that are looked at */

/* ---- arrays ---- */

bool put_elements(struct text *t, uint64_t addr, uint64_t count, size_t size,
                  void (*one)(struct text *t, const uint8_t *data))
{
    uint8_t data[256];
    bool limited = !t->style->verbose;
    if (addr == 0 || size > sizeof data)
        return false;
    if (count > 0 && read_either(t, addr, data, size) < size)
        return false;
    put(t, "[");
    for (uint64_t i = 0; i < count && t->err == 0; i++) {
        if (i > 0)
            put(t, ", ");
        if (limited && i >= t->style->array_max) {
            put(t, "...");
            break;
        }
        if (read_either(t, addr + i * size, data, size) < size) {
            put(t, "...");
            break;
        }
        one(t, data);
    }
    put(t, "]");
    return true;
}

/* ---- bytes ---- */

/* The bytes that the kernel filled, as far as the result counts them. */
static uint64_t filled(const struct text *t)
{
    return t->call->done && t->call->result >= 0 ? (uint64_t)t->call->result : UINT64_MAX;
}

static void put_buffer(struct text *t, uint64_t v)
{
    if (v == 0)
        put(t, "NULL");
    else if (has_out(t, v) && filled(t) > 0)
        put_bytes(t, true, v, filled(t), false);
    else if (has_in(t, v))
        put_bytes(t, false, v, UINT64_MAX, false);
    else if (t->call->done && t->call->result == 0)
        put(t, "\"\"");
    else
        put_addr(t, v);
}

void text_buffer(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_buffer(t, v);
}

void text_hex_buffer(struct text *t, size_t arg, uint64_t v)
{
    struct call_text_style hex = *t->style;
    const struct call_text_style *before = t->style;
    (void)arg;
    hex.hex_strings = 2;
    t->style = &hex;
    put_buffer(t, v);
    t->style = before;
}

void text_string_out(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    char text[4097];
    size_t n = has_out(t, v) ? read_out(t, v, text, sizeof text - 1) : 0;
    if (n == 0)
        put_addr(t, v);
    else
        put_quoted_all(t, (const uint8_t *)text, strnlen(text, n), false);
}

/* ---- numbers ---- */

static bool load(struct text *t, uint64_t addr, void *dst, size_t size)
{
    if (addr != 0 && read_either(t, addr, dst, size) == size)
        return true;
    put_addr(t, addr);
    return false;
}

void text_int_ptr(struct text *t, size_t arg, uint64_t v)
{
    int32_t n;
    (void)arg;
    if (load(t, v, &n, sizeof n))
        put_fmt(t, "[%d]", n);
}

void text_uint_ptr(struct text *t, size_t arg, uint64_t v)
{
    uint32_t n;
    (void)arg;
    if (load(t, v, &n, sizeof n))
        put_fmt(t, "[%u]", n);
}

void text_hex_ptr(struct text *t, size_t arg, uint64_t v)
{
    uint32_t n;
    (void)arg;
    if (load(t, v, &n, sizeof n))
        put_fmt(t, "[%#x]", n);
}

void text_long_ptr(struct text *t, size_t arg, uint64_t v)
{
    int64_t n;
    (void)arg;
    if (load(t, v, &n, sizeof n))
        put_fmt(t, "[%lld]", (long long)n);
}

void text_addr_ptr(struct text *t, size_t arg, uint64_t v)
{
    uint64_t n;
    (void)arg;
    if (!load(t, v, &n, sizeof n))
        return;
    put(t, "[");
    put_addr(t, n);
    put(t, "]");
}

void text_id_ptr(struct text *t, size_t arg, uint64_t v)
{
    uint32_t n;
    (void)arg;
    if (load(t, v, &n, sizeof n))
        put_fmt(t, n == UINT32_MAX ? "[-1]" : "[%u]", n);
}

void text_signal_ptr(struct text *t, size_t arg, uint64_t v)
{
    uint32_t n;
    (void)arg;
    if (!load(t, v, &n, sizeof n))
        return;
    put(t, "[");
    put_signal(t, n);
    put(t, "]");
}

static void put_set_at(struct text *t, uint64_t v, enum arg_type type)
{
    uint32_t n;
    if (!load(t, v, &n, sizeof n))
        return;
    put(t, "[");
    put_set(t, arg_type_info(type)->set, n);
    put(t, "]");
}

void text_tsc_ptr(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_set_at(t, v, TYPE_TSC_MODE);
}

void text_policy_ptr(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_set_at(t, v, TYPE_MEMPOLICY);
}

/* [0] => [100] */
void text_offset_ptr(struct text *t, size_t arg, uint64_t v)
{
    int64_t before, after;
    (void)arg;
    if (v == 0 || read_in(t, v, &before, sizeof before) < sizeof before) {
        put_addr(t, v);
        return;
    }
    put_fmt(t, "[%lld]", (long long)before);
    if (t->call->done && !t->failed && read_out(t, v, &after, sizeof after) == sizeof after)
        put_fmt(t, " => [%lld]", (long long)after);
}

static void put_length(struct text *t, uint64_t v, const char *always)
{
    int32_t before, after;
    bool in = v != 0 && read_in(t, v, &before, sizeof before) == sizeof before;
    bool out = v != 0 && has_out(t, v) && read_out(t, v, &after, sizeof after) == sizeof after;
    if (!in && !out)
        put_addr(t, v);
    else if (in && out && (before != after || always != NULL))
        put_fmt(t, "[%d => %d]", before, after);
    else
        put_fmt(t, "[%d]", in ? before : after);
}

void text_len_ptr(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_length(t, v, NULL);
}

void text_optlen_ptr(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_length(t, v, NULL);
}

void text_fd_pair(struct text *t, size_t arg, uint64_t v)
{
    int32_t fds[2];
    (void)arg;
    if (t->failed || v == 0 || read_out(t, v, fds, sizeof fds) < sizeof fds) {
        put_addr(t, v);
        return;
    }
    put(t, "[");
    put_fd(t, fds[0]);
    put(t, ", ");
    put_fd(t, fds[1]);
    put(t, "]");
}

static void put_group(struct text *t, const uint8_t *data)
{
    uint32_t n;
    memcpy(&n, data, sizeof n);
    put_uint(t, n);
}

static void put_groups(struct text *t, uint64_t v, bool get)
{
    uint64_t n = get && t->call->done ? filled(t) : (uint32_t)t->call->args[0];
    if (v != 0 && get && !t->failed && t->call->done && n == 0)
        put(t, t->call->args[0] == 0 ? "" : "[]");
    if (v != 0 && n == 0 && t->call->args[0] != 0)
        return;
    if (v == 0 || n == 0 || t->failed || !put_elements(t, v, n, sizeof(uint32_t), put_group))
        put_addr(t, v);
}

void text_groups(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_groups(t, v, false);
}

void text_groups_out(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_groups(t, v, true);
}

/* Numbers of the bits that are set, between brackets. */
static void put_bits(struct text *t, uint64_t addr, uint64_t len)
{
    uint8_t bits[1024];
    size_t n = read_either(t, addr, bits, len < sizeof bits ? (size_t)len : sizeof bits);
    bool any = false;
    put(t, "[");
    for (size_t i = 0; i < n * 8; i++) {
        if ((bits[i / 8] >> (i % 8) & 1) == 0)
            continue;
        if (any)
            put(t, " ");
        put_uint(t, i);
        any = true;
    }
    put(t, "]");
}

static void put_cpu_set(struct text *t, uint64_t v, bool get)
{
    uint64_t len = (uint32_t)t->call->args[1];
    if (v == 0 || (get ? !has_out(t, v) : !has_in(t, v)))
        put_addr(t, v);
    else
        put_bits(t, v, get ? filled(t) : len);
}

void text_cpu_set(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_cpu_set(t, v, false);
}

void text_cpu_set_out(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_cpu_set(t, v, true);
}

void text_nodes(struct text *t, size_t arg, uint64_t v)
{
    uint64_t words[16];
    (void)arg;
    size_t n = v != 0 ? read_either(t, v, words, sizeof words) : 0;
    if (n < 8) {
        put_addr(t, v);
        return;
    }
    put(t, "[");
    for (size_t i = 0; i < n / 8; i++)
        put_fmt(t, "%s%#018llx", i > 0 ? ", " : "", (unsigned long long)words[i]);
    put(t, "]");
}

void text_pages_present(struct text *t, size_t arg, uint64_t v)
{
    uint64_t n = t->call->args[1] / PAGE + (t->call->args[1] % PAGE != 0);
    uint8_t byte;
    (void)arg;
    if (v == 0 || !has_out(t, v)) {
        put_addr(t, v);
        return;
    }
    put(t, "[");
    for (uint64_t i = 0; i < n && read_out(t, v + i, &byte, 1) == 1; i++) {
        if (i > 0)
            put(t, ", ");
        if (!t->style->verbose && i >= t->style->array_max) {
            put(t, "...");
            break;
        }
        put(t, byte & 1 ? "1" : "0");
    }
    put(t, "]");
}

/* ---- struct iovec ---- */

void put_iovecs(struct text *t, uint64_t addr, uint64_t count, bool out, uint64_t bytes)
{
    uint64_t iov[2];
    if (addr == 0 || (count > 0 && read_in(t, addr, iov, sizeof iov) < sizeof iov)) {
        put_addr(t, addr);
        return;
    }
    put(t, "[");
    for (uint64_t i = 0; i < count && t->err == 0; i++) {
        if (i > 0)
            put(t, ", ");
        if (!t->style->verbose && i >= t->style->array_max) {
            put(t, "...");
            break;
        }
        if (read_in(t, addr + i * sizeof iov, iov, sizeof iov) < sizeof iov) {
            put(t, "...");
            break;
        }
        uint64_t len = iov[1] < bytes ? iov[1] : bytes;
        put(t, "{iov_base=");
        if (iov[0] == 0)
            put(t, "NULL");
        else if (out && len == 0)
            put(t, "\"\"");
        else if (!put_bytes(t, out, iov[0], len, false))
            put_addr(t, iov[0]);
        put_fmt(t, ", iov_len=%llu}", (unsigned long long)iov[1]);
        bytes -= len;
    }
    put(t, "]");
}

void text_iovec(struct text *t, size_t arg, uint64_t v)
{
    const struct syscall_io *io = &syscall_traits(t->call->nr)->io;
    bool out = io->in || io->moves == MOVES_FROM_TASK;
    uint64_t count = arg + 1 < t->call->n_args ? t->call->args[arg + 1] : 0;
    if (out && !(t->call->done && !t->failed)) {
        text_iovec_addresses(t, arg, v);
        return;
    }
    put_iovecs(t, v, count, out, out ? filled(t) : UINT64_MAX);
}

static void put_iovec_address(struct text *t, const uint8_t *data)
{
    uint64_t iov[2];
    memcpy(iov, data, sizeof iov);
    put(t, "{iov_base=");
    put_addr(t, iov[0]);
    put_fmt(t, ", iov_len=%llu}", (unsigned long long)iov[1]);
}

void text_iovec_addresses(struct text *t, size_t arg, uint64_t v)
{
    uint64_t count = arg + 1 < t->call->n_args ? t->call->args[arg + 1] : 0;
    if (!put_elements(t, v, count, 16, put_iovec_address))
        put_addr(t, v);
}

/* ---- strings of a program ---- */

void text_strings(struct text *t, size_t arg, uint64_t v)
{
    uint64_t p;
    (void)arg;
    if (v == 0 || read_in(t, v, &p, sizeof p) < sizeof p) {
        put_addr(t, v);
        return;
    }
    put(t, "[");
    for (size_t i = 0; i < ARGS_MAX && read_in(t, v + i * 8, &p, sizeof p) == sizeof p && p != 0;
         i++) {
        if (i > 0)
            put(t, ", ");
        if (!t->style->verbose && i >= t->style->array_max) {
            put(t, "...");
            break;
        }
        if (!put_bytes(t, false, p, UINT64_MAX, true))
            put_addr(t, p);
    }
    put(t, "]");
}

void text_environment(struct text *t, size_t arg, uint64_t v)
{
    uint64_t p;
    size_t n = 0;
    if (t->style->verbose) {
        text_strings(t, arg, v);
        return;
    }
    put_addr(t, v);
    if (v == 0 || read_in(t, v, &p, sizeof p) < sizeof p)
        return;
    while (n < ARGS_MAX * 16 && read_in(t, v + n * 8, &p, sizeof p) == sizeof p && p != 0)
        n++;
    put_fmt(t, " /* %zu var%s */", n, n == 1 ? "" : "s");
}

/* ---- directories ---- */

static const char *dirent_type(uint8_t type)
{
    static const char *const names[] = {
        [DT_UNKNOWN] = "DT_UNKNOWN", [DT_FIFO] = "DT_FIFO", [DT_CHR] = "DT_CHR",
        [DT_DIR] = "DT_DIR",         [DT_BLK] = "DT_BLK",   [DT_REG] = "DT_REG",
        [DT_LNK] = "DT_LNK",         [DT_SOCK] = "DT_SOCK", [DT_WHT] = "DT_WHT",
    };
    return type < sizeof names / sizeof names[0] && names[type] != NULL ? names[type] : "DT_???";
}

/* struct linux_dirent64 and linux_dirent: ino 8, off 8, reclen 2, then type and name, or name and,
 * in the last byte, type. */
static void put_dirents(struct text *t, uint64_t v, bool old)
{
    size_t len = t->call->done && t->call->result > 0 ? (size_t)t->call->result : 0, entries = 0;
    uint8_t *data = NULL;
    if (v == 0 || t->failed || !t->call->done) {
        put_addr(t, v);
        return;
    }
    if (len > (1u << 20))
        len = 1u << 20;
    if (len > 0 && (data = malloc(len)) == NULL) {
        t->err = -ENOMEM;
        return;
    }
    size_t n = len > 0 ? read_out(t, v, data, len) : 0;
    if (t->style->verbose)
        put(t, "[");
    for (size_t at = 0; at + 19 < n;) {
        uint64_t ino, off;
        uint16_t reclen;
        memcpy(&ino, data + at, 8);
        memcpy(&off, data + at + 8, 8);
        memcpy(&reclen, data + at + 16, 2);
        if (reclen < 20 || at + reclen > n)
            break;
        if (t->style->verbose) {
            size_t name = at + (old ? 18u : 19u);
            uint8_t type = data[old ? at + reclen - 1u : at + 18u];
            put_fmt(t, "%s{d_ino=%llu, d_off=%lld, d_reclen=%u, ", entries > 0 ? ", " : "",
                    (unsigned long long)ino, (long long)off, reclen);
            if (!old)
                put_fmt(t, "d_type=%s, ", dirent_type(type));
            put(t, "d_name=");
            put_quoted_all(t, data + name, strnlen((char *)data + name, at + reclen - name), false);
            if (old)
                put_fmt(t, ", d_type=%s", dirent_type(type));
            put(t, "}");
        }
        entries++;
        at += reclen;
    }
    if (t->style->verbose)
        put(t, "]");
    else {
        put_addr(t, v);
        put_fmt(t, " /* %zu entr%s */", entries, entries == 1 ? "y" : "ies");
    }
    free(data);
}

void text_dirents(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_dirents(t, v, false);
}

void text_dirents_old(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_dirents(t, v, true);
}

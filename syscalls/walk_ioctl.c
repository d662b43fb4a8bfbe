/* ioctl commands that ioctl_table.c leaves to the number itself, and those with an array behind a
 * struct. */
#include "walk.h"

#include <asm/ioctl.h>
#include <string.h>

/* ---- Numbers with a direction, for devices whose structs stand alone ---- */

/* Letters (and what they cover of the numbers after them) for which direction and size are the
 * whole truth: no struct points to more memory, none is written past its size. Exceptions have
 * their row in ioctl_table.c. Elsewhere (graphics, video, sound, USB, Bluetooth, KVM, drivers of
 * one vendor ...) pointers in structs are common, so that such a command is not listed. */
static const struct {
    uint8_t letter, first, last;
} self_contained[] = {
    {'T', 0, 255},                   /* terminals, tunnels, timerfd */
    {'f', 0, 255},                   /* file systems: ext4, fscrypt, fsverity ... */
    {'v', 0, 15},                    /* inode versions */
    {0x15, 0, 255},                  /* file system identity */
    {0xf5, 0, 255},                  /* f2fs */
    {'r', 0, 31},                    /* FAT */
    {0x12, 0, 136},                  /* block devices, less blk-crypto */
    {0x89, 0, 255},                  /* sockets */
    {0x8a, 0, 255},                  /* epoll */
    {0xb7, 0, 255},                  /* namespaces */
    {0xff, 0, 255},                  /* pidfd */
    {'!', 0, 255},                   /* seccomp notification */
    {0xe5, 0, 255},                  /* FUSE */
    {0x93, 0, 255},                  /* autofs */
    {0xb4, 0, 255},                  /* GPIO */
    {'E', 0, 0x91},                  /* input, less EVIOCGMASK */
    {'E', 0x93, 255}, {'j', 0, 255}, /* joysticks */
    {'H', 0, 15},                    /* hidraw, less sound cards and Bluetooth */
    {'R', 0, 15},                    /* random, less RFCOMM */
    {'p', 0, 0x20},                  /* real-time clock, less PPS */
    {'t', 0, 255},                   /* PPP */
    {'W', 0, 255},                   /* watchdogs, watch queues */
    {'L', 0, 255},                   /* loop */
    {'P', 0, 255},                   /* OSS sound */
};

static bool ioctl_generic_listed(const struct syscall_call *c)
{
    uint32_t cmd = (uint32_t)c->args[1];
    size_t i;

    if (_IOC_DIR(cmd) == _IOC_NONE)
        return false;
    for (i = 0; i < sizeof(self_contained) / sizeof(self_contained[0]); i++) {
        if (_IOC_TYPE(cmd) == self_contained[i].letter && _IOC_NR(cmd) >= self_contained[i].first &&
            _IOC_NR(cmd) <= self_contained[i].last)
            return true;
    }
    return false;
}

/* _IOC_READ is the program's view: the kernel writes. */
static void ioctl_generic_handed(struct walk *w, const struct range_rule *rule)
{
    uint32_t cmd = (uint32_t)w->call->args[1];

    (void)rule;
    if (_IOC_DIR(cmd) & _IOC_WRITE)
        walk_add(w, w->call->args[2], _IOC_SIZE(cmd), RANGE_STRUCT);
}

static void ioctl_generic_written(struct walk *w, const struct range_rule *rule)
{
    uint32_t cmd = (uint32_t)w->call->args[1];

    (void)rule;
    if ((_IOC_DIR(cmd) & _IOC_READ) && result_was_tried(w->call->result))
        walk_add_out(w, w->call->args[2], _IOC_SIZE(cmd));
}

static void ioctl_generic_buffers(struct walk *w, const struct range_rule *rule)
{
    uint32_t cmd = (uint32_t)w->call->args[1];

    (void)rule;
    if (_IOC_DIR(cmd) & _IOC_READ)
        walk_buffer_of_arg(w, 2, _IOC_SIZE(cmd), false);
}

const struct walker walker_ioctl_generic = {
    .handed = ioctl_generic_handed,
    .written = ioctl_generic_written,
    .buffers = ioctl_generic_buffers,
    .listed = ioctl_generic_listed,
};

/* ---- A struct with an array behind it, whose length is in the struct ---- */

static const struct counted {
    uint32_t cmd;
    uint16_t header;     /* bytes before the array */
    uint16_t count_at;   /* where the count offered is ... */
    uint16_t count_size; /* ... and how wide */
    uint16_t element;    /* bytes */
    uint16_t filled_at;  /* where the count filled is at exit, as a u32; 0: nowhere */
    bool elements_are_read;
} counted[] = {
    {0xc020660b, 32, 24, 4, 56, 20, false}, /* FS_IOC_FIEMAP */
    {0xc020662a, 32, 24, 4, 56, 20, false}, /* EXT4_IOC_GET_ES_CACHE */
    {0xc0189436, 24, 16, 2, 32, 0, true},   /* FIDEDUPERANGE */
    {0x8008662c, 8, 0, 4, 1, 0, false},     /* EXT4_IOC_GETFSUUID */
    {0xc0096616, 8, 0, 8, 1, 0, false},     /* FS_IOC_GET_ENCRYPTION_POLICY_EX */
    {0xc0046686, 4, 2, 2, 1, 0, false},     /* FS_IOC_MEASURE_VERITY */
    {0xc0101282, 16, 8, 4, 64, 8, false},   /* BLKREPORTZONE */
    {0xc0c0583b, 192, 8, 4, 64, 12, false}, /* FS_IOC_GETFSMAP */
    {0xc0709411, 112, 104, 8, 1, 0, false}, /* BTRFS_IOC_TREE_SEARCH_V2 */
    {0xc0109414, 16, 0, 8, 24, 0, false},   /* BTRFS_IOC_SPACE_INFO */
};

static const struct counted *find_counted(const struct syscall_call *c)
{
    size_t i;

    for (i = 0; i < sizeof(counted) / sizeof(counted[0]); i++) {
        if (counted[i].cmd == (uint32_t)c->args[1])
            return &counted[i];
    }
    return NULL;
}

/* Bytes of header and array; little endian makes a narrow count the low bytes. */
static uint64_t counted_size(const struct counted *k, const uint8_t *header)
{
    uint64_t count = 0, bytes;

    memcpy(&count, header + k->count_at, k->count_size);
    if (__builtin_mul_overflow(count, (uint64_t)k->element, &bytes) || bytes > MOST_BYTES)
        bytes = MOST_BYTES;
    return k->header + bytes;
}

static void counted_handed(struct walk *w, const struct range_rule *rule)
{
    const struct counted *k = find_counted(w->call);
    uint64_t addr = w->call->args[2];
    const uint8_t *header;

    (void)rule;
    if (!k)
        return;
    header = walk_keep(w, addr, k->header);
    if (header)
        walk_add(w, addr, k->elements_are_read ? counted_size(k, header) : k->header, RANGE_STRUCT);
}

static void counted_written(struct walk *w, const struct range_rule *rule)
{
    const struct counted *k = find_counted(w->call);
    uint64_t addr = w->call->args[2], size;
    uint32_t filled;
    size_t len;
    const uint8_t *header;

    (void)rule;
    if (!k)
        return;
    header = walk_kept(w, &len);
    if (!header || !result_was_tried(w->call->result))
        return;
    size = counted_size(k, header);
    if (k->filled_at && !result_is_error(w->call->result) &&
        walk_read_u32(w, addr + k->filled_at, &filled) &&
        k->header + (uint64_t)filled * k->element < size)
        size = k->header + (uint64_t)filled * k->element;
    walk_add_readable(w, addr, size);
}

const struct walker walker_counted = {.handed = counted_handed, .written = counted_written};

/* ---- SIOCGIFCONF: a buffer and its length, value-result ---- */

struct abi_ifconf {
    int32_t len, pad;
    uint64_t buf;
};

static void ifconf_handed(struct walk *w, const struct range_rule *rule)
{
    (void)rule;
    if (walk_keep(w, w->call->args[2], sizeof(struct abi_ifconf)))
        walk_add(w, w->call->args[2], sizeof(struct abi_ifconf), RANGE_STRUCT);
}

static void ifconf_written(struct walk *w, const struct range_rule *rule)
{
    int64_t result = w->call->result;
    struct abi_ifconf before, after;

    (void)rule;
    if (!walk_kept_copy(w, &before, sizeof(before)) || !result_was_tried(result) || before.len < 0)
        return;
    walk_add_out(w, w->call->args[2], sizeof(int32_t));
    if (result_is_error(result))
        walk_add_readable(w, before.buf, (uint64_t)before.len);
    else if (walk_read(w, w->call->args[2], &after, sizeof(after)) && after.len > 0)
        walk_add(w, before.buf, (uint64_t)(after.len < before.len ? after.len : before.len),
                 RANGE_DATA);
}

const struct walker walker_ifconf = {.handed = ifconf_handed, .written = ifconf_written};

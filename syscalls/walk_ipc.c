/* Message queues, and keys. */
#include "walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* ---- msgsnd, msgrcv(msqid, msgp, msgsz, ...): a long for the type, then the text ---- */

static uint64_t message_size(const struct syscall_call *c)
{
    uint64_t size = c->args[2];

    return 8 + (size < MOST_BYTES ? size : 0);
}

static void msgsnd_handed(struct walk *w, const struct range_rule *rule)
{
    (void)rule;
    walk_add(w, w->call->args[1], message_size(w->call), RANGE_DATA);
}

const struct walker walker_msgsnd = {.handed = msgsnd_handed};

static void msgrcv_written(struct walk *w, const struct range_rule *rule)
{
    const struct syscall_call *c = w->call;

    (void)rule;
    if (c->result == -EFAULT)
        walk_add_readable(w, c->args[1], message_size(c));
    else if (!result_is_error(c->result))
        walk_add(w, c->args[1], 8 + (uint64_t)c->result, RANGE_DATA);
}

static void msgrcv_buffers(struct walk *w, const struct range_rule *rule)
{
    (void)rule;
    walk_buffer_of_arg(w, 1, message_size(w->call), true);
}

const struct walker walker_msgrcv = {.written = msgrcv_written, .buffers = msgrcv_buffers};

/* ---- mq_open(name, oflag, mode, attr), mq_notify(mqdes, sevp) ---- */

static void mq_open_handed(struct walk *w, const struct range_rule *rule)
{
    (void)rule;
    if (w->call->args[1] & O_CREAT)
        walk_add(w, w->call->args[3], 64, RANGE_STRUCT);
}

const struct walker walker_mq_open = {.handed = mq_open_handed};

/* struct sigevent; with SIGEV_THREAD its value points to a cookie of 32 bytes. */
static void mq_notify_handed(struct walk *w, const struct range_rule *rule)
{
    uint64_t addr = w->call->args[1];
    struct {
        uint64_t value;
        int32_t signo, notify;
    } event;

    (void)rule;
    if (!walk_read(w, addr, &event, sizeof(event)))
        return;
    walk_add(w, addr, 64, RANGE_STRUCT);
    if (event.notify == 2 /* SIGEV_THREAD */)
        walk_add(w, event.value, 32, RANGE_DATA);
}

const struct walker walker_mq_notify = {.handed = mq_notify_handed};

/* ---- keyctl(KEYCTL_PKEY_*, params, info, in, out) ---- */

struct abi_pkey_params {
    int32_t key_id;
    uint32_t in_len, out_len, spare[7];
};

static void pkey_crypt_handed(struct walk *w, const struct range_rule *rule)
{
    const uint64_t *args = w->call->args;
    const void *kept = walk_keep(w, args[1], sizeof(struct abi_pkey_params));
    struct abi_pkey_params p;

    (void)rule;
    if (!kept)
        return;
    memcpy(&p, kept, sizeof(p));
    walk_add(w, args[1], sizeof(p), RANGE_STRUCT);
    walk_add_string(w, args[2], 4096);
    walk_add(w, args[3], p.in_len, RANGE_DATA);
}

static void pkey_crypt_written(struct walk *w, const struct range_rule *rule)
{
    struct abi_pkey_params p;
    int64_t result = w->call->result;

    (void)rule;
    if (!walk_kept_copy(w, &p, sizeof(p)))
        return;
    if (result == -EFAULT)
        walk_add_readable(w, w->call->args[4], p.out_len);
    else if (!result_is_error(result))
        walk_add(w, w->call->args[4], (uint64_t)result < p.out_len ? (uint64_t)result : p.out_len,
                 RANGE_DATA);
}

const struct walker walker_pkey_crypt = {
    .handed = pkey_crypt_handed,
    .written = pkey_crypt_written,
};

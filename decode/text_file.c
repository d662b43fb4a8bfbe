/* Owns what files, terminals and queues take: handles, times, termios, messages. */
#include "decode/text_types.h"

#include <asm/termbits.h>
#include <sys/sem.h>

/* ---- file handles ---- */

static void put_file_handle(struct text *t, uint64_t v, bool makes)
{
    uint32_t before = 0, head[2];
    uint8_t data[128];
    size_t n = v != 0 ? read_in(t, v, &before, sizeof before) : 0;
    if (n < sizeof before) {
        put_addr(t, v);
        return;
    }
    put_fmt(t, "{handle_bytes=%u", before);
    bool told = makes ? t->call->done && !t->failed : true;
    if (told && (makes ? read_out(t, v, head, sizeof head) : read_in(t, v, head, sizeof head)) ==
                    sizeof head) {
        if (makes && !t->failed)
            put_fmt(t, " => %u", head[0]);
        put_fmt(t, ", handle_type=%#x, f_handle=0x", head[1]);
        size_t len = head[0] < sizeof data ? head[0] : sizeof data;
        len = makes ? read_out(t, v + 8, data, len) : read_in(t, v + 8, data, len);
        for (size_t i = 0; i < len; i++)
            put_fmt(t, "%02x", data[i]);
    }
    put(t, "}");
}

void text_file_handle(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_file_handle(t, v, false);
}

void text_file_handle_out(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_file_handle(t, v, true);
}

/* ---- times of files ---- */

#define ABI_UTIME_NOW  0x3fffffff
#define ABI_UTIME_OMIT 0x3ffffffe

static void put_time(struct text *t, const int64_t time[2], bool nano)
{
    if (nano && time[1] == ABI_UTIME_NOW) {
        put(t, "UTIME_NOW");
        return;
    }
    if (nano && time[1] == ABI_UTIME_OMIT) {
        put(t, "UTIME_OMIT");
        return;
    }
    put_fmt(t, "{tv_sec=%lld, tv_%s=%lld}", (long long)time[0], nano ? "nsec" : "usec",
            (long long)time[1]);
    if (time[0] < 0 || time[1] < 0)
        return;
    put(t, " /* ");
    put_date(t, time[0], (uint64_t)time[1], nano ? 9 : 6);
    put(t, " */");
}

static void put_times(struct text *t, uint64_t v, bool nano)
{
    int64_t times[4];
    if (v == 0 || read_in(t, v, times, sizeof times) < sizeof times) {
        put_addr(t, v);
        return;
    }
    put(t, "[");
    put_time(t, times, nano);
    put(t, ", ");
    put_time(t, times + 2, nano);
    put(t, "]");
}

void text_times(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_times(t, v, true);
}

void text_timevals(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_times(t, v, false);
}

/* ---- terminals ---- */

static const struct constant bauds[] = {
    {B0, CBAUD, "B0"},           {B50, CBAUD, "B50"},         {B110, CBAUD, "B110"},
    {B300, CBAUD, "B300"},       {B1200, CBAUD, "B1200"},     {B2400, CBAUD, "B2400"},
    {B4800, CBAUD, "B4800"},     {B9600, CBAUD, "B9600"},     {B19200, CBAUD, "B19200"},
    {B38400, CBAUD, "B38400"},   {B57600, CBAUD, "B57600"},   {B115200, CBAUD, "B115200"},
    {B230400, CBAUD, "B230400"}, {B460800, CBAUD, "B460800"},
};
static const struct constant_set baud_set = {"B", bauds, sizeof bauds / sizeof bauds[0], false};

static const struct {
    uint32_t word, bit;
    const char *name;
} modes[] = {
    {1, OPOST, "opost"},
    {3, ISIG, "isig"},
    {3, ICANON, "icanon"},
    {3, ECHO, "echo"},
};

void text_termios(struct text *t, size_t arg, uint64_t v)
{
    uint32_t w[4]; /* c_iflag, c_oflag, c_cflag, c_lflag of struct ktermios */
    (void)arg;
    if (v == 0 || read_either(t, v, w, sizeof w) < sizeof w) {
        put_addr(t, v);
        return;
    }
    if (t->style->verbose) {
        put_fmt(t, "{c_iflag=%#x, c_oflag=%#x, c_cflag=%#x, c_lflag=%#x, ...}", w[0], w[1], w[2],
                w[3]);
        return;
    }
    put(t, "{");
    put_set(t, &baud_set, w[2] & CBAUD);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        put_fmt(t, " %s%s", (w[modes[i].word] & modes[i].bit) != 0 ? "" : "-", modes[i].name);
    put(t, " ...}");
}

/* ---- semaphores, messages ---- */

static void put_sembuf(struct text *t, const uint8_t *data)
{
    struct sembuf b;
    memcpy(&b, data, sizeof b);
    put_fmt(t, "{sem_num=%u, sem_op=%d, sem_flg=", b.sem_num, b.sem_op);
    put_set(t, arg_type_info(TYPE_SEM_FLAGS)->set, (uint16_t)b.sem_flg);
    put(t, "}");
}

void text_sembufs(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    if (!put_elements(t, v, (uint32_t)t->call->args[2], sizeof(struct sembuf), put_sembuf))
        put_addr(t, v);
}

/* struct msgbuf: a type, then the text. */
static void put_msgbuf(struct text *t, uint64_t v, bool out)
{
    int64_t type;
    uint64_t len = out && t->call->done ? (uint64_t)t->call->result : t->call->args[2];
    if (v == 0 || (out && (t->failed || !t->call->done)) ||
        read_either(t, v, &type, sizeof type) < sizeof type) {
        put_addr(t, v);
        return;
    }
    put_fmt(t, "{mtype=%lld, mtext=", (long long)type);
    if (len == 0 || !put_bytes(t, out, v + 8, len, false))
        put(t, "\"\"");
    put(t, "}");
}

void text_msgbuf(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_msgbuf(t, v, false);
}

void text_msgbuf_out(struct text *t, size_t arg, uint64_t v)
{
    (void)arg;
    put_msgbuf(t, v, true);
}

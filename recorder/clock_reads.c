/* Owns the way of clock reads from the ring of the vDSO into the trace: each becomes an event as if
 * it had stopped; time stamps that are read in a row are in one event, as each would
 * cost more than its reading. */
#include "recorder/clock_reads.h"

#include "base/page.h"
#include "recorder/hot_reads.h"
#include "task/made_calls.h"
#include "vdso/tsc_read.h"
#include "vdso/vdso_image.h"

#include <sys/mman.h>
#include <sys/uio.h>

static Reprise__Mapping *mapping(struct recorder *r, uint64_t addr, uint64_t len, int prot)
{
    Reprise__Mapping *m = emit_alloc(r, sizeof *m);
    reprise__mapping__init(m);
    m->addr = addr;
    m->len = len;
    m->prot = (uint32_t)prot;
    m->flags = MAP_PRIVATE;
    return m;
}

void clock_reads_add_mappings(struct recorder *r, struct emit_list *list)
{
    static const char name[] = "[vdso]";
    Reprise__Mapping *code = mapping(r, VDSO_ADDR, VDSO_SIZE, PROT_READ | PROT_EXEC);
    struct blob_id id; /* as of a file: a replay can then redirect its calls */
    int err = trace_writer_blob(r->writer, vdso_image, VDSO_SIZE, &id);
    if (err < 0)
        recorder_give_up(r, -err, "cannot write the trace");
    else
        code->blob = emit_copy(r, id.bytes, BLOB_ID_SIZE);
    code->name = emit_copy(r, name, sizeof name - 1);
    emit_push(r, list, code);
    emit_push(r, list, mapping(r, CLOCK_RING_ADDR, CLOCK_RING_SIZE, PROT_READ | PROT_WRITE));
}

void clock_reads_note_caller(struct task *t, uint64_t ip)
{
    if (t->space->has_vdso && clock_reads_has_code_at(ip))
        t->space->reads_clocks = true;
}

static void log_read(struct recorder *r, struct task *t, const struct clock_read *read,
                     uint64_t time)
{
    uint64_t args[2] = {(uint64_t)(int64_t)read->clock, read->addr};
    Reprise__Syscall s = REPRISE__SYSCALL__INIT;
    s.nr = NR_CLOCK_GETTIME;
    s.ip = CLOCK_SILENT_IP;
    s.args = args;
    s.n_args = 2;
    s.result = read->result;
    Reprise__Range *out = NULL;
    if (read->result == 0 && read->addr != 0) {
        out = emit_bytes(r, read->addr, &read->sec, 2 * sizeof read->sec);
        s.out = &out;
        s.n_out = 1;
    }
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.time = time;
    e.body_case = REPRISE__EVENT__BODY_SYSCALL;
    e.syscall = &s;
    emit_event(r, t, &e);
}

static size_t peek_len_at(uint64_t addr)
{
    size_t to_page_end = PAGE - (size_t)(addr & (PAGE - 1));
    return to_page_end < PEEK_MAX ? to_page_end : PEEK_MAX;
}

/* How many were made, and the next few behind the first `done`, in one request: mostly that is all
 * there are. */
#define FEW 8
struct clock_batch {
    uint64_t n;
    struct clock_read reads[CLOCK_RING_SLOTS];
    size_t len; /* of reads; 0: the next one was traced */
};
#define HEAD_SIZE sizeof(uint64_t)

/* Reads at most `max`, and what may be a string at `peek_at` along with it, unless that is 0. */
static bool read_batch(struct task *t, uint64_t done, size_t max, uint64_t peek_at,
                       struct clock_batch *ret)
{
    size_t slot = done % CLOCK_RING_SLOTS;
    size_t len = slot == 0 ? 0 : CLOCK_RING_SLOTS - slot;
    if (len > max)
        len = max;
    uint64_t at = CLOCK_RING_ADDR + slot * sizeof ret->reads[0];
    size_t peek_len = peek_at != 0 ? peek_len_at(peek_at) : 0;
    struct iovec remote[] = {
        {.iov_base = (void *)CLOCK_RING_ADDR, .iov_len = HEAD_SIZE},
        {.iov_base = (void *)at, .iov_len = len * sizeof ret->reads[0]},
        {.iov_base = (void *)peek_at, .iov_len = peek_len},
    };
    struct iovec local[] = {
        {.iov_base = ret, .iov_len = remote[0].iov_len + remote[1].iov_len},
        {.iov_base = t->peek.data, .iov_len = peek_len},
    };
    ssize_t got = process_vm_readv(t->tid, local, 2, remote, 3, 0);
    if (peek_len > 0 && got == (ssize_t)(local[0].iov_len + peek_len)) {
        t->peek.addr = peek_at;
        t->peek.len = peek_len;
    }
    ret->len = len;
    return got >= (ssize_t)local[0].iov_len;
}

static bool is_tsc(const struct clock_read *read)
{
    return read->clock == TSC_READ_CLOCK || read->clock == TSCP_READ_CLOCK;
}

/* Time stamps that are read in a row become one event. */
#define OTHERS 15
struct stamps {
    struct recorder *r;
    const struct task *t;
    Reprise__Trap trap;
    uint64_t addrs[1 + OTHERS]; /* of the reads, by instruction: the event's own is first */
    struct emit_list others;
};

static Reprise__Trap__Kind kind_of(const struct clock_read *read)
{
    return read->clock == TSCP_READ_CLOCK ? REPRISE__TRAP__KIND__RDTSCP
                                          : REPRISE__TRAP__KIND__RDTSC;
}

static uint64_t address_of(const struct task *t, const struct clock_read *read, uint64_t *ret_back)
{
    size_t len = read->clock == TSCP_READ_CLOCK ? 3 : 2;
    uint64_t ip = hot_reads_address(t, read->addr, len);
    *ret_back = ip + len != read->addr ? read->addr : 0;
    return ip;
}

/* Number of the instruction that has read it, in the event; SIZE_MAX: there are too many. */
static size_t number_of(struct stamps *s, const struct clock_read *read)
{
    for (size_t i = 0; i <= s->others.n; i++)
        if (s->addrs[i] == read->addr)
            return i;
    if (s->others.n == OTHERS)
        return SIZE_MAX;
    Reprise__TrapSite *site = emit_alloc(s->r, sizeof *site);
    reprise__trap_site__init(site);
    site->kind = kind_of(read);
    site->ip = address_of(s->t, read, &site->back);
    emit_push(s->r, &s->others, site);
    s->addrs[s->others.n] = read->addr;
    return s->others.n;
}

static bool add_stamp(struct stamps *s, const struct clock_read *read)
{
    size_t number = is_tsc(read) ? number_of(s, read) : SIZE_MAX;
    if (number == SIZE_MAX)
        return false;
    Reprise__Trap *trap = &s->trap;
    trap->by[trap->n_more] = (uint32_t)number;
    trap->more[trap->n_more++] = (uint64_t)read[0].sec - (uint64_t)read[-1].sec;
    return true;
}

/* Returns how many of the reads, of which the first is a time stamp, were logged. */
static size_t log_tsc(struct recorder *r, struct task *t, const struct clock_read *reads, size_t n,
                      uint64_t time)
{
    struct stamps s = {.r = r, .t = t, .trap = REPRISE__TRAP__INIT, .addrs = {reads->addr}};
    Reprise__Trap *trap = &s.trap;
    trap->kind = kind_of(reads);
    trap->ip = address_of(t, reads, &trap->back);
    trap->tsc = (uint64_t)reads->sec;
    trap->by_stub = true;
    trap->more = emit_alloc(r, n * sizeof *trap->more);
    trap->by = emit_alloc(r, n * sizeof *trap->by);
    size_t done = 1;
    while (done < n && add_stamp(&s, &reads[done]))
        done++;
    bool others = s.others.n > 0;
    trap->aux = others || trap->kind == REPRISE__TRAP__KIND__RDTSCP ? t->space->tsc_aux : 0;
    trap->n_by = others ? trap->n_more : 0;
    trap->others = (Reprise__TrapSite **)s.others.v;
    trap->n_others = s.others.n;
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.time = time;
    e.body_case = REPRISE__EVENT__BODY_TRAP;
    e.trap = trap;
    emit_event(r, t, &e);
    return done;
}

static void log_batch(struct recorder *r, struct task *t, const struct clock_batch *batch,
                      uint64_t n, uint64_t time)
{
    struct space *s = t->space;
    size_t len = n - s->clock_reads < batch->len ? (size_t)(n - s->clock_reads) : batch->len;
    for (size_t i = 0, done; i < len; i += done, s->clock_reads += done) {
        done = 1;
        if (is_tsc(&batch->reads[i]))
            done = log_tsc(r, t, &batch->reads[i], len - i, time);
        else
            log_read(r, t, &batch->reads[i], time);
    }
}

static void log_until(struct recorder *r, struct task *t, uint64_t limit, uint64_t time,
                      uint64_t peek_at)
{
    struct space *s = t->space;
    size_t max = FEW;
    for (; s->reads_clocks && s->clock_reads < limit; peek_at = 0, max = CLOCK_RING_SLOTS) {
        struct clock_batch batch;
        if (!read_batch(t, s->clock_reads, max, peek_at, &batch))
            return;
        uint64_t n = batch.n < limit ? batch.n : limit;
        if (n <= s->clock_reads)
            return;
        log_batch(r, t, &batch, n, time);
        if (s->clock_reads < n && s->clock_reads % CLOCK_RING_SLOTS == 0)
            s->clock_reads++; /* that one was traced */
    }
}

void clock_reads_log(struct recorder *r, struct task *t)
{
    log_until(r, t, UINT64_MAX, 0, 0);
}

void clock_reads_log_peeking(struct recorder *r, struct task *t, uint64_t peek_at)
{
    log_until(r, t, UINT64_MAX, 0, peek_at);
}

void clock_reads_log_before(struct recorder *r, struct task *t, uint64_t n, uint64_t time)
{
    log_until(r, t, n, time, 0);
}

bool clock_reads_is_silent_call(struct task *t)
{
    struct user_regs_struct regs;
    if (!t->space->has_vdso || tracee_get_regs(t->tid, &regs) < 0 ||
        regs_ip(&regs) != CLOCK_SILENT_IP)
        return false;
    /* the first read was another thread's, whose own tracer has not let it into that call yet */
    t->space->reads_clocks = true;
    return true;
}

bool clock_reads_has_code_at(uint64_t ip)
{
    return ip - VDSO_ADDR < VDSO_SIZE;
}

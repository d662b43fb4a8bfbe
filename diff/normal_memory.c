/* Owns the reading of memory: structs by the rules, addresses wherever they are, words in text. */
#include "diff/normal_memory.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#define TOKEN_SOME    0x736f6d65u
#define ADDRESS_MIN   0x10000u
#define EPHEMERAL_MIN 32768 /* net.ipv4.ip_local_port_range, as the kernel sets it */
#define POINTERS_MAX  64    /* bytes of a plain buffer in which addresses are looked for */
#define NS            1000000000
#define LEAP_NS       (4 * (int64_t)NS) /* what a task may be late, and more */
#define ROUND_NS      1000000           /* a timeout of whole ms was not computed */
#define ABSOLUTE_S    100000000         /* a timeout of years is a moment */
#define DIRENT_NAME   19                /* struct linux_dirent64: ino, off, reclen, type, name */
#define SIGNALFD_SIZE 128

static uint64_t load(const uint8_t *data, size_t size)
{
    uint64_t value = 0;
    memcpy(&value, data, size);
    return value;
}

static uint64_t pointer(void *ctx, uint64_t address)
{
    return addr_space_token(ctx, address);
}

void normal_memory_text(struct normal_words *w, struct mixer *mixer, const void *data, size_t len)
{
    words_mix(&w->m->words, mixer, data, len, w->space != NULL ? pointer : NULL, (void *)w->space);
}

/* ---- clocks ---- */

void normal_memory_clock(struct model *m, struct mixer *mixer, int clock, int64_t seconds,
                         int64_t nanoseconds)
{
    const Reprise__Header *h = trace_reader_header(trace_walk_reader(m->walk));
    bool of_day = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
    bool since_boot = clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_RAW ||
                      clock == CLOCK_MONOTONIC_COARSE || clock == CLOCK_BOOTTIME;
    int64_t value, off, own = (int64_t)m->event.time;
    uint64_t raw = mix_u64((uint64_t)seconds, (uint64_t)nanoseconds), token = TOKEN_SOME;
    if ((of_day || since_boot) && clock < MODEL_CLOCKS &&
        !__builtin_mul_overflow(seconds, (int64_t)NS, &value) &&
        !__builtin_add_overflow(value, nanoseconds, &value) &&
        !__builtin_sub_overflow(value, own, &off)) {
        if (!m->clock_known[clock]) {
            m->clock_known[clock] = true;
            m->clock_base[clock] = of_day ? (int64_t)h->start_unix_ns : off;
        }
        int64_t leap;
        if (clock == CLOCK_TAI) /* may be 37 s ahead */
            leap = 0;
        else if (__builtin_sub_overflow(off, m->clock_base[clock], &leap))
            leap = INT64_MAX;
        if (leap > LEAP_NS || leap < -LEAP_NS)
            token = mix_u64(TOKEN_SOME, (uint64_t)(leap / LEAP_NS));
    }
    mixer_ignore(mixer, IGNORED_TIME, raw, token);
}

static void mix_clock(struct model *m, struct mixer *mixer, const struct walk_call *c,
                      const uint8_t *data, size_t len)
{
    enum syscall_clock form = syscall_traits(c->nr)->clock;
    int clock = form == CLOCK_READ_NS ? (int)c->args[0] : CLOCK_REALTIME;
    if (len == 8)
        normal_memory_clock(m, mixer, clock, (int64_t)load(data, 8), 0);
    else if (len >= 16)
        normal_memory_clock(m, mixer, clock < 0 ? MODEL_CLOCKS : clock, (int64_t)load(data, 8),
                            (int64_t)load(data + 8, 8) * (form == CLOCK_READ_US ? 1000 : 1));
}

/* ---- structs ---- */

static void mix_task_number(struct model *m, struct mixer *mixer, int32_t tid)
{
    if (tid <= 0)
        mixer_plain(mixer, (uint64_t)(int64_t)tid);
    else
        mixer_ignore(mixer, IGNORED_TASK_ID, (uint64_t)tid, model_tid_token(m, tid));
}

/* Words that are addresses are taken as such, wherever they stand. */
static void mix_struct(struct mixer *mixer, const struct addr_space *space, const uint8_t *data,
                       size_t len)
{
    if (len == 0)
        return;
    size_t done = 0;
    for (size_t i = 0; i + 8 <= len;) {
        uint64_t value = load(data + i, 8);
        uint64_t token = value >= ADDRESS_MIN ? addr_space_token(space, value) : 0;
        if (token == 0) {
            i += 4;
            continue;
        }
        mixer_bytes(mixer, data + done, i - done);
        mixer_ignore(mixer, IGNORED_ADDRESS, value, token);
        i += 8;
        done = i;
    }
    mixer_bytes(mixer, data + done, len - done);
}

static void mix_timeout(struct mixer *mixer, const uint8_t *data, size_t len)
{
    if (len < 16)
        return;
    int64_t s = (int64_t)load(data, 8), ns = (int64_t)load(data + 8, 8);
    if (ns % ROUND_NS == 0 && s < ABSOLUTE_S) {
        mixer_plain(mixer, (uint64_t)s);
        mixer_plain(mixer, (uint64_t)ns);
    } else {
        mixer_ignore(mixer, IGNORED_TIME, mix_u64((uint64_t)s, (uint64_t)ns), TOKEN_SOME);
    }
}

static void mix_field(struct model *m, struct mixer *mixer, const struct field *f, bool in,
                      const uint8_t *data, size_t len)
{
    if ((f->kind == FIELD_TASK || f->kind == FIELD_FD) && len < 4)
        return;
    switch ((enum field_kind)f->kind) {
    case FIELD_IGNORED:
        mixer_ignore(mixer, (enum ignored)f->ignored, mix_hash(0, data, len), TOKEN_SOME);
        break;
    case FIELD_TASK:
        mix_task_number(m, mixer, (int32_t)load(data, 4));
        break;
    case FIELD_FD: /* one that the kernel made is known by what is done with it */
        mixer_ignore(mixer, IGNORED_FD, load(data, 4),
                     in ? model_fd_token(m, m->event.task, (int)load(data, 4)) : TOKEN_SOME);
        break;
    case FIELD_TIMEOUT:
        mix_timeout(mixer, data, len);
        break;
    }
}

static void mix_fields(struct model *m, struct mixer *mixer, const struct model_task *t,
                       const struct field_rule *rule, const uint8_t *data, size_t len)
{
    if (len == 0)
        return;
    size_t done = 0;
    for (size_t i = 0; i < rule->n_fields && rule->fields[i].offset < len; i++) {
        const struct field *f = &rule->fields[i];
        size_t size =
            f->size == UINT16_MAX || f->size > len - f->offset ? len - f->offset : f->size;
        mix_struct(mixer, t->space, data + done, f->offset - done);
        mix_field(m, mixer, f, rule->in, data + f->offset, size);
        done = f->offset + size;
    }
    mix_struct(mixer, t->space, data + done, len - done);
}

/* One that was open when the recording began: what others wrote to it shows in its size. */
static bool is_inherited(struct model *m, const struct walk_call *c)
{
    enum arg_kind first = syscall_traits(c->nr)->args[0];
    bool by_fd = c->n_args > 0 && (first == ARG_FD || first == ARG_DIRFD);
    int fd = by_fd ? (int)c->args[0] : -1;
    const struct fd_object *o = fd >= 0 ? fd_follow_get(m->fds, m->event.task, fd) : NULL;
    return fd >= 0 && (o == NULL || o->kind == FD_UNKNOWN);
}

/* Who else puts files into a directory shows in its size and in its number of links. */
static void mix_stat(struct model *m, struct mixer *mixer, const struct model_task *t,
                     const struct walk_call *c, const struct field_rule *rule, const uint8_t *data,
                     size_t len)
{
    struct stat st;
    if (len != sizeof st) {
        mix_fields(m, mixer, t, rule, data, len);
        return;
    }
    memcpy(&st, data, sizeof st);
    if (S_ISDIR(st.st_mode) || is_inherited(m, c)) {
        mixer_ignore(mixer, IGNORED_USAGE, mix_u64((uint64_t)st.st_size, st.st_nlink), TOKEN_SOME);
        st.st_size = 0;
        st.st_nlink = 0;
    }
    mix_fields(m, mixer, t, rule, (const uint8_t *)&st, sizeof st);
}

void normal_memory_siginfo(struct model *m, struct mixer *mixer, const struct model_task *t,
                           const uint8_t *info, size_t len)
{
    siginfo_t si = {0};
    if (len > 0)
        memcpy(&si, info, len < sizeof si ? len : sizeof si);
    mixer_plain(mixer, (uint64_t)si.si_signo);
    mixer_plain(mixer, (uint64_t)si.si_code);
    if (si.si_signo == SIGCHLD || si.si_code <= 0) {
        mix_task_number(m, mixer, si.si_pid);
        mixer_plain(mixer, si.si_uid);
        mixer_plain(mixer, (uint64_t)si.si_status);
    } else {
        mix_struct(mixer, t->space, (const uint8_t *)&si + 16, 8);
    }
}

static bool is_learnt_port(const struct model *m, uint16_t port)
{
    return map64_get(&m->words.numbers, port) != NULL;
}

static void mix_sockaddr(struct model *m, struct mixer *mixer, bool in, const uint8_t *data,
                         size_t len)
{
    uint64_t family = len >= 2 ? load(data, 2) : 0;
    struct normal_words w = {.m = m};
    if ((family == AF_INET || family == AF_INET6) && len >= 8) {
        uint16_t port = ntohs((uint16_t)load(data + 2, 2));
        if (!in && port >= EPHEMERAL_MIN) /* -ENOMEM: it is not followed */
            words_add_number(&m->words, port, IGNORED_PORT, TOKEN_SOME);
        mixer_plain(mixer, family);
        if (port >= EPHEMERAL_MIN && is_learnt_port(m, port))
            mixer_ignore(mixer, IGNORED_PORT, port, TOKEN_SOME);
        else
            mixer_plain(mixer, port);
        mixer_bytes(mixer, data + 4, len - 4);
    } else if (family == AF_NETLINK && len >= 12) {
        mixer_ignore(mixer, IGNORED_PORT, load(data + 4, 4), TOKEN_SOME);
        mixer_bytes(mixer, data + 8, len - 8);
    } else if (family == AF_UNIX && len > 2 && data[2] != 0) { /* behind the NUL may be anything */
        normal_memory_text(&w, mixer, data + 2, strnlen((const char *)data + 2, len - 2));
    } else {
        normal_memory_text(&w, mixer, data, len);
    }
}

/* The names in any order; which of them are there counts. */
static void mix_dirents(struct model *m, struct mixer *mixer, const uint8_t *data, size_t len)
{
    uint64_t set = 0, order = 0;
    size_t n = 0;
    for (size_t i = 0; i + DIRENT_NAME < len;) {
        size_t size = load(data + i + 16, 2);
        if (size <= DIRENT_NAME || size > len - i)
            break;
        const char *name = (const char *)data + i + DIRENT_NAME;
        size_t name_len = strnlen(name, size - DIRENT_NAME);
        uint64_t token = mix_u64(model_path_token(m, name, name_len), data[i + 18]);
        set += token;
        order = mix_u64(order, token);
        n++;
        i += size;
    }
    mixer_plain(mixer, n);
    mixer_ignore(mixer, IGNORED_INODE, mix_hash(0, data, len), TOKEN_SOME);
    mixer_ignore(mixer, IGNORED_DIR_ORDER, order, set);
}

/* ---- reads ---- */

static const struct fd_object *read_from(struct model *m, const struct walk_call *c)
{
    const struct syscall_row *row = syscall_traits(c->nr);
    if (!syscall_reads_file(row) || c->n_args <= row->io.in_fd)
        return NULL;
    return fd_follow_get(m->fds, m->event.task, (int)c->args[row->io.in_fd]);
}

static bool starts_with(const char *path, const char *prefix)
{
    return path != NULL && strncmp(path, prefix, strlen(prefix)) == 0;
}

bool normal_memory_is_proc(struct model *m, const struct walk_call *c)
{
    const struct fd_object *o = read_from(m, c);
    return o != NULL && (starts_with(o->path, "/proc/") || starts_with(o->path, "/sys/"));
}

/* True: what was read is ignored, by where it came from. */
static bool mix_special_read(struct model *m, struct mixer *mixer, const struct model_task *t,
                             const struct walk_call *c, const uint8_t *data, size_t len)
{
    const struct fd_object *o = read_from(m, c);
    enum ignored kind;
    if (o == NULL)
        return false;
    if (starts_with(o->path, "/proc/") || starts_with(o->path, "/sys/")) {
        kind = IGNORED_PROC;
    } else if (o->path != NULL &&
               (strcmp(o->path, "/dev/urandom") == 0 || strcmp(o->path, "/dev/random") == 0)) {
        kind = IGNORED_RANDOM;
    } else if (o->kind == FD_TIMERFD) {
        kind = IGNORED_TIME;
    } else if (o->kind == FD_SIGNALFD && len >= SIGNALFD_SIZE) {
        mixer_plain(mixer, load(data, 4));
        mix_task_number(m, mixer, (int32_t)load(data + 12, 4));
        return true;
    } else {
        return false;
    }
    (void)t;
    mixer_ignore(mixer, kind, mix_hash(0, data, len), TOKEN_SOME);
    return true;
}

/* ---- ranges ---- */

static const struct field_rule *rule_of(const struct model *m, const struct walk_call *c,
                                        const Reprise__Range *range, bool in)
{
    for (unsigned i = 0; i < c->n_args; i++) {
        const struct field_rule *rule = field_rules_find(m->rules, c->nr, i, in);
        if (rule != NULL && c->args[i] == range->addr)
            return rule;
    }
    return NULL;
}

static void mix_shaped(struct model *m, struct mixer *mixer, const struct model_task *t,
                       const struct walk_call *c, const struct field_rule *rule,
                       const uint8_t *data, size_t len)
{
    switch ((enum field_shape)rule->shape) {
    case SHAPE_FIELDS:
        for (size_t i = 0, n; i < len; i += n) {
            n = rule->every != 0 && rule->every < len - i ? rule->every : len - i;
            mix_fields(m, mixer, t, rule, data + i, n);
        }
        break;
    case SHAPE_CLOCK:
        mix_clock(m, mixer, c, data, len);
        break;
    case SHAPE_SIGINFO:
        normal_memory_siginfo(m, mixer, t, data, len);
        break;
    case SHAPE_SOCKADDR:
        mix_sockaddr(m, mixer, rule->in, data, len);
        break;
    case SHAPE_DIRENTS:
        mix_dirents(m, mixer, data, len);
        break;
    case SHAPE_STAT:
        mix_stat(m, mixer, t, c, rule, data, len);
        break;
    }
}

static void mix_content(struct model *m, struct mixer *mixer, const struct model_task *t,
                        const struct walk_call *c, const Reprise__Range *range, bool in)
{
    const uint8_t *data = range->data.data;
    size_t len = range->data.len;
    const struct field_rule *rule = rule_of(m, c, range, in);
    bool tells_task = len == 4 && !in &&
                      (field_rules_result(m->rules, c->nr) == RESULT_TASK ||
                       syscall_commands(c->nr) == COMMANDS_IOCTL) &&
                      map64_get(&m->by_tid, load(data, 4)) != NULL;
    if (rule != NULL) {
        mix_shaped(m, mixer, t, c, rule, data, len);
    } else if (tells_task) {
        mix_task_number(m, mixer, (int32_t)load(data, 4));
    } else if (!in && mix_special_read(m, mixer, t, c, data, len)) {
        return;
    } else if (range->kind == REPRISE__RANGE__KIND__STRUCT ||
               (range->kind == REPRISE__RANGE__KIND__DATA && len % 8 == 0 && len <= POINTERS_MAX)) {
        mix_struct(mixer, t->space, data, len);
    } else {
        struct normal_words w = {.m = m, .space = t->space};
        normal_memory_text(&w, mixer, data, len);
    }
}

void normal_memory_range(struct model *m, struct mixer *mixer, const struct model_task *t,
                         const struct walk_call *c, const Reprise__Range *range, bool in)
{
    uint64_t values = mixer->values, names = mixer->names;
    if (!in && (normal_memory_is_proc(m, c) || syscall_traits(c->nr)->random)) {
        mixer_plain(mixer, 1); /* how much is told by the result */
    } else {
        mixer_plain(mixer, range->len);
    }
    if (range->blob.len > 0) {
        if (in || !mix_special_read(m, mixer, t, c, range->blob.data, range->blob.len))
            mixer_bytes(mixer, range->blob.data, range->blob.len);
        return;
    }
    mix_content(m, mixer, t, c, range, in);
    /* The hash of all of it would tell words that were replaced, too. */
    if (range->data.len < range->len && values == mixer->values && names == mixer->names)
        mixer_plain(mixer, range->hash);
}

/* ---- exec ---- */

/* Those that differ between any two shells. */
static const char *const odd_variables[] = {
    "_=",
    "SHLVL=",
    "OLDPWD=",
    "WINDOWID=",
    "SSH_CLIENT=",
    "SSH_CONNECTION=",
    "SSH_TTY=",
    "INVOCATION_ID=",
    "JOURNAL_STREAM=",
    "XDG_SESSION_ID=",
};

bool normal_memory_is_odd_variable(const void *text, size_t len)
{
    for (size_t i = 0; i < sizeof odd_variables / sizeof odd_variables[0]; i++) {
        size_t n = strlen(odd_variables[i]);
        if (len >= n && memcmp(text, odd_variables[i], n) == 0)
            return true;
    }
    return false;
}

void normal_memory_variable(struct model *m, struct mixer *mixer, const void *text, size_t len)
{
    if (len > 0 && ((const char *)text)[len - 1] == '\0')
        len--;
    if (normal_memory_is_odd_variable(text, len)) {
        mixer_ignore(mixer, IGNORED_ENVIRONMENT, mix_hash(0, text, len), TOKEN_SOME);
    } else {
        mixer->norm += model_path_token(m, text, len);
        mixer->literal += mix_hash(0, text, len);
    }
}

void normal_memory_exec(struct model *m, struct mixer *mixer, const struct walk_call *c)
{
    int argv = syscall_arg_of_kind(syscall_traits(c->nr), ARG_STRINGS); /* envp follows */
    if (argv < 0 || c->n_args < (size_t)argv + 2)
        return;
    size_t first = (size_t)argv;
    struct normal_words w = {.m = m};
    struct mixer variables = {.strict = mixer->strict};
    bool in_env = false;
    for (size_t i = 0; i < c->n_in; i++) {
        const Reprise__Range *range = c->in[i];
        if (range->addr == c->args[first] || range->addr == c->args[first + 1])
            in_env = range->addr == c->args[first + 1];
        if (range->kind != REPRISE__RANGE__KIND__STRING)
            continue;
        if (in_env)
            normal_memory_variable(m, &variables, range->data.data, range->data.len);
        else
            normal_memory_text(&w, mixer, range->data.data, range->data.len);
    }
    mixer->norm = mix_u64(mixer->norm, variables.norm);
    mixer->literal = mix_u64(mixer->literal, variables.literal);
    mixer->kinds |= variables.kinds;
    mixer->values = mix_u64(mixer->values, variables.values);
}

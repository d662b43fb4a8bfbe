/* adversary [OPTION...] TRACE...: changes traces by what they mean, replays them, and watches.
 *
 * Ends with 0 if nothing was found. What was found is told with the command that does it again. */
#include "mutate.h"
#include "specimen.h"
#include "trial.h"
#include "watch_calls.h"
#include "watch_effects.h"
#include "weaken.h"

#include "base/die_with_parent.h"
#include "format/delimited.h"
#include "format/event_blobs.h"
#include "format/event_check.h"
#include "format/event_pack.h"
#include "format/trace_reader.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "usage: adversary [OPTION...] TRACE...\n"
    "  --seed=N --from=N --count=N  which changed traces: number FROM to FROM + COUNT - 1 of SEED\n"
    "  --seconds=N                  ends earlier\n"
    "  --as-is                      the traces are not changed, nor looked at\n"
    "  --read                       the traces are read, not replayed, all in this process\n"
    "  --events                     the same with single events\n"
    "  --keep=DIR                   where those are put that something was found with\n"
    "  --memory=MIB --tasks=N       what a replay may take\n"
    "  --limit=MS                   when it is looked at what takes so long\n"
    "  --without=LIST               what is taken away (weaken.h)\n"
    "  --blind                      calls are not watched\n"
    "  --show                       what the replayer says of each\n";

static struct {
    uint64_t seed, from, count, seconds, memory_mib, tasks, limit_ms;
    bool as_is, read_only, events, blind, show;
    int keep; /* directory, or -1 */
    char **names;
    size_t n_names;
} options = {
    .seed = 1, .count = 1000, .memory_mib = 192, .tasks = 60, .limit_ms = 1000, .keep = -1};

static struct specimen *library;
static int *as_is_fds;
static struct arena arena;
static struct draft draft;
static int trace_fd;
static uint64_t n_found, ends[TRIAL_ENDS], peak;

#define ARENA_MAX          ((size_t)256 << 20)
#define CONTROL_EVERY      500
#define PROGRESS_EVERY     10000
#define PROGRESS_OF_EVENTS 1000000

/* ---- traces ---- */

static void copy_file(int from, int to)
{
    off_t at = 0;
    struct stat s;
    if (ftruncate(to, 0) < 0 || fstat(from, &s) < 0 || lseek(to, 0, SEEK_SET) < 0)
        err(2, "cannot copy a trace");
    while (at < s.st_size)
        if (sendfile(to, from, &at, (size_t)(s.st_size - at)) <= 0)
            err(2, "cannot copy a trace");
}

/* All that is needed of the file system is opened before it is left. */
static void open_traces(void)
{
    library = calloc(options.n_names, sizeof *library);
    as_is_fds = calloc(options.n_names, sizeof *as_is_fds);
    if (library == NULL || as_is_fds == NULL)
        err(2, "no memory");
    for (size_t i = 0; i < options.n_names; i++) {
        as_is_fds[i] = open(options.names[i], O_RDONLY | O_CLOEXEC);
        if (as_is_fds[i] < 0)
            err(2, "%s", options.names[i]);
        if (!options.as_is)
            specimen_read(options.names[i], &library[i]);
    }
    arena_init(&arena, ARENA_MAX);
    trace_fd = memfd_create("trace", MFD_CLOEXEC);
    if (trace_fd < 0)
        err(2, "memfd_create");
}

/* False: there is no such trace. */
static bool make_trace(uint64_t number)
{
    if (options.as_is) {
        copy_file(as_is_fds[number % options.n_names], trace_fd);
        return true;
    }
    struct dice dice = dice_of(options.seed, number);
    arena_reset(&arena);
    draft_begin(&draft, &library[dice_below(&dice, options.n_names)], &arena);
    mutate(&draft, &dice, library, options.n_names);
    return draft_write(&draft, trace_fd);
}

/* ---- reading alone ---- */

static int ignore_piece(void *ctx, uint64_t offset, const void *data, size_t len)
{
    (void)ctx, (void)offset, (void)data, (void)len;
    return 0;
}

static int skip_blob(void *ctx, const ProtobufCBinaryData *id)
{
    (void)ctx;
    return id->len == BLOB_ID_SIZE ? 0 : -1;
}

static int read_blob(void *reader, const ProtobufCBinaryData *id)
{
    (void)trace_reader_blob(reader, id->data, id->len, ignore_piece, NULL, NULL);
    return 0;
}

/* As it is done before and while a trace is replayed. That it survives is all that is asked. */
static void read_trace(void)
{
    struct err error = {0};
    struct trace_reader *r;
    struct trace_cursor *c;
    struct trace_event e;
    if (trace_reader_open_fd(trace_fd, "t", &r, &error) < 0)
        return;
    if (trace_cursor_open(r, TRACE_ALL_STREAMS, &c, &error) == 0) {
        while (trace_cursor_next(c, &e, &error) > 0)
            event_blobs_visit(e.event, read_blob, r);
        trace_cursor_free(c);
    }
    (void)trace_reader_check_rest(r, &error);
    trace_reader_free(r);
}

/* The way of an event into a trace and out of it, and the rules that it must keep. The writer's own
 * packing of calls must give what protobuf-c gives. */
static void pass_event(uint64_t number)
{
    static struct buf ours, theirs;
    struct dice dice = dice_of(options.seed, number);
    const struct specimen *s = &library[dice_below(&dice, options.n_names)];
    const uint8_t *message;
    const char *why;
    size_t pos = 0, len;
    arena_reset(&arena);
    draft_begin(&draft, s, &arena);
    Reprise__Event *e =
        mutate_event(&draft, &dice, s->events[dice_below(&dice, s->n_events)].event);
    buf_clear(&ours);
    buf_clear(&theirs);
    if (e == NULL || event_pack(&ours, e, e->time) < 0)
        return;
    if (delimited_append(&theirs, &e->base) < 0 || ours.len != theirs.len ||
        memcmp(ours.data, theirs.data, ours.len) != 0)
        errx(1, "FOUND: event %" PRIu64 " of seed %" PRIu64 " is packed wrongly", number,
             options.seed);
    if (delimited_next(ours.data, ours.len, &pos, &message, &len) != 1)
        errx(1, "FOUND: event %" PRIu64 " of seed %" PRIu64 " is lost", number, options.seed);
    e = reprise__event__unpack(&arena.allocator, len, message);
    if (e != NULL && event_check(e, &why) == 0)
        event_blobs_visit(e, skip_blob, NULL);
}

/* ---- trials ---- */

static void keep(uint64_t number)
{
    char name[64];
    if (options.keep < 0 || options.as_is)
        return;
    snprintf(name, sizeof name, "%" PRIu64 "-%" PRIu64 ".reprise", options.seed, number);
    int fd = openat(options.keep, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        err(2, "%s", name);
    copy_file(trace_fd, fd);
    close(fd);
    printf("  kept as %s\n", name);
}

static void tell(uint64_t number, const struct trial_result *result)
{
    static const char *const names[] = {"replayed", "torn",  "diverged", "damaged",
                                        "refused",  "burns", "FOUND"};
    ends[result->end]++;
    peak = result->bytes > peak ? result->bytes : peak;
    if (options.show || result->end == TRIAL_FOUND)
        printf("%s %" PRIu64 " %s: %s\n", names[result->end], number,
               options.as_is ? options.names[number % options.n_names] : "", result->text);
    if (result->end != TRIAL_FOUND)
        return;
    n_found++;
    if (options.as_is)
        return;
    printf("  again, with the same traces: --seed=%" PRIu64 " --from=%" PRIu64 " --count=1\n",
           options.seed, number);
    keep(number);
    fflush(stdout);
}

static uint64_t now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec;
}

static void tell_progress(uint64_t done, uint64_t every, uint64_t begun)
{
    if (done % every != 0)
        return;
    printf("%" PRIu64 " in %" PRIu64 " s\n", done, now_s() - begun);
    fflush(stdout);
}

/* An unchanged trace must replay at any time, or all the rest means nothing. The first one that
 * does is the one that must. */
static void control(const struct trial_options *o)
{
    static const struct specimen *good;
    struct trial_result result = {.end = TRIAL_REFUSED};
    for (size_t i = 0; i < options.n_names && result.end != TRIAL_REPLAYED; i++) {
        if (good != NULL && good != &library[i])
            continue;
        arena_reset(&arena);
        draft_begin(&draft, &library[i], &arena);
        if (draft_write(&draft, trace_fd))
            trial_run(o, trace_fd, &result);
        if (result.end == TRIAL_REPLAYED)
            good = &library[i];
    }
    if (good == NULL || result.end != TRIAL_REPLAYED)
        errx(2, "an unchanged trace does not replay: %s", result.text);
}

static int run_trials(const struct trial_options *o)
{
    uint64_t done = 0, begun = now_s();
    if (!options.as_is && !options.read_only && !weaken_is_chosen())
        control(o);
    for (uint64_t i = 0; i < options.count; i++) {
        uint64_t number = options.from + i;
        if (options.seconds > 0 && now_s() - begun >= options.seconds)
            break;
        if (options.events) {
            pass_event(number);
            tell_progress(++done, PROGRESS_OF_EVENTS, begun);
            continue;
        }
        if (!make_trace(number))
            continue;
        done++;
        if (options.read_only) {
            read_trace();
            tell_progress(done, PROGRESS_EVERY, begun);
            continue;
        }
        struct trial_result result;
        trial_run(o, trace_fd, &result);
        tell(number, &result);
        if (done % CONTROL_EVERY == 0 && !options.as_is && !weaken_is_chosen())
            control(o);
        tell_progress(done, PROGRESS_EVERY, begun);
    }
    printf("%" PRIu64 " %s in %" PRIu64 " s, seed %" PRIu64 " from %" PRIu64, done,
           options.events      ? "events passed"
           : options.read_only ? "traces read"
                               : "traces replayed",
           now_s() - begun, options.seed, options.from);
    if (!options.read_only)
        printf(": %" PRIu64 " to their end, %" PRIu64 " torn, %" PRIu64 " diverged, %" PRIu64
               " damaged, %" PRIu64 " refused, %" PRIu64
               " ended as they compute on; at most %" PRIu64 " MiB of memory; %" PRIu64 " findings",
               ends[TRIAL_REPLAYED], ends[TRIAL_TORN], ends[TRIAL_DIVERGED], ends[TRIAL_DAMAGED],
               ends[TRIAL_REFUSED], ends[TRIAL_BURNS], peak >> 20, n_found);
    printf("\n");
    return n_found > 0 ? 1 : 0;
}

/* ---- two processes: one that watches calls, and one that does the rest ---- */

static void send_fd(int channel, int fd)
{
    char byte = 0;
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof fd)] = {0};
    struct iovec vec = {&byte, 1};
    struct msghdr m = {.msg_iov = &vec, .msg_iovlen = 1};
    if (fd >= 0) {
        m.msg_control = control;
        m.msg_controllen = sizeof control;
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    if (sendmsg(channel, &m, 0) != 1)
        err(2, "sendmsg");
}

static int receive_fd(int channel)
{
    char byte;
    int fd = -1;
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof fd)];
    struct iovec vec = {&byte, 1};
    struct msghdr m = {
        .msg_iov = &vec, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    if (recvmsg(channel, &m, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR(&m) != NULL)
        memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof fd);
    return fd;
}

static int attack(const char *dir, int channel, const struct trial_calls *calls)
{
    struct trial_options o = {.calls = calls,
                              .limit_ms = (unsigned)options.limit_ms,
                              .memory_max = options.memory_mib << 20,
                              .tasks_max = options.tasks,
                              .keeps_to_its_calls = !options.blind};
    struct err error = {0};
    const char *why = NULL;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    o.null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (o.null_fd < 0 || machine_measure(&o.machine, getenv("REPRISE_MACHINE"), &error) < 0)
        errx(2, "%s", error.msg);
    sigprocmask(SIG_BLOCK, &set, NULL); /* it is waited for */
    open_traces();
    if (!options.read_only && !watch_effects_begin(dir, &why))
        printf("files outside of a directory are not watched: %s\n", why);
    why = "that was not wanted";
    int listener = options.blind || options.read_only ? -1 : watch_calls_begin(&why);
    if (listener < 0 && !options.read_only) {
        printf("calls are not watched: %s\n", why);
        o.keeps_to_its_calls = false;
    }
    fflush(stdout);
    send_fd(channel, listener);
    close(listener);
    close(channel);
    return run_trials(&o);
}

static int watch_over(pid_t pid, int channel, struct trial_calls *calls)
{
    int status, listener = receive_fd(channel);
    while (waitpid(pid, &status, listener >= 0 ? WNOHANG : 0) == 0) {
        if (!watch_calls_next(listener, 100, calls->what, sizeof calls->what))
            continue;
        __atomic_add_fetch(&calls->n, 1, __ATOMIC_RELEASE);
    }
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    warnx("died by signal %d", WTERMSIG(status));
    return 2;
}

/* ---- options ---- */

static const struct option names[] = {
    {"seed", 1, NULL, 's'},    {"from", 1, NULL, 'f'},  {"count", 1, NULL, 'c'},
    {"seconds", 1, NULL, 't'}, {"as-is", 0, NULL, 'a'}, {"read", 0, NULL, 'r'},
    {"events", 0, NULL, 'e'},  {"keep", 1, NULL, 'k'},  {"memory", 1, NULL, 'm'},
    {"tasks", 1, NULL, 'p'},   {"limit", 1, NULL, 'l'}, {"without", 1, NULL, 'w'},
    {"blind", 0, NULL, 'b'},   {"show", 0, NULL, 'v'},  {0}};

static void parse(int argc, char **argv)
{
    bool has_count = false;
    for (int key; (key = getopt_long(argc, argv, "", names, NULL)) >= 0;) {
        uint64_t number = optarg != NULL ? strtoull(optarg, NULL, 0) : 0;
        uint64_t *target = key == 's'   ? &options.seed
                           : key == 'f' ? &options.from
                           : key == 'c' ? &options.count
                           : key == 't' ? &options.seconds
                           : key == 'm' ? &options.memory_mib
                           : key == 'p' ? &options.tasks
                           : key == 'l' ? &options.limit_ms
                                        : NULL;
        if (target != NULL)
            *target = number;
        has_count |= key == 'c';
        options.as_is |= key == 'a';
        options.read_only |= key == 'r';
        options.events |= key == 'e';
        options.blind |= key == 'b';
        options.show |= key == 'v';
        if (key == 'k')
            options.keep = open(optarg, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (key == '?' || (key == 'k' && options.keep < 0) ||
            (key == 'w' && !weaken_choose(optarg)))
            errx(2, "%s", usage);
    }
    options.read_only |= options.events;
    options.names = argv + optind;
    options.n_names = (size_t)(argc - optind);
    if (options.n_names == 0)
        errx(2, "%s", usage);
    if (options.as_is && !has_count)
        options.count = options.n_names;
}

int main(int argc, char **argv)
{
    int channel[2];
    char dir[PATH_MAX];
    const char *tmp = getenv("TMPDIR");
    snprintf(dir, sizeof dir, "%s/reprise-adversary-XXXXXX", tmp != NULL ? tmp : "/tmp");
    parse(argc, argv);
    mallopt(M_MMAP_THRESHOLD,
            4 << 20); /* less is used again soon; what replays inherit is theirs */
    mallopt(M_TRIM_THRESHOLD, 8 << 20);
    struct trial_calls *calls =
        mmap(NULL, sizeof *calls, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (calls == MAP_FAILED || mkdtemp(dir) == NULL ||
        socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, channel) < 0)
        err(2, "cannot begin");
    pid_t self = getpid(), pid = fork();
    if (pid < 0)
        err(2, "fork");
    if (pid == 0) {
        die_with_parent(self);
        close(channel[0]);
        int status = attack(dir, channel[1], calls);
        fflush(stdout);
        _exit(status);
    }
    close(channel[1]);
    int status = watch_over(pid, channel[0], calls);
    watch_effects_end(dir);
    return status;
}

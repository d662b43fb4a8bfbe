/* Tests of the writer: what goes in comes out, in time, whole, and errors stop it cleanly. */
#include "format/chunk.h"
#include "format_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Events of stream 1 in the file as it is now; -1: no trace yet. */
static long events_in(int fd)
{
    struct trace_reader *r;
    if (trace_reader_open_fd(fd, "x", &r, NULL) < 0)
        return -1;
    struct fixture_events events = fixture_events(r, 1);
    long n = (long)events.len;
    assert_int_equal(events.end, 0);
    fixture_events_done(&events);
    trace_reader_free(r);
    return n;
}

static void writer_gives_back_what_was_put_in(void **state)
{
    (void)state;
    enum { EVENTS = 20000, STREAMS = 7 };
    int fd = fixture_file();
    struct trace_writer *w = fixture_writer(fd, 0);
    for (uint64_t i = 0; i < EVENTS; i++)
        assert_int_equal(fixture_call(w, (uint32_t)(i % STREAMS), i * 100, (int64_t)i, i % 300), 0);
    struct trace_writer_stats stats;
    assert_int_equal(trace_writer_close(w, NULL, &stats), 0);
    assert_int_equal(stats.events, EVENTS);
    assert_true(stats.event_bytes_raw > EVENTS * 100);
    assert_true(stats.event_bytes_stored > 0);
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(stats.file_bytes, st.st_size);

    struct trace_reader *r = fixture_open(fd);
    struct trace_cursor *c;
    struct trace_event e;
    assert_int_equal(trace_cursor_open(r, TRACE_ALL_STREAMS, &c, NULL), 0);
    for (uint64_t i = 0; i < EVENTS; i++) {
        assert_int_equal(trace_cursor_next(c, &e, NULL), 1);
        uint8_t data[300];
        fixture_fill(data, i % 300, i + 1);
        const Reprise__Syscall *call = e.event->syscall;
        assert_int_equal(e.stream, i % STREAMS);
        assert_int_equal(e.number, i / STREAMS);
        assert_int_equal(e.event->time, i * 100);
        assert_int_equal(call->nr, i);
        assert_int_equal(call->out[0]->data.len, i % 300);
        if (i % 300 > 0)
            assert_memory_equal(call->out[0]->data.data, data, i % 300);
    }
    assert_int_equal(trace_cursor_next(c, &e, NULL), 0);
    trace_cursor_free(c);
    assert_int_equal(trace_reader_check(r, NULL), 0);
    trace_reader_free(r);
    close(fd);
}

/* One of the calls that `dd bs=1` makes over and over: read on even numbers, write on odd ones. */
static void put_dd_call(struct trace_writer *w, uint64_t i, uint64_t time, uint64_t *seed)
{
    uint8_t byte = (uint8_t)fixture_random(seed);
    uint64_t args[] = {i % 2, 0x55d0c8a012a0, 1};
    Reprise__Range range = REPRISE__RANGE__INIT, *list = &range;
    range.addr = args[1];
    range.len = 1;
    range.data = (ProtobufCBinaryData){.len = 1, .data = &byte};
    Reprise__Syscall call = REPRISE__SYSCALL__INIT;
    call.nr = (int64_t)(i % 2);
    call.n_args = 3;
    call.args = args;
    call.ip = i % 2 == 0 ? 0x7f12345a1aa2 : 0x7f12345a1b42;
    call.result = 1;
    call.duration = 500 + fixture_random(seed) % 1000;
    call.n_in = i % 2;
    call.in = &list;
    call.n_out = 1 - i % 2;
    call.out = &list;
    Reprise__Event event = REPRISE__EVENT__INIT;
    event.task = 1;
    event.time = time;
    event.body_case = REPRISE__EVENT__BODY_SYSCALL;
    event.syscall = &call;
    assert_int_equal(trace_writer_event(w, 1, &event), 0);
}

/* Even though data, durations and distances (2 to 6 us) are random: four bytes of chance. */
static void call_of_a_few_bytes_takes_at_most_eight_in_the_file(void **state)
{
    (void)state;
    enum { EVENTS = 200000 };
    int fd = fixture_file();
    struct trace_writer *w = fixture_writer(fd, 0);
    uint64_t time = 0, seed = 42;
    for (uint64_t i = 0; i < EVENTS; i++) {
        time += 2000 + fixture_random(&seed) % 4000;
        put_dd_call(w, i, time, &seed);
    }
    struct trace_writer_stats stats;
    assert_int_equal(trace_writer_close(w, NULL, &stats), 0);
    assert_true(stats.event_bytes_stored <= 8 * EVENTS);
    close(fd);
}

static void writer_closes_a_trace_without_events(void **state)
{
    (void)state;
    int fd = fixture_file();
    assert_int_equal(trace_writer_close(fixture_writer(fd, 0), NULL, NULL), 0);
    assert_int_equal(events_in(fd), 0);
    assert_int_equal(trace_writer_close(NULL, NULL, NULL), 0);
    close(fd);
}

static void writer_flushes_within_a_second_though_no_event_comes(void **state)
{
    (void)state;
    int fd = fixture_file();
    struct trace_writer *w = fixture_writer(fd, 0);
    for (long i = 0; i < 2; i++) {
        double start = now();
        assert_int_equal(fixture_call(w, 1, (uint64_t)i, 5, 10), 0);
        while (events_in(fd) <= i && now() - start < 5)
            usleep(5000);
        assert_int_equal(events_in(fd), i + 1);
        /* A second, and some slack for a busy machine. */
        assert_true(now() - start < 2);
    }
    assert_int_equal(trace_writer_close(w, NULL, NULL), 0);
    close(fd);
}

static void writer_flushes_a_quiet_stream_while_another_is_busy(void **state)
{
    (void)state;
    int fd = fixture_file();
    struct trace_writer *w = fixture_writer(fd, 0);
    double start = now(), look = start;
    uint64_t time = 0;
    assert_int_equal(fixture_call(w, 1, time, 5, 10), 0);
    long seen = 0;
    while (seen < 1 && now() - start < 5) {
        assert_int_equal(fixture_call(w, 2, ++time, 5, 10), 0);
        usleep(100);
        if (now() - look > 0.05) {
            seen = events_in(fd);
            look = now();
        }
    }
    assert_int_equal(seen, 1);
    assert_true(now() - start < 2);
    assert_int_equal(trace_writer_close(w, NULL, NULL), 0);
    close(fd);
}

static void writer_waits_and_loses_nothing_when_the_queue_is_full(void **state)
{
    (void)state;
    enum { EVENTS = 3000 };
    int fd = fixture_file();
    struct trace_writer *w = fixture_writer(fd, 16 << 10);
    for (uint64_t i = 0; i < EVENTS; i++)
        assert_int_equal(fixture_call(w, 1, i, (int64_t)i, 2000), 0);
    assert_int_equal(trace_writer_close(w, NULL, NULL), 0);
    assert_int_equal(events_in(fd), EVENTS);
    close(fd);
}

struct producer {
    struct trace_writer *w;
    uint32_t stream;
};

static void *produce(void *producer)
{
    const struct producer *p = producer;
    uint8_t *content = malloc(2 << 20);
    fixture_fill(content, 2 << 20, 5);
    intptr_t failed = 0;
    for (uint64_t i = 0; i < 2000; i++) {
        struct blob_id id;
        failed |= fixture_call(p->w, p->stream, i, (int64_t)i, 100) < 0;
        if (i % 100 == 0) /* partly the same blobs as the other threads' */
            failed |= trace_writer_blob(p->w, content + i, 1 << 20, &id) < 0;
        if (i % 500 == 0)
            failed |= trace_writer_flush(p->w) < 0;
    }
    failed |= trace_writer_end_stream(p->w, p->stream) < 0;
    free(content);
    return (void *)failed;
}

static void writer_takes_events_from_several_threads(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    int fd = fixture_file();
    struct trace_writer *w = fixture_writer(fd, 1 << 20);
    struct producer producers[THREADS];
    pthread_t threads[THREADS];
    for (uint32_t i = 0; i < THREADS; i++) {
        producers[i] = (struct producer){w, i};
        assert_int_equal(pthread_create(&threads[i], NULL, produce, &producers[i]), 0);
    }
    for (uint32_t i = 0; i < THREADS; i++) {
        void *failed;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    struct trace_writer_stats stats;
    assert_int_equal(trace_writer_close(w, NULL, &stats), 0);
    assert_int_equal(stats.events, THREADS * 2000);
    struct trace_reader *r = fixture_open(fd);
    assert_int_equal(trace_reader_check(r, NULL), 0);
    for (uint32_t i = 0; i < THREADS; i++) {
        struct fixture_events events = fixture_events(r, i);
        assert_int_equal(events.len, 2000);
        fixture_events_done(&events);
    }
    trace_reader_free(r);
    close(fd);
}

static void writer_refuses_an_event_too_large_and_goes_on(void **state)
{
    (void)state;
    int fd = fixture_file();
    struct trace_writer *w = fixture_writer(fd, 0);
    assert_int_equal(fixture_call(w, 1, 1, 1, 100), 0);
    assert_int_equal(fixture_call(w, 1, 2, 2, CHUNK_RAW_MAX), -EMSGSIZE);
    assert_int_equal(fixture_call(w, 1, 3, 3, 3 << 20), 0);
    assert_int_equal(trace_writer_close(w, NULL, NULL), 0);
    struct trace_reader *r = fixture_open(fd);
    struct fixture_events events = fixture_events(r, 1);
    assert_int_equal(events.len, 2);
    assert_int_equal(events.items[1].time, 3);
    assert_int_equal(trace_reader_check(r, NULL), 0);
    fixture_events_done(&events);
    trace_reader_free(r);
    close(fd);
}

static void writer_keeps_memory_small_with_many_streams(void **state)
{
    (void)state;
    enum { STREAMS = 3000 };
    int fd = fixture_file();
    struct trace_writer *w = fixture_writer(fd, 1 << 20);
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    uint64_t time = 0;
    for (uint32_t i = 0; i < 30000; i++)
        assert_int_equal(fixture_call(w, i % STREAMS, time++, 1, 1000), 0);
    getrusage(RUSAGE_SELF, &after);
    for (uint32_t i = 0; i < STREAMS; i++)
        assert_int_equal(trace_writer_end_stream(w, i), 0);
    assert_int_equal(trace_writer_end_stream(w, 12345), 0);
    assert_int_equal(trace_writer_close(w, NULL, NULL), 0);
#ifndef __SANITIZE_ADDRESS__
    assert_true(after.ru_maxrss - before.ru_maxrss < 16 << 10);
#endif
    struct trace_reader *r = fixture_open(fd);
    assert_int_equal(trace_reader_check(r, NULL), 0);
    trace_reader_free(r);
    close(fd);
}

static void writer_cannot_open_on_a_full_disk(void **state)
{
    (void)state;
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    struct err err = {0};
    struct trace_writer_options options = {.fd = fd};
    struct trace_writer *w;
    assert_int_equal(trace_writer_open(&options, &w, &err), -ENOSPC);
    assert_non_null(strstr(err.msg, "No space left"));
    close(fd);
}

/* In a child whose files may not grow beyond 300,000 bytes, and which does not ignore SIGXFSZ.
 * Returns its exit status. */
static int write_beyond_the_limit(int fd)
{
    struct rlimit limit = {300000, 300000};
    if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
        return 1;
    struct trace_writer *w = fixture_writer(fd, 0);
    int r = 0;
    for (uint64_t i = 0; r == 0 && i < 100000; i++)
        r = fixture_call(w, 1, i, (int64_t)i, 1000);
    struct blob_id id;
    if (r != -EFBIG || trace_writer_status(w) != -EFBIG)
        return 2;
    if (fixture_call(w, 1, 100000, 1, 1) != -EFBIG || trace_writer_flush(w) != -EFBIG ||
        trace_writer_blob(w, "x", 1, &id) != -EFBIG || trace_writer_end_stream(w, 1) != -EFBIG)
        return 3;
    Reprise__Summary summary = REPRISE__SUMMARY__INIT;
    struct trace_writer_stats stats;
    if (trace_writer_close(w, &summary, &stats) != -EFBIG)
        return 4;
    struct stat st;
    return fstat(fd, &st) == 0 && (uint64_t)st.st_size == stats.file_bytes ? 0 : 5;
}

/* In a child whose files may not grow at all. */
static int open_without_room(int fd)
{
    struct rlimit limit = {0, 0};
    struct trace_writer_options options = {.fd = fd};
    struct trace_writer *w;
    if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
        return 1;
    return trace_writer_open(&options, &w, NULL) == -EFBIG ? 0 : 2;
}

static void expect_exit(pid_t pid, int status_wanted)
{
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), status_wanted);
}

static void writer_cannot_open_where_files_may_not_grow(void **state)
{
    (void)state;
    int fd = fixture_file();
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(open_without_room(fd));
    expect_exit(pid, 0);
    close(fd);
}

static void writer_stops_at_a_write_error_and_leaves_whole_chunks(void **state)
{
    (void)state;
    int fd = fixture_file();
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(write_beyond_the_limit(fd));
    expect_exit(pid, 0);
    struct trace_reader *r = fixture_open(fd);
    assert_true(trace_reader_is_torn(r));
    assert_int_equal(trace_reader_check(r, NULL), 0);
    const Reprise__IndexEntry *last = trace_reader_chunk(r, trace_reader_chunk_count(r) - 1);
    assert_int_equal(last->offset + chunk_size(last->stored_len), trace_reader_size(r));
    trace_reader_free(r);
    assert_true(events_in(fd) > 50);
    close(fd);
}

static void writer_leaves_a_readable_trace_when_killed(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 5; round++) {
        int fd = fixture_file();
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            struct trace_writer *w = fixture_writer(fd, 0);
            for (uint64_t i = 0;; i++)
                if (fixture_call(w, 1, i, (int64_t)i, 1000) < 0)
                    _exit(1);
        }
        double start = now();
        while (events_in(fd) < 1 && now() - start < 10)
            usleep(1000);
        usleep(3000 * round);
        kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        struct trace_reader *r = fixture_open(fd);
        assert_int_equal(trace_reader_check(r, NULL), 0);
        trace_reader_free(r);
        assert_true(events_in(fd) >= 1);
        close(fd);
    }
}

static void writer_can_be_abandoned_in_a_forked_child(void **state)
{
    (void)state;
    int fd = fixture_file();
    struct trace_writer *w = fixture_writer(fd, 0);
    assert_int_equal(fixture_call(w, 1, 1, 1, 10), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        trace_writer_abandon(w);
        _exit(0);
    }
    expect_exit(pid, 0);
    assert_int_equal(fixture_call(w, 1, 2, 2, 10), 0);
    assert_int_equal(trace_writer_close(w, NULL, NULL), 0);
    assert_int_equal(events_in(fd), 2);
    close(fd);
}

static void writer_abandons_without_writing_more(void **state)
{
    (void)state;
    int fd = fixture_file();
    struct trace_writer *w = fixture_writer(fd, 0);
    assert_int_equal(trace_writer_flush(w), 0);
    assert_int_equal(fixture_call(w, 1, 1, 1, 10), 0);
    trace_writer_abandon(w);
    trace_writer_abandon(NULL);
    assert_int_equal(events_in(fd), 0);
    close(fd);
}

static void writer_thread_takes_no_signal(void **state)
{
    (void)state;
    int fd = fixture_file();
    sigset_t usr1, before;
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    struct trace_writer *w = fixture_writer(fd, 0);
    sigprocmask(SIG_BLOCK, &usr1, &before);
    assert_false(sigismember(&before, SIGUSR1)); /* the writer restored the mask */
    kill(getpid(), SIGUSR1);                     /* would kill us if the thread took it */
    assert_int_equal(fixture_call(w, 1, 1, 1, 10), 0);
    assert_int_equal(trace_writer_close(w, NULL, NULL), 0);
    siginfo_t info;
    assert_int_equal(sigwaitinfo(&usr1, &info), SIGUSR1);
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writer_gives_back_what_was_put_in),
        cmocka_unit_test(call_of_a_few_bytes_takes_at_most_eight_in_the_file),
        cmocka_unit_test(writer_closes_a_trace_without_events),
        cmocka_unit_test(writer_flushes_within_a_second_though_no_event_comes),
        cmocka_unit_test(writer_flushes_a_quiet_stream_while_another_is_busy),
        cmocka_unit_test(writer_waits_and_loses_nothing_when_the_queue_is_full),
        cmocka_unit_test(writer_takes_events_from_several_threads),
        cmocka_unit_test(writer_refuses_an_event_too_large_and_goes_on),
        cmocka_unit_test(writer_keeps_memory_small_with_many_streams),
        cmocka_unit_test(writer_cannot_open_on_a_full_disk),
        cmocka_unit_test(writer_cannot_open_where_files_may_not_grow),
        cmocka_unit_test(writer_stops_at_a_write_error_and_leaves_whole_chunks),
        cmocka_unit_test(writer_leaves_a_readable_trace_when_killed),
        cmocka_unit_test(writer_can_be_abandoned_in_a_forked_child),
        cmocka_unit_test(writer_abandons_without_writing_more),
        cmocka_unit_test(writer_thread_takes_no_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

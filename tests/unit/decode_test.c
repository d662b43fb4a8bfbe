/* Tests of reading traces: the order of the walk by start, the model of tasks, the text of calls,
 * descriptors that are followed. */
#include "decode/call_text.h"
#include "decode/fd_follow.h"
#include "decode/trace_walk.h"
#include "format_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- the walk ---- */

static void put_birth(struct trace_writer *w, uint32_t stream, uint64_t time, uint32_t task,
                      uint32_t parent, uint64_t flags)
{
    Reprise__Birth b = REPRISE__BIRTH__INIT;
    Reprise__Event e = REPRISE__EVENT__INIT;
    b.parent = parent;
    b.pid = b.tid = (int32_t)(100 + task);
    b.clone_flags = flags;
    e.task = task;
    e.time = time;
    e.body_case = REPRISE__EVENT__BODY_BIRTH;
    e.birth = &b;
    assert_int_equal(trace_writer_event(w, stream, &e), 0);
}

static void put_call(struct trace_writer *w, uint32_t stream, uint64_t time, uint32_t task,
                     Reprise__Syscall__Phase phase, uint64_t duration)
{
    Reprise__Syscall s = REPRISE__SYSCALL__INIT;
    Reprise__Event e = REPRISE__EVENT__INIT;
    uint64_t args[] = {(uint64_t)-1, 0, 0, 0};
    s.phase = phase;
    s.nr = SYS_wait4;
    if (phase != REPRISE__SYSCALL__PHASE__EXIT) {
        s.args = args;
        s.n_args = 4;
    }
    s.result = phase != REPRISE__SYSCALL__PHASE__ENTRY ? -ECHILD : 0;
    s.duration = duration;
    e.task = task;
    e.time = time;
    e.body_case = REPRISE__EVENT__BODY_SYSCALL;
    e.syscall = &s;
    assert_int_equal(trace_writer_event(w, stream, &e), 0);
}

/* Two processes: the first waits from 10 to 50, the second makes calls meanwhile. */
static struct trace_reader *two_processes(int *ret_fd)
{
    int fd = fixture_file();
    struct trace_writer *w = fixture_writer(fd, 0);
    put_birth(w, 1, 1, 1, 0, 0);
    put_birth(w, 2, 5, 2, 1, 0);
    put_call(w, 2, 20, 2, REPRISE__SYSCALL__PHASE__WHOLE, 5);
    put_call(w, 2, 30, 2, REPRISE__SYSCALL__PHASE__ENTRY, 0);
    put_call(w, 2, 40, 2, REPRISE__SYSCALL__PHASE__EXIT, 10);
    put_call(w, 1, 50, 1, REPRISE__SYSCALL__PHASE__WHOLE, 40);
    put_call(w, 1, 60, 1, REPRISE__SYSCALL__PHASE__WHOLE, 100); /* longer than can be */
    assert_int_equal(trace_writer_close(w, NULL, NULL), 0);
    *ret_fd = fd;
    return fixture_open(fd);
}

static void walk_by_start_gives_calls_where_they_began(void **state)
{
    static const struct {
        uint64_t time, number;
        uint32_t task;
        bool begins;
    } want[] = {
        {1, 1, 1, false},  {5, 2, 2, false},  {10, 0, 1, true},  {15, 0, 2, true},
        {20, 3, 2, false}, {30, 4, 2, false}, {40, 5, 2, false}, {50, 6, 1, false},
        {50, 0, 1, true},  {60, 7, 1, false},
    };
    (void)state;
    int fd;
    struct trace_reader *r = two_processes(&fd);
    struct trace_walk *w;
    struct walk_event ev;
    assert_int_equal(trace_walk_open_by_start(r, &w, NULL), 0);
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        assert_int_equal(trace_walk_next(w, &ev, NULL), 1);
        assert_int_equal(ev.time, want[i].time);
        assert_int_equal(ev.number, want[i].number);
        assert_int_equal(ev.task->serial, want[i].task);
        assert_int_equal(ev.begins, want[i].begins);
        if (ev.begins)
            assert_false(ev.call->done);
    }
    assert_int_equal(trace_walk_next(w, &ev, NULL), 0);
    trace_walk_free(w);
    trace_reader_free(r);
    close(fd);
}

static void walk_puts_entry_and_exit_together(void **state)
{
    (void)state;
    int fd;
    struct trace_reader *r = two_processes(&fd);
    struct trace_walk *w;
    struct walk_event ev;
    assert_int_equal(trace_walk_open(r, &w, NULL), 0);
    for (int i = 0; i < 5; i++)
        assert_int_equal(trace_walk_next(w, &ev, NULL), 1);
    assert_true(ev.call->entered && ev.call->done);
    assert_int_equal(ev.call->n_args, 4);
    assert_int_equal(ev.call->start, 30);
    assert_int_equal(ev.call->entry_number, 4);
    assert_ptr_not_equal(ev.call->entry, ev.call->exit);
    assert_int_equal(trace_walk_process_count(w), 2);
    assert_ptr_equal(ev.task->process->parent, trace_walk_process(w, 0));
    trace_walk_free(w);
    trace_reader_free(r);
    close(fd);
}

/* ---- text ---- */

/* A call with at most one range each way. */
static char *line_of(int64_t nr, const uint64_t *args, int64_t result, const void *in,
                     size_t in_len, uint64_t in_addr, const void *out, size_t out_len,
                     uint64_t out_addr)
{
    const struct call_text_style style = call_text_style_default();
    const struct call_decoder d = {.style = &style};
    Reprise__Range a, b, *in_list[] = {&a}, *out_list[] = {&b};
    struct walk_call c = {.nr = nr, .row = syscall_row(nr), .entered = true, .done = true};
    struct buf text = {0};
    reprise__range__init(&a);
    a.addr = in_addr;
    a.len = a.data.len = in_len;
    a.data.data = (uint8_t *)in;
    reprise__range__init(&b);
    b.addr = out_addr;
    b.len = b.data.len = out_len;
    b.data.data = (uint8_t *)out;
    c.n_args = c.row->nargs;
    memcpy(c.args, args, c.n_args * sizeof *args);
    c.result = result;
    c.in = in_list;
    c.n_in = in_len > 0;
    c.out = out_list;
    c.n_out = out_len > 0;
    assert_int_equal(call_text_line(&d, &c, &text), 0);
    assert_int_equal(buf_append(&text, "", 1), 0);
    return (char *)text.data;
}

static void expect_line(char *line, const char *want)
{
    assert_string_equal(line, want);
    free(line);
}

static void calls_are_spelled_as_strace_spells_them(void **state)
{
    (void)state;
    expect_line(line_of(SYS_openat, (uint64_t[]){(uint64_t)-100, 64, O_RDONLY | O_CLOEXEC, 7}, 3,
                        "/a\n", 4, 64, NULL, 0, 0),
                "openat(AT_FDCWD, \"/a\\n\", O_RDONLY|O_CLOEXEC) = 3");
    expect_line(line_of(SYS_openat, (uint64_t[]){(uint64_t)-100, 64, O_WRONLY | O_CREAT, 0644}, -13,
                        "x", 2, 64, NULL, 0, 0),
                "openat(AT_FDCWD, \"x\", O_WRONLY|O_CREAT, 0644) = -1 EACCES (Permission denied)");
    expect_line(line_of(SYS_read, (uint64_t[]){0, 64, 100}, 2, NULL, 0, 0, "ab", 2, 64),
                "read(0, \"ab\", 100) = 2");
    expect_line(line_of(SYS_read, (uint64_t[]){0, 64, 100}, -9, NULL, 0, 0, NULL, 0, 0),
                "read(0, 0x40, 100) = -1 EBADF (Bad file descriptor)");
    expect_line(
        line_of(SYS_pipe2, (uint64_t[]){64, O_CLOEXEC}, 0, NULL, 0, 0, "\3\0\0\0\4\0\0\0", 8, 64),
        "pipe2([3, 4], O_CLOEXEC) = 0");
    expect_line(line_of(SYS_fcntl, (uint64_t[]){3, F_GETFL, 0}, 0x8002, NULL, 0, 0, NULL, 0, 0),
                "fcntl(3, F_GETFL) = 0x8002 (flags O_RDWR|O_LARGEFILE)");
    expect_line(line_of(SYS_kill, (uint64_t[]){5, 9}, 0, NULL, 0, 0, NULL, 0, 0),
                "kill(5, SIGKILL) = 0");
}

static void what_is_unknown_is_shown_as_a_number(void **state)
{
    (void)state;
    expect_line(line_of(SYS_openat, (uint64_t[]){3, 64, O_RDONLY | 0x80000000, 0}, 3, NULL, 0, 0,
                        NULL, 0, 0),
                "openat(3, 0x40, O_RDONLY|0x80000000) = 3");
    expect_line(line_of(SYS_lseek, (uint64_t[]){3, (uint64_t)-1, 77}, -22, NULL, 0, 0, NULL, 0, 0),
                "lseek(3, -1, 0x4d /* SEEK_??? */) = -1 EINVAL (Invalid argument)");
    expect_line(line_of(SYS_fcntl, (uint64_t[]){3, 999, 5}, -22, NULL, 0, 0, NULL, 0, 0),
                "fcntl(3, 0x3e7 /* F_??? */, 0x5) = -1 EINVAL (Invalid argument)");
}

/* A damaged trace may have none of its bytes, and then no address of them. */
static void a_siginfo_may_be_cut_anywhere(void **state)
{
    (void)state;
    const struct call_text_style style = call_text_style_default();
    const struct call_decoder d = {.style = &style};
    const siginfo_t info = {.si_signo = SIGTERM, .si_code = SI_KERNEL};
    for (size_t len = 0; len <= sizeof info; len++) {
        struct buf text = {0};
        assert_int_equal(call_text_siginfo(&d, len > 0 ? &info : NULL, len, &text), 0);
        assert_int_equal(buf_append(&text, "", 1), 0);
        assert_string_equal(text.data,
                            len < 12 ? "{...}" : "{si_signo=SIGTERM, si_code=SI_KERNEL}");
        buf_done(&text);
    }
}

/* ---- descriptors ---- */

struct world {
    struct walk_process process;
    struct walk_task parent, child;
    struct fd_follow *fds;
};

static void call_in(struct world *w, struct walk_task *task, int64_t nr, const uint64_t *args,
                    int64_t result, const char *path)
{
    Reprise__Range a, *list[] = {&a};
    struct walk_call c = {.nr = nr, .row = syscall_row(nr), .entered = true, .done = true};
    c.n_args = c.row->nargs;
    memcpy(c.args, args, c.n_args * sizeof *args);
    c.result = result;
    reprise__range__init(&a);
    if (path != NULL) {
        a.addr = 64;
        a.len = a.data.len = strlen(path) + 1;
        a.data.data = (uint8_t *)path;
        c.in = list;
        c.n_in = 1;
    }
    struct walk_event ev = {
        .number = 1, .kind = REPRISE__EVENT__BODY_SYSCALL, .task = task, .call = &c};
    assert_int_equal(fd_follow_event(w->fds, &ev), 0);
}

static void born(struct world *w, struct walk_task *task, uint64_t flags)
{
    struct walk_event ev = {.kind = REPRISE__EVENT__BODY_BIRTH, .task = task};
    task->clone_flags = flags;
    assert_int_equal(fd_follow_event(w->fds, &ev), 0);
}

static struct world *make_world(void)
{
    struct world *w = calloc(1, sizeof *w);
    Reprise__Header h = REPRISE__HEADER__INIT;
    h.cwd = (ProtobufCBinaryData){5, (uint8_t *)"/home"};
    assert_non_null(w);
    w->parent = (struct walk_task){.serial = 1, .process = &w->process};
    w->child = (struct walk_task){.serial = 2, .process = &w->process, .parent = &w->parent};
    assert_int_equal(fd_follow_new(&h, &w->fds), 0);
    born(w, &w->parent, 0);
    return w;
}

static void free_world(struct world *w)
{
    fd_follow_free(w->fds);
    free(w);
}

#define AT ((uint64_t)-100)

static const char *path_of(const struct world *w, const struct walk_task *task, int fd)
{
    const struct fd_object *o = fd_follow_get(w->fds, task, fd);
    return o != NULL ? o->path : NULL;
}

static void paths_are_made_absolute(void **state)
{
    (void)state;
    struct world *w = make_world();
    call_in(w, &w->parent, SYS_openat, (uint64_t[]){AT, 64, 0, 0}, 3, "a/../b//./c");
    assert_string_equal(path_of(w, &w->parent, 3), "/home/b/c");
    call_in(w, &w->parent, SYS_chdir, (uint64_t[]){64}, 0, "../tmp");
    call_in(w, &w->parent, SYS_openat, (uint64_t[]){AT, 64, 0, 0}, 4, "x");
    assert_string_equal(path_of(w, &w->parent, 4), "/tmp/x");
    call_in(w, &w->parent, SYS_openat, (uint64_t[]){4, 64, 0, 0}, 5, "y");
    assert_string_equal(path_of(w, &w->parent, 5), "/tmp/x/y");
    call_in(w, &w->parent, SYS_openat, (uint64_t[]){AT, 64, 0, 0}, 6, "../../../..");
    assert_string_equal(path_of(w, &w->parent, 6), "/");
    free_world(w);
}

static void a_fork_has_a_table_of_its_own_and_a_thread_the_same(void **state)
{
    (void)state;
    for (int thread = 0; thread < 2; thread++) {
        struct world *w = make_world();
        call_in(w, &w->parent, SYS_openat, (uint64_t[]){AT, 64, 0, 0}, 3, "/three");
        born(w, &w->child, thread ? CLONE_FILES : 0);
        assert_string_equal(path_of(w, &w->child, 3), "/three");
        call_in(w, &w->child, SYS_close, (uint64_t[]){3}, 0, NULL);
        assert_null(path_of(w, &w->child, 3));
        assert_int_equal(path_of(w, &w->parent, 3) == NULL, thread);
        free_world(w);
    }
}

static void exec_closes_what_is_to_be_closed(void **state)
{
    (void)state;
    struct world *w = make_world();
    struct walk_event exec = {.kind = REPRISE__EVENT__BODY_EXEC, .task = &w->parent};
    call_in(w, &w->parent, SYS_openat, (uint64_t[]){AT, 64, O_CLOEXEC, 0}, 3, "/goes");
    call_in(w, &w->parent, SYS_openat, (uint64_t[]){AT, 64, 0, 0}, 4, "/stays");
    call_in(w, &w->parent, SYS_dup2, (uint64_t[]){3, 5}, 5, NULL); /* without the flag */
    call_in(w, &w->parent, SYS_fcntl, (uint64_t[]){4, F_DUPFD_CLOEXEC, 6}, 6, NULL);
    assert_int_equal(fd_follow_event(w->fds, &exec), 0);
    assert_null(path_of(w, &w->parent, 3));
    assert_string_equal(path_of(w, &w->parent, 4), "/stays");
    assert_string_equal(path_of(w, &w->parent, 5), "/goes");
    assert_null(path_of(w, &w->parent, 6));
    call_in(w, &w->parent, SYS_close_range, (uint64_t[]){0, UINT32_MAX, 0}, 0, NULL);
    assert_null(path_of(w, &w->parent, 4));
    free_world(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walk_by_start_gives_calls_where_they_began),
        cmocka_unit_test(walk_puts_entry_and_exit_together),
        cmocka_unit_test(calls_are_spelled_as_strace_spells_them),
        cmocka_unit_test(what_is_unknown_is_shown_as_a_number),
        cmocka_unit_test(a_siginfo_may_be_cut_anywhere),
        cmocka_unit_test(paths_are_made_absolute),
        cmocka_unit_test(a_fork_has_a_table_of_its_own_and_a_thread_the_same),
        cmocka_unit_test(exec_closes_what_is_to_be_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* make_trace FILE ROUNDS [EVERY | count]: writes a trace that no recorder made, as long as one
 * likes, in which the numbers to be found are known. Each round is a program that talks through a
 * pipe and a socket; every 1000th makes a child that writes into the pipe, is waited for and sends
 * a signal. In every EVERY-th round, of those ten calls one writes another byte. With "count" it is
 * another program: each round is ten calls that nobody made before. */
#include "format/trace_writer.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define CHILD_EVERY 1000
#define PIPE        0x10000
#define BUFFER      0x20000
#define ADDRESS     0x30000

struct maker {
    struct trace_writer *w;
    uint64_t time;
    uint32_t tasks;
};

static void put(struct maker *m, uint32_t stream, uint32_t task, Reprise__Event *e)
{
    e->task = task;
    e->time = m->time += 1000;
    if (trace_writer_event(m->w, stream, e) < 0)
        errx(1, "cannot write the event");
}

static Reprise__Range range_of(uint64_t addr, const void *data, size_t len)
{
    Reprise__Range r = REPRISE__RANGE__INIT;
    r.addr = addr;
    r.len = len;
    r.data.data = (uint8_t *)data;
    r.data.len = len;
    return r;
}

struct call {
    int64_t nr, result;
    uint64_t args[6];
    size_t n_args;
    Reprise__Range *in, *out; /* NULL: none */
    int phase;
    uint32_t child;
};

static void put_call(struct maker *m, uint32_t task, const struct call *c)
{
    Reprise__Syscall s = REPRISE__SYSCALL__INIT;
    Reprise__Event e = REPRISE__EVENT__INIT;
    Reprise__Range *in[] = {c->in}, *out[] = {c->out};
    s.nr = c->nr;
    s.result = c->result;
    s.args = (uint64_t *)c->args;
    s.n_args = c->phase == REPRISE__SYSCALL__PHASE__EXIT ? 0 : c->n_args;
    s.ip = 0x401000;
    s.duration = 500;
    s.in = in;
    s.n_in = c->in != NULL;
    s.out = out;
    s.n_out = c->out != NULL;
    s.phase = (Reprise__Syscall__Phase)c->phase;
    s.child = c->child;
    e.body_case = REPRISE__EVENT__BODY_SYSCALL;
    e.syscall = &s;
    put(m, task, task, &e);
}

static void put_birth(struct maker *m, uint32_t task, uint32_t parent)
{
    static uint8_t regs[27 * 8];
    Reprise__Birth b = REPRISE__BIRTH__INIT;
    Reprise__Event e = REPRISE__EVENT__INIT;
    b.parent = b.parent_stream = parent;
    b.tid = b.pid = (int32_t)(1000 + task);
    if (parent != 0) {
        b.regs.data = regs;
        b.regs.len = sizeof regs;
    }
    e.body_case = REPRISE__EVENT__BODY_BIRTH;
    e.birth = &b;
    put(m, task, task, &e);
}

static void put_exec(struct maker *m, uint32_t task)
{
    static uint8_t regs[27 * 8];
    Reprise__Exec x = REPRISE__EXEC__INIT;
    Reprise__Image image = REPRISE__IMAGE__INIT;
    Reprise__Event e = REPRISE__EVENT__INIT;
    ProtobufCBinaryData argv[] = {{4, (uint8_t *)"talk"}, {7, (uint8_t *)"to each"}};
    image.regs.data = regs;
    image.regs.len = sizeof regs;
    x.image = &image;
    x.path.data = (uint8_t *)"/usr/bin/talk";
    x.path.len = 13;
    x.argv = argv;
    x.n_argv = 2;
    x.tid = (int32_t)(1000 + task);
    e.body_case = REPRISE__EVENT__BODY_EXEC;
    e.exec = &x;
    put(m, task, task, &e);
}

static void put_exit(struct maker *m, uint32_t task, int status)
{
    Reprise__Exit x = REPRISE__EXIT__INIT;
    Reprise__Event e = REPRISE__EVENT__INIT;
    x.status = status;
    e.body_case = REPRISE__EVENT__BODY_EXIT;
    e.exit = &x;
    put(m, task, task, &e);
}

static void put_sigchld(struct maker *m, uint32_t task, uint32_t child)
{
    siginfo_t info = {.si_signo = SIGCHLD, .si_code = CLD_EXITED};
    info.si_pid = (pid_t)(1000 + child);
    Reprise__Signal s = REPRISE__SIGNAL__INIT;
    Reprise__Event e = REPRISE__EVENT__INIT;
    s.effect = REPRISE__SIGNAL__EFFECT__DROPPED;
    s.signo = SIGCHLD;
    s.siginfo.data = (uint8_t *)&info;
    s.siginfo.len = sizeof info;
    e.body_case = REPRISE__EVENT__BODY_SIGNAL;
    e.signal = &s;
    put(m, task, task, &e);
}

/* ---- what they do ---- */

static void child_writes(struct maker *m)
{
    uint32_t child = ++m->tasks;
    struct call fork = {.nr = SYS_fork, .phase = REPRISE__SYSCALL__PHASE__ENTRY, .child = child};
    put_call(m, 1, &fork);
    put_birth(m, child, 1);
    fork.phase = REPRISE__SYSCALL__PHASE__EXIT;
    fork.result = 1000 + child;
    put_call(m, 1, &fork);
    Reprise__Range data = range_of(BUFFER, "hello world", 11);
    put_call(m, child,
             &(struct call){
                 .nr = SYS_write, .result = 11, .n_args = 3, .args = {4, BUFFER, 11}, .in = &data});
    put_call(m, child,
             &(struct call){.nr = SYS_exit_group,
                            .n_args = 1,
                            .args = {3},
                            .phase = REPRISE__SYSCALL__PHASE__ENTRY});
    put_exit(m, child, 3 << 8);
    trace_writer_end_stream(m->w, child);
    put_call(
        m, 1,
        &(struct call){
            .nr = SYS_read, .result = 11, .n_args = 3, .args = {3, BUFFER, 100}, .out = &data});
    put_sigchld(m, 1, child);
    put_call(
        m, 1,
        &(struct call){
            .nr = SYS_wait4, .result = 1000 + child, .n_args = 4, .args = {UINT64_MAX, 0, 0, 0}});
}

static void talk(struct maker *m)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(80)};
    to.sin_addr.s_addr = htonl(0x0a000009); /* 10.0.0.9 */
    Reprise__Range address = range_of(ADDRESS, &to, sizeof to);
    Reprise__Range request = range_of(BUFFER, "GET / HTTP/1.0\r\n\r\n", 18);
    Reprise__Range answer = range_of(BUFFER, "HTTP/1.0 200 OK\r\n\r\nhello", 24);
    put_call(m, 1,
             &(struct call){
                 .nr = SYS_socket, .result = 5, .n_args = 3, .args = {AF_INET, SOCK_STREAM, 0}});
    put_call(m, 1,
             &(struct call){
                 .nr = SYS_connect, .n_args = 3, .args = {5, ADDRESS, sizeof to}, .in = &address});
    put_call(
        m, 1,
        &(struct call){
            .nr = SYS_sendto, .result = 18, .n_args = 6, .args = {5, BUFFER, 18}, .in = &request});
    put_call(m, 1,
             &(struct call){.nr = SYS_recvfrom,
                            .result = 24,
                            .n_args = 6,
                            .args = {5, BUFFER, 100},
                            .out = &answer});
    put_call(m, 1, &(struct call){.nr = SYS_close, .n_args = 1, .args = {5}});
}

static void look_around(struct maker *m, const char *byte)
{
    Reprise__Range path = range_of(BUFFER, "/etc/nowhere", 13);
    path.kind = REPRISE__RANGE__KIND__STRING;
    put_call(m, 1,
             &(struct call){.nr = SYS_openat,
                            .result = -ENOENT,
                            .n_args = 4,
                            .args = {(uint64_t)AT_FDCWD, BUFFER, O_RDONLY},
                            .in = &path});
    Reprise__Range data = range_of(BUFFER, byte, 1);
    put_call(m, 1,
             &(struct call){
                 .nr = SYS_write, .result = 1, .n_args = 3, .args = {4, BUFFER, 1}, .in = &data});
    data.data.data = (uint8_t *)"x";
    put_call(m, 1,
             &(struct call){
                 .nr = SYS_read, .result = 1, .n_args = 3, .args = {3, BUFFER, 1}, .out = &data});
    for (int i = 0; i < 2; i++)
        put_call(m, 1, &(struct call){.nr = SYS_getpid, .result = 1001});
}

static void count(struct maker *m, long round)
{
    for (uint64_t i = 0; i < 10; i++) {
        uint64_t at = (uint64_t)round * 10 + i;
        put_call(m, 1,
                 &(struct call){
                     .nr = SYS_lseek, .result = (int64_t)at, .n_args = 3, .args = {3, at, 0}});
    }
}

int main(int argc, char **argv)
{
    if (argc != 3 && argc != 4)
        errx(2, "usage: make_trace FILE ROUNDS [EVERY | count]");
    bool counts = argc > 3 && strcmp(argv[3], "count") == 0;
    long every = argc > 3 && !counts ? atol(argv[3]) : 0;
    int fd = open(argv[1], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    struct trace_writer_options options = {.fd = fd};
    struct maker m = {.tasks = 1};
    struct err error = {0};
    if (fd < 0 || trace_writer_open(&options, &m.w, &error) < 0)
        err(1, "%s", argv[1]);
    Reprise__Header h = REPRISE__HEADER__INIT;
    h.version = (char *)"make_trace";
    h.host = (char *)"nowhere";
    h.start_unix_ns = 1700000000000000000;
    if (counts) {
        h.program.data = (uint8_t *)"/usr/bin/count";
        h.program.len = 14;
    }
    if (trace_writer_header(m.w, &h) < 0)
        errx(1, "cannot write the header");
    put_birth(&m, 1, 0);
    put_exec(&m, 1);
    const int fds[2] = {3, 4};
    Reprise__Range pipe = range_of(PIPE, fds, sizeof fds);
    put_call(&m, 1, &(struct call){.nr = SYS_pipe2, .n_args = 2, .args = {PIPE, 0}, .out = &pipe});
    for (long i = 0, n = atol(argv[2]); i < n; i++) {
        if (counts) {
            count(&m, i);
            continue;
        }
        if (i % CHILD_EVERY == 0)
            child_writes(&m);
        talk(&m);
        look_around(&m, every > 0 && i % every == every - 1 ? "y" : "x");
    }
    put_exit(&m, 1, 0);
    Reprise__Summary s = REPRISE__SUMMARY__INIT;
    s.duration_ns = m.time;
    s.tasks = m.tasks;
    if (trace_writer_close(m.w, &s, NULL) < 0)
        errx(1, "cannot finish %s", argv[1]);
    return 0;
}

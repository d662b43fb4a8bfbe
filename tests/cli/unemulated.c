/* unemulated TRACE: replays as `reprise replay` does, on a kernel that carries out the calls of
 * replayed programs: whatever is resumed by PTRACE_SYSEMU is resumed without it. What is left in
 * the way of a call is the sandbox. Linked with --wrap=ptrace. */
#include "format/trace_reader.h"
#include "replayer/replayer.h"
#include "task/machine.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <unistd.h>

#define SYSEMU            31 /* linux/ptrace.h */
#define SYSEMU_SINGLESTEP 32

static bool is_replaying; /* before that the abilities of the machine are tried */

long __real_ptrace(int request, pid_t pid, void *addr, void *data);
long __wrap_ptrace(int request, ...);

long __wrap_ptrace(int request, ...)
{
    va_list ap;
    va_start(ap, request);
    pid_t pid = va_arg(ap, pid_t);
    void *addr = va_arg(ap, void *);
    void *data = va_arg(ap, void *);
    va_end(ap);
    if (is_replaying && request == SYSEMU)
        request = PTRACE_CONT;
    if (is_replaying && request == SYSEMU_SINGLESTEP)
        request = PTRACE_SINGLESTEP;
    return __real_ptrace(request, pid, addr, data);
}

int main(int argc, char **argv)
{
    struct err err = {0};
    struct machine machine;
    struct trace_reader *trace;
    struct replayer *replayer = NULL;
    struct replay_halt halt;
    if (argc != 2)
        return 2;
    int r = machine_measure(&machine, NULL, &err);
    if (r == 0)
        r = trace_reader_open(argv[1], &trace, &err);
    if (r < 0) {
        fprintf(stderr, "unemulated: %s\n", err.msg);
        return 2;
    }
    const struct replayer_options options = {.trace = trace,
                                             .machine = &machine,
                                             .stdout_fd = STDOUT_FILENO,
                                             .stderr_fd = STDERR_FILENO};
    is_replaying = true;
    r = replay_open(&options, &replayer, &err);
    if (r == 0)
        r = replay_step(replayer, &REPLAY_TO_THE_END, &halt, &err);
    replay_close(replayer);
    trace_reader_free(trace);
    if (r < 0)
        fprintf(stderr, "unemulated: %s\n", err.msg);
    return r < 0 ? 1 : 0;
}

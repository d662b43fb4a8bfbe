/* Owns the start of the program: lookup, checks, fork, seize, exec. */
#include "recorder/spawn.h"

#include "base/scope.h"
#include "recorder/call_stub.h"
#include "recorder/exec_rights.h"
#include "recorder/relay.h"
#include "task/call_filter.h"
#include "task/proc.h"
#include "task/stop.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* As execvp(3) looks: the first regular executable file in PATH; EACCES if some could not be. */
static int find_in_path(const char *name, char **ret)
{
    const char *path = getenv("PATH");
    if (path == NULL)
        path = "/bin:/usr/bin";
    int err = -ENOENT;
    for (const char *end;; path = end + 1) {
        end = strchrnul(path, ':');
        char *candidate SCOPE_FREE = NULL;
        if (asprintf(&candidate, "%.*s%s%s", (int)(end - path), path, end > path ? "/" : "", name) <
            0)
            return -ENOMEM;
        struct stat st;
        if (stat(candidate, &st) == 0 && S_ISREG(st.st_mode)) {
            if (access(candidate, X_OK) == 0) {
                *ret = TAKE(candidate);
                return 0;
            }
            err = -EACCES;
        }
        if (*end == '\0')
            return err;
    }
}

static int check_elf(const char *path, const unsigned char *head, struct err *err)
{
    const Elf64_Ehdr *e = (const void *)head;
    if (head[EI_CLASS] != ELFCLASS64 && (e->e_machine == EM_386 || e->e_machine == EM_X86_64))
        return err_set(err, ENOEXEC,
                       "%s is a 32-bit or x32 program: reprise records 64-bit "
                       "x86-64 programs only",
                       path);
    if (e->e_machine != EM_X86_64)
        return err_set(err, ENOEXEC,
                       "%s is a program for another kind of CPU (ELF machine %u): "
                       "reprise records x86-64 programs only",
                       path, e->e_machine);
    return 0;
}

/* Executed it could be, but the kernel would hide its memory. */
static int check_readable(const char *path, struct err *err)
{
    if (!exec_rights_hide_memory("", path))
        return 0;
    return err_set(
        err, EACCES,
        "cannot record %s: it, or its interpreter, may be executed but not read, and the "
        "kernel hides the memory of such a program. Make it readable, or record as root",
        path);
}

static int check_script(const char *path, char *line, struct err *err)
{
    char *name = line + 2 + strspn(line + 2, " \t");
    name[strcspn(name, " \t\n")] = '\0';
    if (name[0] == '\0' || access(name, X_OK) < 0)
        return err_set(err, ENOEXEC, "%s is a script whose interpreter '%s' cannot be executed: %s",
                       path, name, name[0] == '\0' ? "no name" : strerror(errno));
    return 0;
}

static int check_program(const char *path, struct err *err)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return err_sys(err, errno, "cannot execute %s", path);
    if (S_ISDIR(st.st_mode))
        return err_set(err, EACCES, "cannot execute %s: it is a directory", path);
    if (!S_ISREG(st.st_mode) || access(path, X_OK) < 0)
        return err_set(err, EACCES,
                       "cannot execute %s: permission denied (is it executable? "
                       "chmod +x)",
                       path);
    _Alignas(8) unsigned char head[256] = {0};
    int fd SCOPE_CLOSE = open(path, O_RDONLY | O_CLOEXEC);
    int r = check_readable(path, err);
    if (fd < 0 || r < 0)
        return r; /* that exec may open what we cannot is its to decide */
    ssize_t n = read(fd, head, sizeof head - 1);
    if (n >= (ssize_t)sizeof(Elf64_Ehdr) && memcmp(head, ELFMAG, SELFMAG) == 0)
        return check_elf(path, head, err);
    if (n >= 2 && head[0] == '#' && head[1] == '!')
        return check_script(path, (char *)head, err);
    return err_set(err, ENOEXEC,
                   "cannot execute %s: neither an ELF program nor a script with an "
                   "interpreter line (#!)",
                   path);
}

int spawn_find(const char *name, char **ret_path, struct err *err)
{
    char *path SCOPE_FREE = NULL;
    int r = 0;
    if (name[0] == '\0')
        return err_set(err, ENOENT, "the program's name is empty");
    if (strchr(name, '/') != NULL)
        r = (path = strdup(name)) != NULL ? 0 : -ENOMEM;
    else
        r = find_in_path(name, &path);
    if (r == -ENOENT)
        return err_set(err, ENOENT, "%s: program not found in PATH", name);
    if (r < 0)
        return err_sys(err, -r, "cannot execute %s", name);
    r = check_program(path, err);
    if (r < 0)
        return r;
    *ret_path = TAKE(path);
    return 0;
}

/* ---- start ---- */

static void child_main(struct recorder *r, const char *path, int go, int failed)
{
    const uint64_t silent[] = {call_stub_at(call_stub_made), call_stub_at(call_stub_own)};
    relay_restore_in_child(r->relay);
    char c;
    if (read(go, &c, 1) != 1)
        _exit(125); /* the recorder gave up */
    /* A filter around the recorder would refuse calls before ours makes them stop. The recorder
     * sees whether it is there. */
    if (recorder_has(r, MACHINE_SECCOMP_STOPS) &&
        prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_MODE_DISABLED)
        (void)call_filter_install(silent);
    execv(path, r->options->argv);
    int err = errno;
    if (write(failed, &err, sizeof err) < 0)
        _exit(125);
    _exit(125);
}

static int seize_failed(pid_t tid, int error, struct err *err)
{
    pid_t tracer = (pid_t)proc_number(proc_path(tid, "status"), "TracerPid", 10);
    if (tracer != 0)
        return err_set(
            err, EPERM,
            "the program is traced already, by process %d: a process has one tracer. Run "
            "reprise outside of that debugger, strace or reprise",
            (int)tracer);
    return err_set(
        err, EPERM,
        "ptrace is forbidden here (%s). Remedies: Yama: sysctl kernel.yama.ptrace_scope=1 "
        "or less; container: --cap-add=SYS_PTRACE or --security-opt seccomp=unconfined; "
        "a seccomp filter: run outside of it",
        strerror(error));
}

/* Where the filter works, the calls from here to exec stop. */
static int wait_for_exec(struct recorder *r, pid_t tid, int failed, const char *path,
                         struct err *err)
{
    int status, error;
    unsigned long data;
    for (;;) {
        if (waitpid(tid, &status, __WALL) < 0)
            return err_sys(err, errno, "cannot start %s", path);
        if (!WIFSTOPPED(status) || stop_decode(status).kind != STOP_SECCOMP)
            break;
        if (tracee_event_message(tid, &data) == 0 && data == CALL_FILTER_DATA)
            r->filters_calls = true; /* else it is the stop of a filter around the recorder */
        (void)tracee_resume(tid, TRACEE_CONT, 0);
    }
    if (WIFSTOPPED(status) && status >> 16 == PTRACE_EVENT_EXEC)
        return 0;
    if (read(failed, &error, sizeof error) != sizeof error)
        error = ENOEXEC;         /* the kernel killed it on the way: half a program */
    while (WIFSTOPPED(status)) { /* at its exit, mostly, where SIGKILL does not wake it */
        kill(tid, SIGKILL);
        (void)tracee_resume(tid, TRACEE_CONT, 0);
        if (waitpid(tid, &status, __WALL) < 0)
            break;
    }
    return err_sys(err, error == ENOENT ? ENOEXEC : error, "cannot execute %s%s", path,
                   error == ENOENT ? " (its interpreter is missing)" : "");
}

int spawn_program(struct recorder *r, const char *path, pid_t *ret_tid, struct err *err)
{
    int go[2], failed[2];
    if (pipe2(go, O_CLOEXEC) < 0)
        return err_sys(err, errno, "cannot start %s", path);
    if (pipe2(failed, O_CLOEXEC) < 0) {
        int e = errno;
        close(go[0]);
        close(go[1]);
        return err_sys(err, e, "cannot start %s", path);
    }
    int go_in SCOPE_CLOSE = go[0], go_out SCOPE_CLOSE = go[1];
    int failed_in SCOPE_CLOSE = failed[0], failed_out = failed[1];
    pid_t tid = fork();
    if (tid < 0) {
        int e = errno;
        close(failed_out);
        return err_sys(err, e, "cannot start %s", path);
    }
    if (tid == 0) {
        close(go_out);
        child_main(r, path, go_in, failed_out);
    }
    close(failed_out);
    int e = tracee_seize(tid, SPAWN_OPTIONS);
    if (e < 0) {
        e = seize_failed(tid, -e, err);
        kill(tid, SIGKILL);
        waitpid(tid, NULL, 0);
        return e;
    }
    if (write(go_out, "", 1) != 1)
        return err_sys(err, errno, "cannot start %s", path);
    e = wait_for_exec(r, tid, failed_in, path, err);
    if (e < 0)
        return e;
    exec_rights_warn(r, tid, path, path);
    *ret_tid = tid;
    return 0;
}

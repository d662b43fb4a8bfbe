/* Owns the knowledge which descriptors lead to the program's own stdout and stderr: those that
 * share the open file description that the recorder has as 1 or 2 (kcmp(2), KCMP_FILE). */
#include "recorder/fd_class.h"

#include "base/scope.h"
#include "recorder/emit.h"
#include "recorder/shared_objects.h"

#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool same_file(struct task *t, uint64_t fd, int ours)
{
    long r = syscall(SYS_kcmp, getpid(), t->tid, KCMP_FILE, (long)ours, (long)fd);
    if (r >= 0)
        return r == 0;
    /* Without kcmp: the same inode must do. */
    char path[64];
    struct stat theirs, mine;
    snprintf(path, sizeof path, "/proc/%d/fd/%llu", (int)t->tid, (unsigned long long)fd);
    return fstat(ours, &mine) == 0 && stat(path, &theirs) == 0 && mine.st_dev == theirs.st_dev &&
           mine.st_ino == theirs.st_ino;
}

static enum fd_kind find_out(struct recorder *r, struct task *t, uint64_t fd)
{
    bool out = same_file(t, fd, STDOUT_FILENO), err = same_file(t, fd, STDERR_FILENO);
    if (out && err)
        return fd == STDERR_FILENO ? FD_STDERR : FD_STDOUT;
    if (out || err)
        return out ? FD_STDOUT : FD_STDERR;
    char path[64], name[64];
    snprintf(path, sizeof path, "/proc/%d/fd/%llu", (int)t->tid, (unsigned long long)fd);
    ssize_t n = readlink(path, name, sizeof name - 1);
    if (n > 0) {
        name[n] = '\0';
        if (strncmp(name, "/proc/", 6) == 0 && n > 4 && strcmp(name + n - 4, "/mem") == 0)
            return FD_PROC_MEM;
    }
    struct stat st;
    if (!shared_objects_empty(r) && stat(path, &st) == 0 &&
        shared_objects_find(r, st.st_dev, st.st_ino) != NULL)
        return FD_SHARED_FILE;
    return FD_PLAIN;
}

enum fd_kind fd_class_of(struct recorder *r, struct task *t, uint64_t fd)
{
    if (fd >= FD_CLASS_CACHE)
        return fd > INT32_MAX ? FD_PLAIN : find_out(r, t, fd);
    if (t->fds_generation != r->fds_generation) {
        fd_class_forget(t);
        t->fds_generation = r->fds_generation;
    }
    if (t->fds[fd] == FD_UNKNOWN)
        t->fds[fd] = find_out(r, t, fd);
    return t->fds[fd];
}

void fd_class_forget(struct task *t)
{
    memset(t->fds, 0, sizeof t->fds);
}

/* Where the bytes were that went from an fd: behind the offset that the call used and moved. */
static bool source_offset(struct task *t, uint64_t offset_addr, int fd, uint64_t *ret)
{
    if (offset_addr != 0)
        return tracee_read_all(t->tid, offset_addr, ret, sizeof *ret) == 0;
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", (int)t->tid, fd);
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return false;
    unsigned long long pos;
    bool ok = fscanf(f, "pos: %llu", &pos) == 1;
    fclose(f);
    *ret = pos;
    return ok;
}

static ProtobufCBinaryData source_bytes(struct recorder *r, struct task *t, uint64_t len)
{
    const struct syscall_call *c = &t->call.call;
    bool sendfile = c->nr == SYS_sendfile;
    int fd = (int)c->args[sendfile ? 1 : 0];
    uint64_t offset_addr = c->args[sendfile ? 2 : 1], end;
    ProtobufCBinaryData none = {0};
    if (!source_offset(t, offset_addr, fd, &end) || end < len)
        return none;
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)t->tid, fd);
    int in SCOPE_CLOSE = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (in < 0)
        return none;
    uint8_t *data = emit_alloc(r, len);
    ssize_t n = pread(in, data, len, (off_t)(end - len));
    return n == (ssize_t)len ? (ProtobufCBinaryData){.data = data, .len = len} : none;
}

void fd_class_output(struct recorder *r, struct task *t, Reprise__Syscall *s)
{
    const struct call *c = &t->call;
    if (c->row == NULL || (c->row->flags & SYSCALL_WRITES_FD) == 0 || s->result <= 0)
        return;
    enum fd_kind kind = fd_class_of(r, t, c->call.args[c->row->out_fd]);
    if (kind != FD_STDOUT && kind != FD_STDERR)
        return;
    s->output = kind == FD_STDOUT ? 1 : 2;
    if ((c->row->flags & SYSCALL_FD_TO_FD) != 0)
        s->output_data = source_bytes(r, t, (uint64_t)s->result);
}

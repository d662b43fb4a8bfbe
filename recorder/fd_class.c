/* Owns the knowledge which descriptors lead to the program's own stdout and stderr, to files that
 * are mapped, or to the memory of a process. */
#include "recorder/fd_class.h"

#include "base/no_memory.h"
#include "base/scope.h"
#include "recorder/files.h"
#include "task/made_calls.h"
#include "task/proc.h"

#include <fcntl.h>
#include <linux/kcmp.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#ifndef FUSE_SUPER_MAGIC
#define FUSE_SUPER_MAGIC 0x65735546
#endif

struct fd_outputs {
    bool open[2]; /* stdout, stderr */
    struct stat st[2];
    bool is_tty[2];
    bool are_one; /* both lead to the same file */
    dev_t proc;
    struct stat cpuinfo; /* of /proc/cpuinfo; in containers it may be a file from elsewhere */
};

void fd_class_init(struct recorder *r)
{
    struct fd_outputs *o = calloc(1, sizeof *o);
    struct stat st;
    if (o == NULL)
        no_memory();
    for (int i = 0; i < 2; i++) {
        o->open[i] = fstat(STDOUT_FILENO + i, &o->st[i]) == 0;
        o->is_tty[i] = o->open[i] && isatty(STDOUT_FILENO + i) != 0;
    }
    o->are_one = o->open[0] && o->open[1] && o->st[0].st_dev == o->st[1].st_dev &&
                 o->st[0].st_ino == o->st[1].st_ino;
    if (stat("/proc", &st) == 0)
        o->proc = st.st_dev;
    (void)stat("/proc/cpuinfo", &o->cpuinfo);
    r->outputs = o;
}

/* Whether the descriptor leads to the recorder's stdout or stderr. Files, pipes and terminals are
 * told by inode, which also finds those opened again as /dev/stdout; a device like /dev/null that
 * others open too must be the same open file description (kcmp(2)). */
static bool is_output(const struct fd_outputs *o, int i, const struct task *t, uint64_t fd,
                      const struct stat *st)
{
    if (!o->open[i])
        return false;
    if (o->is_tty[i] && S_ISCHR(st->st_mode) && st->st_rdev == makedev(5, 0))
        return true; /* /dev/tty */
    if (st->st_dev != o->st[i].st_dev || st->st_ino != o->st[i].st_ino)
        return false;
    if (!S_ISCHR(st->st_mode) || o->is_tty[i])
        return true;
    return syscall(NR_KCMP, getpid(), t->tid, KCMP_FILE, (long)(STDOUT_FILENO + i), (long)fd) == 0;
}

static bool is_on(const char *path, unsigned long magic)
{
    struct statfs fs;
    return statfs(path, &fs) == 0 && (unsigned long)fs.f_type == magic;
}

static enum fd_kind kind_by_name(const char *path)
{
    char name[64];
    ssize_t n = readlink(path, name, sizeof name - 1);
    name[n > 0 ? n : 0] = '\0';
    const char *last = strrchr(name, '/');
    if (last == NULL)
        return FD_PLAIN;
    return strcmp(last, "/mem") == 0    ? FD_PROC_MEM
           : strcmp(last, "/auxv") == 0 ? FD_PROC_AUXV
                                        : FD_PLAIN;
}

/* Files of the system's own /proc and of others, which namespaces have: what does not belong to a
 * process has the same number in all of them. */
static enum fd_kind kind_in_proc(const struct fd_outputs *o, const char *path,
                                 const struct stat *st)
{
    bool same_number = st->st_ino == o->cpuinfo.st_ino;
    if (same_number && st->st_dev == o->cpuinfo.st_dev)
        return FD_CPUINFO;
    if (st->st_dev == o->proc)
        return kind_by_name(path);
    if (!S_ISREG(st->st_mode) || st->st_size != 0 || !is_on(path, PROC_SUPER_MAGIC))
        return FD_PLAIN;
    if (same_number)
        return FD_CPUINFO;
    return kind_by_name(path) == FD_PROC_AUXV ? FD_PROC_AUXV : FD_PLAIN;
}

static enum fd_kind find_out(struct recorder *r, struct task *t, uint64_t fd)
{
    const struct fd_outputs *o = r->outputs;
    char path[64];
    struct stat st;
    fd_class_path(t, fd, path, sizeof path);
    if (stat(path, &st) < 0)
        return FD_PLAIN;
    bool out = is_output(o, 0, t, fd, &st), err = is_output(o, 1, t, fd, &st);
    if (out && err)
        return fd == STDERR_FILENO ? FD_STDERR : FD_STDOUT;
    if (out || err)
        return out ? FD_STDOUT : FD_STDERR;
    enum fd_kind kind = kind_in_proc(o, path, &st);
    if (kind != FD_PLAIN)
        return kind;
    return files_is_mapped(r, st.st_dev, st.st_ino) ? FD_MAPPED_FILE : FD_PLAIN;
}

/* The table as far as it is known now. */
static struct fd_table *known_table(const struct recorder *r, struct task *t)
{
    if (t->fds->generation != r->fds_generation) {
        fd_class_forget(t);
        t->fds->generation = r->fds_generation;
    }
    return t->fds;
}

enum fd_kind fd_class_of(struct recorder *r, struct task *t, uint64_t fd)
{
    if (fd >= FD_CLASS_CACHE)
        return fd > INT32_MAX ? FD_PLAIN : find_out(r, t, fd);
    struct fd_table *table = known_table(r, t);
    if (table->kind[fd] == FD_UNKNOWN)
        table->kind[fd] = (uint8_t)find_out(r, t, fd);
    return (enum fd_kind)table->kind[fd];
}

enum fd_waits { FD_WAITS_UNKNOWN = 0, FD_WAITS, FD_NEVER_WAITS };

bool fd_class_is_of_proc(const struct task *t, uint64_t fd)
{
    char path[64];
    fd_class_path(t, fd, path, sizeof path);
    return is_on(path, PROC_SUPER_MAGIC);
}

/* Files of these tell what goes on in the kernel, or what another program says. */
static bool is_served_system(const char *path)
{
    static const unsigned long magic[] = {FUSE_SUPER_MAGIC, TRACEFS_MAGIC, DEBUGFS_MAGIC,
                                          V9FS_MAGIC};
    struct statfs fs;
    if (statfs(path, &fs) < 0)
        return true;
    for (size_t i = 0; i < sizeof magic / sizeof magic[0]; i++)
        if ((unsigned long)fs.f_type == magic[i])
            return true;
    return false;
}

static bool is_served(const char *link)
{
    char name[64];
    ssize_t n = readlink(link, name, sizeof name - 1);
    if (n <= 0)
        return true;
    name[n] = '\0';
    return strcmp(name, "/proc/kmsg") == 0 || is_served_system(link);
}

/* null, zero, full and urandom: Documentation/admin-guide/devices.txt */
static bool is_memory_device(const struct stat *st)
{
    unsigned n = minor(st->st_rdev);
    return major(st->st_rdev) == 1 && (n == 3 || n == 5 || n == 7 || n == 9);
}

static enum fd_waits find_waits(const struct task *t, uint64_t fd)
{
    char path[64];
    struct stat st;
    fd_class_path(t, fd, path, sizeof path);
    if (stat(path, &st) < 0)
        return FD_WAITS;
    if (S_ISCHR(st.st_mode))
        return is_memory_device(&st) ? FD_NEVER_WAITS : FD_WAITS;
    bool file = S_ISREG(st.st_mode) || S_ISBLK(st.st_mode);
    return file && !is_served(path) ? FD_NEVER_WAITS : FD_WAITS;
}

bool fd_class_may_wait(struct recorder *r, struct task *t, uint64_t fd)
{
    if (fd >= FD_CLASS_CACHE)
        return fd <= INT32_MAX && find_waits(t, fd) == FD_WAITS;
    struct fd_table *table = known_table(r, t);
    if (table->waits[fd] == FD_WAITS_UNKNOWN)
        table->waits[fd] = (uint8_t)find_waits(t, fd);
    return table->waits[fd] == FD_WAITS;
}

enum fd_ease fd_class_ease(struct recorder *r, struct task *t, uint64_t fd, uint64_t *ret_dev)
{
    char path[64];
    struct stat st;
    fd_class_path(t, fd, path, sizeof path);
    if (stat(path, &st) < 0 || is_on(path, PROC_SUPER_MAGIC))
        return FD_EASE_NONE;
    int flags = fd_class_flags(t, fd);
    if (flags < 0 || (flags & O_DIRECT) != 0)
        return FD_EASE_NONE;
    if (!fd_class_may_wait(r, t, fd)) {
        *ret_dev = S_ISREG(st.st_mode) ? st.st_dev : 0;
        return FD_EASE_NEVER_WAITS;
    }
    bool anonymous = (st.st_mode & S_IFMT) == 0; /* eventfd and its like: fs/anon_inodes.c */
    if (!S_ISSOCK(st.st_mode) && !S_ISFIFO(st.st_mode) && !anonymous)
        return FD_EASE_NONE;
    return (flags & O_NONBLOCK) != 0 ? FD_EASE_NEVER_WAITS : FD_EASE_MAY_POLL;
}

bool fd_class_is_plain_device(const char *path, uint64_t *ret_dev)
{
    struct stat st;
    if (stat(path, &st) < 0 || is_on(path, PROC_SUPER_MAGIC) || is_served_system(path))
        return false;
    *ret_dev = st.st_dev;
    return true;
}

int fd_class_output_of(struct recorder *r, struct task *t, uint64_t fd)
{
    enum fd_kind kind = fd_class_of(r, t, fd);
    if (kind != FD_STDOUT && kind != FD_STDERR)
        return 0;
    return kind == FD_STDOUT || r->outputs->are_one ? 1 : 2;
}

void fd_class_forget(struct task *t)
{
    memset(t->fds->kind, 0, sizeof t->fds->kind);
    memset(t->fds->waits, 0, sizeof t->fds->waits);
}

struct fd_table *fd_table_new(void)
{
    struct fd_table *table = calloc(1, sizeof *table);
    if (table == NULL)
        no_memory();
    table->refs = 1;
    return table;
}

struct fd_table *fd_table_ref(struct fd_table *table)
{
    table->refs++;
    return table;
}

void fd_table_unref(struct fd_table *table)
{
    if (table != NULL && --table->refs == 0)
        free(table);
}

bool fd_class_is_writable(const struct task *t, uint64_t fd)
{
    int flags = fd_class_flags(t, fd);
    return flags < 0 || (flags & O_ACCMODE) != O_RDONLY;
}

void fd_class_path(const struct task *t, uint64_t fd, char *buf, size_t size)
{
    snprintf(buf, size, "%s", proc_fd(t->tid, (int)fd).s);
}

bool fd_class_position(const struct task *t, uint64_t fd, uint64_t *ret)
{
    char text[32];
    if (!proc_field(proc_fdinfo(t->tid, (int)fd), "pos", text, sizeof text))
        return false;
    *ret = strtoull(text, NULL, 10);
    return true;
}

int fd_class_flags(const struct task *t, uint64_t fd)
{
    char text[32];
    if (!proc_field(proc_fdinfo(t->tid, (int)fd), "flags", text, sizeof text))
        return -1;
    return (int)strtol(text, NULL, 8);
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
}

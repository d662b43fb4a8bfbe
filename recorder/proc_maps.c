/* Owns the text that takes the place of the kernel's. It may be longer, since the kernel shows
 * neighbours as one that have only for now the same permissions; smaps keeps its entries as they
 * are, as there are sums in them. */
#include "recorder/proc_maps.h"

#include "base/buf.h"
#include "base/scope.h"
#include "recorder/code_watch.h"
#include "recorder/fd_class.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct maps_file {
    struct maps_file *next;
    int fd;
    bool with_sums; /* smaps */
    struct buf text;
    size_t pos;
};

/* The process whose file it is, or 0. */
static pid_t owner_of(const struct task *t, int fd, bool *ret_with_sums)
{
    char path[64], name[64];
    fd_class_path(t, (uint64_t)fd, path, sizeof path);
    ssize_t n = readlink(path, name, sizeof name - 1);
    int pid;
    if (n <= 0)
        return 0;
    name[n] = '\0';
    const char *last = strrchr(name, '/');
    *ret_with_sums = last != NULL && strcmp(last, "/smaps") == 0;
    bool is_maps = *ret_with_sums || (last != NULL && strcmp(last, "/maps") == 0);
    return is_maps && sscanf(name, "/proc/%d/", &pid) == 1 ? pid : 0;
}

static struct maps_file *find(const struct task *t, int fd)
{
    struct maps_file *f = t->maps_files;
    while (f != NULL && f->fd != fd)
        f = f->next;
    return f;
}

void proc_maps_opened(struct task *t, const uint8_t *path, size_t len, int64_t fd)
{
    static const char name[] = "maps";
    bool with_sums;
    if (len < sizeof name || memcmp(path + len - sizeof name, name, sizeof name) != 0 ||
        owner_of(t, (int)fd, &with_sums) == 0)
        return;
    struct maps_file *f = find(t, (int)fd);
    if (f == NULL) {
        f = calloc(1, sizeof *f);
        if (f == NULL)
            return;
        f->fd = (int)fd;
        f->next = t->maps_files;
        t->maps_files = f;
    }
    f->with_sums = with_sums;
    buf_clear(&f->text);
    f->pos = 0;
}

void proc_maps_free(struct task *t)
{
    for (struct maps_file *f = t->maps_files, *next; f != NULL; f = next) {
        next = f->next;
        buf_done(&f->text);
        free(f);
    }
    t->maps_files = NULL;
}

/* ---- the text ---- */

/* "start-end rwxp offset ...": rest is what stands behind the offset. */
struct line {
    uint64_t start, end, offset;
    char prot[5];
    int rest;
};

static bool parse(const char *text, struct line *ret)
{
    return sscanf(text, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 "%n", &ret->start, &ret->end,
                  ret->prot, &ret->offset, &ret->rest) == 4 &&
           strlen(ret->prot) == 4;
}

static int append_part(struct buf *to, const struct line *l, uint64_t start, uint64_t end,
                       bool held, const char *rest)
{
    char head[128];
    bool of_file = strncmp(rest, " 00:00 0", 8) != 0;
    int n = snprintf(head, sizeof head, "%08" PRIx64 "-%08" PRIx64 " %.2s%c%c %08" PRIx64, start,
                     end, l->prot, held ? 'x' : l->prot[2], l->prot[3],
                     of_file ? l->offset + (start - l->start) : l->offset);
    int err = buf_append(to, head, (size_t)n);
    return err < 0 ? err : buf_append(to, rest, strcspn(rest, "\n") + 1);
}

static int append_line(const struct maps_file *f, const struct task *target, const char *text,
                       struct buf *to)
{
    struct line l;
    bool held;
    int err = 0;
    if (!parse(text, &l))
        return buf_append(to, text, strcspn(text, "\n") + 1);
    for (uint64_t at = l.start, end; err == 0 && at < l.end; at = end) {
        end = code_watch_held_until(target, at, &held);
        if (f->with_sums && end < l.end)
            held = false;
        if (end > l.end || f->with_sums)
            end = l.end;
        err = append_part(to, &l, at, end, held, text + l.rest);
    }
    return err;
}

/* All that the kernel has to say, which ends with a null byte then. */
static int read_whole(const struct task *t, int fd, struct buf *to)
{
    char path[64];
    fd_class_path(t, (uint64_t)fd, path, sizeof path);
    int file SCOPE_CLOSE = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = file;
    while (n >= 0 && buf_reserve(to, 65536) == 0 && (n = read(file, to->data + to->len, 65535)) > 0)
        to->len += (size_t)n;
    if (n != 0 || to->len == 0)
        return -1;
    to->data[to->len] = '\0';
    return 0;
}

static int make_text(const struct task *t, const struct task *target, struct maps_file *f)
{
    struct buf kernels = {0};
    int err = read_whole(t, f->fd, &kernels);
    buf_clear(&f->text);
    f->pos = 0;
    for (const char *at = (const char *)kernels.data; err == 0 && *at != '\0';) {
        err = append_line(f, target, at, &f->text);
        at += strcspn(at, "\n");
        at += *at == '\n';
    }
    buf_done(&kernels);
    return err;
}

/* ---- reading ---- */

void proc_maps_read(struct recorder *r, struct task *t, struct user_regs_struct *regs)
{
    const struct syscall_call *c = &t->call.call;
    struct maps_file *f = find(t, (int)c->args[0]);
    int64_t result = regs_result(regs);
    bool by_offset = syscall_traits(c->nr)->io.place == PLACE_ARG;
    uint64_t at = by_offset ? c->args[3] : 0;
    pid_t pid = f != NULL && result >= 0 ? owner_of(t, f->fd, &f->with_sums) : 0;
    const struct task *target = pid != 0 ? map64_get(&r->tasks, (uint64_t)pid) : NULL;
    if (target == NULL || target->space == NULL || target->space->code == NULL ||
        (!by_offset && !fd_class_position(t, c->args[0], &at)))
        return;
    if (!by_offset)
        at -= (uint64_t)result; /* where the kernel was before */
    if (at == 0 && result > 0 && make_text(t, target, f) < 0)
        buf_clear(&f->text);
    if (f->text.len == 0)
        return;
    if (by_offset)
        f->pos = at < f->text.len ? at : f->text.len;
    /* Never less than the kernel has written, which the trace would not know of, and no more as
     * long as it writes: its text is not longer, unless it is about other mappings by now. */
    size_t left = f->text.len - f->pos, n = result > 0 ? (size_t)result : c->args[2];
    if (n > left && result > 0) {
        buf_clear(&f->text);
        return;
    }
    n = n < left ? n : left;
    if (n > 0 && tracee_write(t->tid, c->args[1], f->text.data + f->pos, n) < 0)
        return;
    f->pos += n;
    regs_set_result(regs, (int64_t)n);
    tracee_set_reg(t->tid, REGS_RESULT, n);
}

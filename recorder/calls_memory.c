/* Owns the translation of memory calls into the operations that replay repeats. Each operation
 * says where and what, so that replay depends neither on the table nor on the kernel's choice. */
#include "recorder/calls_memory.h"

#include "base/scope.h"
#include "recorder/calls.h"
#include "recorder/fd_class.h"
#include "recorder/files.h"
#include "recorder/group.h"
#include "recorder/poke.h"
#include "recorder/shared_objects.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define PAGE                4096ull
#define MADV_GUARD_INSTALL_ 102
#define MADV_GUARD_REMOVE_  103

static uint64_t page_up(uint64_t v)
{
    return (v + PAGE - 1) & ~(PAGE - 1);
}

static Reprise__MapOp *op_new(struct recorder *r, Reprise__MapOp__Op kind, struct emit_list *map)
{
    Reprise__MapOp *op = emit_alloc(r, sizeof *op);
    reprise__map_op__init(op);
    op->op = kind;
    emit_push(r, map, op);
    return op;
}

static Reprise__Mapping *mapping_op(struct recorder *r, uint64_t addr, uint64_t len, uint32_t prot,
                                    uint32_t flags, struct emit_list *map)
{
    Reprise__Mapping *m = emit_alloc(r, sizeof *m);
    reprise__mapping__init(m);
    m->addr = addr;
    m->len = len;
    m->prot = prot;
    m->flags = flags;
    op_new(r, REPRISE__MAP_OP__OP__MAP, map)->mapping = m;
    return m;
}

static void fd_path(const struct task *t, uint64_t fd, char *buf, size_t size)
{
    snprintf(buf, size, "/proc/%d/fd/%d", (int)t->tid, (int)fd);
}

/* ---- mmap ---- */

static bool mmap_is_file(const struct call *c)
{
    return (c->call.args[3] & MAP_ANONYMOUS) == 0;
}

static bool mmap_is_shared(const struct call *c)
{
    uint64_t type = c->call.args[3] & MAP_TYPE;
    return type == MAP_SHARED || type == MAP_SHARED_VALIDATE;
}

static bool fd_is_writable(const struct task *t, uint64_t fd)
{
    int flags = fd_class_flags(t, fd);
    return flags < 0 || (flags & O_ACCMODE) != O_RDONLY;
}

/* Content of a mapping as the task sees it now; pages behind the end of a file read as nothing. */
static void add_content(struct recorder *r, struct task *t, Reprise__Mapping *m, uint64_t len)
{
    struct emit_list content = {0};
    enum { CHUNK = 1 << 20 };
    for (uint64_t done = 0; done < len; done += CHUNK) {
        uint64_t n = len - done < CHUNK ? len - done : CHUNK;
        Reprise__Range *range = emit_memory(r, t->tid, m->addr + done, n);
        if (range == NULL)
            break;
        if (range->data.len > 0 || range->blob.len > 0)
            emit_push(r, &content, range);
    }
    m->content = (Reprise__Range **)content.v;
    m->n_content = content.n;
}

static void add_name(struct recorder *r, const char *link, Reprise__Mapping *m)
{
    char name[4096];
    ssize_t n = readlink(link, name, sizeof name);
    if (n > 0)
        m->name = emit_copy(r, name, (size_t)n);
}

static void map_private_file(struct recorder *r, struct task *t, const char *link,
                             Reprise__Mapping *m, const struct stat *st)
{
    struct shared_object *o = shared_objects_find(r, st->st_dev, st->st_ino);
    if (o != NULL) { /* pages not written yet show what others write to the object */
        m->object = o->id;
        m->object_offset = m->file_offset;
        return;
    }
    files_note_mapped(r, st->st_dev, st->st_ino);
    struct file_content content;
    int err = files_keep(r, link, st->st_dev, st->st_ino, m->file_offset, m->len, &content);
    if (err < 0) { /* a device, or we may not read the file: take what the task sees */
        add_content(r, t, m, m->len);
        return;
    }
    m->blob = emit_copy(r, content.id.bytes, BLOB_ID_SIZE);
    m->blob_offset = content.blob_offset;
}

static void map_shared_file(struct recorder *r, struct task *t, uint64_t fd, Reprise__Mapping *m,
                            const struct stat *st, struct emit_list *map)
{
    struct shared_object *o = shared_objects_get(r, st->st_dev, st->st_ino);
    o->writable = o->writable || fd_is_writable(t, fd);
    if (o->group == NULL)
        o->group = t->group;
    t->space->has_shared_memory = t->space->has_shared_memory || o->writable;
    m->object = o->id;
    m->object_offset = m->file_offset;
    uint64_t size = (uint64_t)st->st_size;
    Reprise__MapOp *resize = op_new(r, REPRISE__MAP_OP__OP__RESIZE, map);
    resize->object = o->id;
    resize->len = size;
    /* the size must be known before the mapping is made */
    map->v[map->n - 1] = map->v[map->n - 2];
    map->v[map->n - 2] = resize;
    uint64_t valid = size > m->file_offset ? size - m->file_offset : 0;
    add_content(r, t, m, valid < m->len ? valid : m->len);
}

/* /dev/zero, mostly: memory of its own, which children share if it is mapped shared. */
static void map_device(struct recorder *r, struct task *t, Reprise__Mapping *m)
{
    if (m->flags == MAP_SHARED)
        t->space->has_shared_memory = true;
    add_content(r, t, m, m->len);
}

static void at_mmap(struct recorder *r, struct task *t, struct emit_list *map)
{
    const struct call *c = &t->call;
    const uint64_t *args = c->call.args;
    uint32_t flags =
        (mmap_is_shared(c) ? MAP_SHARED : MAP_PRIVATE) | (uint32_t)(args[3] & MAP_GROWSDOWN);
    uint64_t page = (args[3] & MAP_HUGETLB) != 0 ? 2u << 20 : PAGE;
    uint64_t len = (args[1] + page - 1) & ~(page - 1);
    Reprise__Mapping *m =
        mapping_op(r, (uint64_t)c->call.result, len, (uint32_t)args[2] & 7, flags, map);
    if (!mmap_is_file(c)) {
        if (mmap_is_shared(c))
            t->space->has_shared_memory = true;
        return;
    }
    char link[64];
    struct stat st;
    fd_path(t, args[4], link, sizeof link);
    m->file_offset = args[5];
    add_name(r, link, m);
    if (stat(link, &st) < 0)
        add_content(r, t, m, len);
    else if (S_ISCHR(st.st_mode))
        map_device(r, t, m);
    else if (mmap_is_shared(c))
        map_shared_file(r, t, args[4], m, &st, map);
    else
        map_private_file(r, t, link, m, &st);
}

bool calls_memory_join_group(struct recorder *r, struct task *t)
{
    const struct call *c = &t->call;
    if (c->row == NULL || c->call.result < 0 || c->answered || shared_objects_empty(r))
        return true;
    struct shared_object *o = NULL;
    bool writes = false;
    if (c->row->mem == MEM_MMAP && mmap_is_file(c) && mmap_is_shared(c)) {
        char link[64];
        struct stat st;
        fd_path(t, c->call.args[4], link, sizeof link);
        if (stat(link, &st) == 0)
            o = shared_objects_find(r, st.st_dev, st.st_ino);
        writes = o != NULL && (o->writable || fd_is_writable(t, c->call.args[4]));
    } else if (c->row->mem == MEM_SHMAT) {
        o = shared_objects_find(r, UINT64_MAX, c->call.args[0]);
        writes = o != NULL;
    } else if (c->row->mem == MEM_FILE_WRITE && c->call.result > 0) {
        uint64_t fd = c->call.args[c->row->out_fd];
        char link[64];
        struct stat st;
        fd_path(t, fd, link, sizeof link);
        if (fd_class_of(r, t, fd) == FD_MAPPED_FILE && stat(link, &st) == 0)
            o = shared_objects_find(r, st.st_dev, st.st_ino);
        writes = true;
    }
    if (o == NULL || !writes || o->group == NULL || o->group == t->group)
        return true;
    struct group *into = o->group;
    group_merge(r, t->group, into, t);
    bool free_token = into->holder == NULL;
    if (free_token) {
        into->holder = t;
        return true;
    }
    group_wait_for_token(r, t, DUE_EXIT);
    return false;
}

/* ---- the other calls ---- */

static void at_brk(struct recorder *r, struct task *t, struct emit_list *map)
{
    const struct call *c = &t->call;
    uint64_t now = (uint64_t)c->call.result;
    uint64_t old = page_up(c->old_brk), new = page_up(now);
    t->space->brk = now;
    if (new > old) {
        mapping_op(r, old, new - old, PROT_READ | PROT_WRITE, MAP_PRIVATE, map);
    } else if (new < old) {
        Reprise__MapOp *op = op_new(r, REPRISE__MAP_OP__OP__UNMAP, map);
        op->addr = new;
        op->len = old - new;
    }
}

static void at_mremap(struct recorder *r, struct task *t, struct emit_list *map)
{
    const uint64_t *args = t->call.call.args;
    Reprise__MapOp *op = op_new(r, REPRISE__MAP_OP__OP__REMAP, map);
    op->addr = args[0];
    op->len = page_up(args[1]);
    op->new_addr = (uint64_t)t->call.call.result;
    op->new_len = page_up(args[2]);
    op->flags = (uint32_t)args[3];
}

static void at_madvise(struct recorder *r, struct task *t, struct emit_list *map)
{
    const uint64_t *args = t->call.call.args;
    switch ((int)args[2]) {
    case MADV_DONTNEED:
    case MADV_FREE: /* ran as MADV_DONTNEED */
    case MADV_REMOVE:
    case MADV_DONTFORK:
    case MADV_DOFORK:
    case MADV_WIPEONFORK:
    case MADV_KEEPONFORK:
    case 24: /* MADV_DONTNEED_LOCKED */
    case MADV_GUARD_INSTALL_:
    case MADV_GUARD_REMOVE_:
        break;
    default:
        return;
    }
    Reprise__MapOp *op = op_new(r, REPRISE__MAP_OP__OP__ADVISE, map);
    op->addr = args[0];
    op->len = page_up(args[1]);
    op->advice = args[2] == MADV_FREE ? MADV_DONTNEED : (uint32_t)args[2];
}

static void at_shmat(struct recorder *r, struct task *t, struct emit_list *map)
{
    const struct call *c = &t->call;
    uint64_t addr = (uint64_t)c->call.result;
    if (maps_read(t->tid, &r->maps) < 0)
        return;
    const struct map *found = maps_find(&r->maps, addr);
    if (found == NULL)
        return;
    struct shared_object *o = shared_objects_get(r, UINT64_MAX, c->call.args[0]);
    o->writable = true;
    if (o->group == NULL)
        o->group = t->group;
    t->space->has_shared_memory = true;
    uint64_t len = found->end - found->start;
    Reprise__MapOp *resize = op_new(r, REPRISE__MAP_OP__OP__RESIZE, map);
    resize->object = o->id;
    resize->len = len;
    Reprise__Mapping *m = mapping_op(r, addr, len, (uint32_t)found->prot, MAP_SHARED, map);
    m->object = o->id;
    m->name = emit_copy(r, "[shm]", 5);
    add_content(r, t, m, len);
}

/* ---- changes of mapped files ---- */

static bool file_of_call(const struct task *t, struct stat *ret)
{
    const struct call *c = &t->call;
    char path[4200];
    bool opens = c->row->mem == MEM_FILE_SIZE && (c->row->flags & SYSCALL_CHANGES_FDS) != 0;
    if (opens) /* it is there only afterwards */
        return c->call.result >= 0 &&
               (fd_path(t, (uint64_t)c->call.result, path, sizeof path), stat(path, ret) == 0);
    if (c->row->args[0] != ARG_PATH) {
        int64_t fd =
            (int64_t)(int)
                c->call.args[(c->row->flags & SYSCALL_WRITES_FD) != 0 ? c->row->out_fd : 0];
        fd_path(t, (uint64_t)fd, path, sizeof path);
        return stat(path, ret) == 0;
    }
    const char *name = (const char *)c->in.data; /* handed over, NUL included */
    if (c->in.len == 0 || c->in.data[c->in.len - 1] != '\0')
        return false;
    snprintf(path, sizeof path, "/proc/%d/%s/%s", (int)t->tid, name[0] == '/' ? "root" : "cwd",
             name);
    return stat(path, ret) == 0;
}

/* The mapped file has another size now: pages behind its end are gone, those before are there. */
static void resize_private(struct recorder *r, struct task *t, const struct map *m, uint64_t size,
                           struct emit_list *map, struct emit_list *out)
{
    uint64_t end_in_map = size > m->offset ? size - m->offset : 0;
    uint64_t first_gone = m->start + page_up(end_in_map);
    if (first_gone < m->end) {
        Reprise__MapOp *op = op_new(r, REPRISE__MAP_OP__OP__TRUNCATE, map);
        op->addr = first_gone;
        op->len = m->end - first_gone;
    }
    if ((end_in_map & (PAGE - 1)) != 0 && end_in_map < m->end - m->start) {
        Reprise__Range *tail = emit_memory(r, t->tid, first_gone - PAGE, PAGE);
        if (tail != NULL)
            emit_push(r, out, tail);
    }
}

static void grow_private(struct recorder *r, struct task *t, const struct map *m, uint64_t old_size,
                         uint64_t size, struct emit_list *map)
{
    uint64_t from = m->start + page_up(old_size > m->offset ? old_size - m->offset : 0);
    uint64_t to = m->start + page_up(size > m->offset ? size - m->offset : 0);
    if (to > m->end)
        to = m->end;
    if (from >= to)
        return;
    Reprise__Mapping *g = mapping_op(r, from, to - from, (uint32_t)m->prot, MAP_PRIVATE, map);
    add_content(r, t, g, to - from);
}

static bool changes_size(const struct task *t)
{
    const struct syscall_call *c = &t->call.call;
    uint64_t flags = O_TRUNC;
    if (c->nr == SYS_open)
        flags = c->args[1];
    else if (c->nr == SYS_openat)
        flags = c->args[2];
    return (flags & O_TRUNC) != 0;
}

static void at_file_size(struct recorder *r, struct task *t, struct emit_list *map,
                         struct emit_list *out)
{
    struct stat st;
    if (!changes_size(t) || !file_of_call(t, &st) || !files_is_mapped(r, st.st_dev, st.st_ino) ||
        maps_read(t->tid, &r->maps) < 0)
        return;
    uint64_t size = (uint64_t)st.st_size, old = t->call.old_size;
    struct shared_object *o = shared_objects_find(r, st.st_dev, st.st_ino);
    if (o != NULL) {
        Reprise__MapOp *op = op_new(r, REPRISE__MAP_OP__OP__RESIZE, map);
        op->object = o->id;
        op->len = size;
        return; /* private mappings are of the object, too */
    }
    for (size_t i = 0; i < r->maps.n; i++) {
        const struct map *m = &r->maps.v[i];
        if (m->ino != st.st_ino || m->dev != st.st_dev || m->shared)
            continue;
        if (size < old)
            resize_private(r, t, m, size, map, out);
        else
            grow_private(r, t, m, old, size, map);
    }
}

/* Where in the file a call wrote its `result` bytes. */
static bool written_range(struct task *t, uint64_t *ret_start, uint64_t *ret_end)
{
    const struct call *c = &t->call;
    const uint64_t *args = c->call.args;
    uint64_t result = (uint64_t)c->call.result, end = 0;
    bool at_offset =
        c->call.nr == SYS_pwrite64 ||
        ((c->call.nr == SYS_pwritev || c->call.nr == SYS_pwritev2) && args[3] != UINT64_MAX);
    bool at_pointer =
        (c->call.nr == SYS_copy_file_range || c->call.nr == SYS_splice) && args[3] != 0;
    if (at_offset)
        end = args[3] + result;
    else if (at_pointer ? tracee_read_all(t->tid, args[3], &end, sizeof end) < 0
                        : !fd_class_position(t, args[c->row->out_fd], &end))
        return false;
    *ret_end = end;
    *ret_start = end >= result ? end - result : 0;
    return end >= result;
}

static void write_object(struct recorder *r, const struct shared_object *o, int file,
                         uint64_t start, uint64_t end, struct emit_list *map)
{
    enum { CHUNK = 1 << 20 };
    for (uint64_t at = start; at < end; at += CHUNK) {
        size_t len = end - at < CHUNK ? (size_t)(end - at) : CHUNK;
        uint8_t *data = emit_alloc(r, len);
        ssize_t n = pread(file, data, len, (off_t)at);
        if (n <= 0)
            break;
        Reprise__MapOp *op = op_new(r, REPRISE__MAP_OP__OP__OBJECT_WRITE, map);
        op->object = o->id;
        op->addr = at;
        op->content = emit_bytes(r, at, data, (size_t)n);
    }
}

/* Pages of a private mapping that the task has not written itself show what the file holds. */
static void show_in_private(struct recorder *r, struct task *t, const struct map *m, uint64_t start,
                            uint64_t end, struct emit_list *out)
{
    uint64_t map_end = m->offset + (m->end - m->start);
    start = start > m->offset ? start : m->offset;
    end = end < map_end ? end : map_end;
    if (start >= end)
        return;
    Reprise__Range *range = emit_memory(r, t->tid, m->start + (start - m->offset), end - start);
    if (range != NULL)
        emit_push(r, out, range);
}

static void at_file_write(struct recorder *r, struct task *t, struct emit_list *map,
                          struct emit_list *out)
{
    const struct call *c = &t->call;
    uint64_t fd = c->call.args[c->row->out_fd], start, end;
    struct stat st;
    if (fd_class_of(r, t, fd) != FD_MAPPED_FILE || !file_of_call(t, &st) ||
        !written_range(t, &start, &end) || maps_read(t->tid, &r->maps) < 0)
        return;
    uint64_t size = (uint64_t)st.st_size;
    struct shared_object *o = shared_objects_find(r, st.st_dev, st.st_ino);
    if (o != NULL) {
        Reprise__MapOp *resize = op_new(r, REPRISE__MAP_OP__OP__RESIZE, map);
        resize->object = o->id;
        resize->len = size;
        char link[64];
        fd_path(t, fd, link, sizeof link);
        int file SCOPE_CLOSE = open(link, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (file >= 0)
            write_object(r, o, file, start, end, map);
        return; /* private mappings are of the object, too */
    }
    for (size_t i = 0; i < r->maps.n; i++) {
        const struct map *m = &r->maps.v[i];
        if (m->ino != st.st_ino || m->dev != st.st_dev || m->shared)
            continue;
        grow_private(r, t, m, c->old_size, size, map);
        show_in_private(r, t, m, start, end, out);
    }
}

/* ---- memory of other tasks ---- */

static void poke(struct recorder *r, struct task *t, pid_t pid, uint64_t addr, uint64_t len)
{
    struct task *target = map64_get(&r->tasks, (uint64_t)pid);
    if (target == NULL || target->space == t->space || target->state == TASK_DYING)
        return; /* not recorded, or told as written by the call itself */
    poke_memory(r, target, addr, len);
}

/* Other processes may have the written file mapped privately: their untouched pages show it. */
static void poke_private_mappings(struct recorder *r, struct task *t)
{
    uint64_t fd = t->call.call.args[t->call.row->out_fd], start, end;
    struct stat st;
    if (fd_class_of(r, t, fd) != FD_MAPPED_FILE || !file_of_call(t, &st) ||
        shared_objects_find(r, st.st_dev, st.st_ino) != NULL || !written_range(t, &start, &end))
        return;
    size_t pos = 0;
    for (struct task *other; (other = map64_next(&r->tasks, &pos)) != NULL;) {
        if (other->space == t->space || maps_read(other->tid, &r->maps) < 0)
            continue;
        for (size_t i = 0; i < r->maps.n; i++) {
            const struct map *m = &r->maps.v[i];
            uint64_t map_end = m->offset + (m->end - m->start);
            if (m->ino != st.st_ino || m->dev != st.st_dev || m->shared || end <= m->offset ||
                start >= map_end)
                continue;
            uint64_t from = start > m->offset ? start : m->offset;
            uint64_t to = end < map_end ? end : map_end;
            poke(r, t, other->tid, m->start + (from - m->offset), to - from);
        }
    }
}

/* A stretch of memory that a call wrote by pid. */
struct foreign {
    pid_t pid;
    uint64_t addr, len;
};

static size_t foreign_ranges(struct recorder *r, struct task *t, struct foreign *v, size_t cap)
{
    const struct call *c = &t->call;
    const uint64_t *args = c->call.args;
    uint64_t left = (uint64_t)c->call.result;
    size_t n = 0;
    if (c->row->mem == MEM_OTHER_TASK && c->call.nr == SYS_process_vm_writev) {
        struct iovec iov[64];
        size_t count = args[4] < 64 ? (size_t)args[4] : 64;
        if (tracee_read_all(t->tid, args[3], iov, count * sizeof *iov) < 0)
            return 0;
        for (size_t i = 0; i < count && left > 0 && n < cap; i++) {
            uint64_t len = iov[i].iov_len < left ? iov[i].iov_len : left;
            v[n++] = (struct foreign){(pid_t)args[0], (uint64_t)iov[i].iov_base, len};
            left -= len;
        }
    } else if (c->row->mem == MEM_FILE_WRITE &&
               fd_class_of(r, t, args[c->row->out_fd]) == FD_PROC_MEM) {
        char link[64], name[64];
        uint64_t start, end;
        fd_path(t, args[c->row->out_fd], link, sizeof link);
        ssize_t len = readlink(link, name, sizeof name - 1);
        int pid;
        if (len <= 0 || !written_range(t, &start, &end))
            return 0;
        name[len] = '\0';
        if (sscanf(name, "/proc/%d/", &pid) == 1)
            v[n++] = (struct foreign){pid, start, end - start};
    }
    return n;
}

void calls_memory_poke_others(struct recorder *r, struct task *t)
{
    const struct call *c = &t->call;
    if (c->row == NULL || c->answered || c->call.result <= 0 ||
        (c->row->mem != MEM_OTHER_TASK && c->row->mem != MEM_FILE_WRITE))
        return;
    struct foreign v[64];
    size_t n = foreign_ranges(r, t, v, 64);
    for (size_t i = 0; i < n; i++)
        poke(r, t, v[i].pid, v[i].addr, v[i].len);
    if (c->row->mem == MEM_FILE_WRITE)
        poke_private_mappings(r, t);
}

/* What such a call wrote into the caller itself. */
static void add_own_foreign(struct recorder *r, struct task *t, struct emit_list *out)
{
    struct foreign v[64];
    size_t n = foreign_ranges(r, t, v, 64);
    for (size_t i = 0; i < n; i++) {
        struct task *target = map64_get(&r->tasks, (uint64_t)v[i].pid);
        Reprise__Range *range = NULL;
        if (target != NULL && target->space == t->space)
            range = emit_memory(r, t->tid, v[i].addr, v[i].len);
        if (range != NULL)
            emit_push(r, out, range);
    }
}

/* ---- entry and exit ---- */

static uint64_t start_of_brk(pid_t tid)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)tid);
    int fd SCOPE_CLOSE = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    if (n <= 0)
        return 0;
    text[n] = '\0';
    const char *p = strrchr(text, ')'); /* field 2 ends here; start_brk is field 47 */
    for (int field = 2; p != NULL && field < 47; field++)
        p = strchr(p + 1, ' ');
    return p != NULL ? strtoull(p + 1, NULL, 10) : 0;
}

void calls_memory_at_entry(struct recorder *r, struct task *t)
{
    struct call *c = &t->call;
    if (c->row == NULL)
        return;
    struct stat st;
    switch (c->row->mem) {
    case MEM_BRK:
        if (t->space->brk == 0)
            t->space->brk = start_of_brk(t->tid);
        c->old_brk = t->space->brk;
        break;
    case MEM_MADVISE:
        /* When the kernel frees the pages is its whim; at once is one of its choices. */
        if (c->call.nr == SYS_madvise && c->call.args[2] == MADV_FREE &&
            tracee_set_reg(t->tid, REG_INDEX(rdx), MADV_DONTNEED) == 0)
            c->argument_altered = true;
        break;
    case MEM_SHMDT: {
        const struct map *m;
        if (maps_read(t->tid, &r->maps) == 0 && (m = maps_find(&r->maps, c->call.args[0])) != NULL)
            c->shm_len = m->end - m->start;
        break;
    }
    case MEM_FILE_WRITE:
        if (fd_class_of(r, t, c->call.args[c->row->out_fd]) == FD_MAPPED_FILE)
            c->old_size = file_of_call(t, &st) ? (uint64_t)st.st_size : 0;
        break;
    case MEM_FILE_SIZE:
        c->call.result = -1; /* none yet */
        c->old_size = file_of_call(t, &st) ? (uint64_t)st.st_size : UINT64_MAX;
        break;
    case MEM_NONE:
    case MEM_MMAP:
    case MEM_MUNMAP:
    case MEM_MREMAP:
    case MEM_MPROTECT:
    case MEM_SHMAT:
    case MEM_PKEY:
    case MEM_REMAP_FILE_PAGES:
    case MEM_OTHER_TASK:
        break; /* told by arguments and result */
    }
}

static void unmap_op(struct recorder *r, uint64_t addr, uint64_t len, struct emit_list *map)
{
    Reprise__MapOp *op = op_new(r, REPRISE__MAP_OP__OP__UNMAP, map);
    op->addr = addr;
    op->len = page_up(len);
}

static void at_shmdt(struct recorder *r, struct task *t, struct emit_list *map)
{
    /* what was attached there is gone already: entry noted its end */
    if (t->call.shm_len > 0)
        unmap_op(r, t->call.call.args[0], t->call.shm_len, map);
}

void calls_memory_at_exit(struct recorder *r, struct task *t, struct emit_list *map,
                          struct emit_list *out)
{
    const struct call *c = &t->call;
    if (c->row == NULL || c->row->mem == MEM_NONE || c->answered)
        return;
    int64_t result = c->call.result;
    bool failed = result < 0 && result > -4096;
    const uint64_t *args = c->call.args;
    /* mprotect and madvise that meet a hole fail with the first part done */
    if (failed &&
        !(result == -ENOMEM && (c->row->mem == MEM_MPROTECT || c->row->mem == MEM_MADVISE)))
        return;
    switch (c->row->mem) {
    case MEM_MMAP:
        at_mmap(r, t, map);
        break;
    case MEM_MUNMAP:
        unmap_op(r, args[0], args[1], map);
        break;
    case MEM_MREMAP:
        at_mremap(r, t, map);
        break;
    case MEM_BRK:
        at_brk(r, t, map);
        break;
    case MEM_MPROTECT: {
        Reprise__MapOp *op = op_new(r, REPRISE__MAP_OP__OP__PROTECT, map);
        op->addr = args[0];
        op->len = page_up(args[1]);
        op->prot = (uint32_t)args[2];
        if (c->call.nr == SYS_pkey_mprotect)
            op->pkey = (uint32_t)args[3] + 1;
        break;
    }
    case MEM_PKEY: {
        bool alloc = c->call.nr == SYS_pkey_alloc;
        Reprise__MapOp *op = op_new(
            r, alloc ? REPRISE__MAP_OP__OP__PKEY_ALLOC : REPRISE__MAP_OP__OP__PKEY_FREE, map);
        op->addr = alloc ? (uint64_t)result : args[0];
        op->flags = (uint32_t)args[1];
        break;
    }
    case MEM_MADVISE:
        at_madvise(r, t, map);
        break;
    case MEM_SHMAT:
        at_shmat(r, t, map);
        break;
    case MEM_SHMDT:
        at_shmdt(r, t, map);
        break;
    case MEM_FILE_SIZE:
        at_file_size(r, t, map, out);
        break;
    case MEM_FILE_WRITE:
        if (result > 0) {
            at_file_write(r, t, map, out);
            add_own_foreign(r, t, out);
        }
        break;
    case MEM_OTHER_TASK:
        if (result > 0)
            add_own_foreign(r, t, out);
        break;
    case MEM_NONE:
    case MEM_REMAP_FILE_PAGES:
        break;
    }
}

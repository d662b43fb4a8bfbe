/* Owns the translation of memory calls into the operations that replay repeats. Each operation
 * says where and what, so that replay depends neither on the table nor on the kernel's choice. */
#include "recorder/calls_memory.h"

#include "base/page.h"
#include "recorder/call_facts.h"
#include "recorder/code_patches.h"
#include "recorder/code_watch.h"
#include "recorder/emit_map.h"
#include "recorder/fd_class.h"
#include "recorder/files.h"
#include "recorder/foreign_memory.h"
#include "recorder/mapped_files.h"
#include "recorder/scratch.h"
#include "recorder/shared_objects.h"
#include "recorder/state_saves.h"
#include "recorder/stub_calls.h"
#include "task/memory_watch.h"
#include "task/proc.h"

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

#define MADV_GUARD_INSTALL_ 102
#define MADV_GUARD_REMOVE_  103

/* ---- mmap ---- */

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
        emit_mapping_content(r, t, m, m->len);
        return;
    }
    m->blob = emit_copy(r, content.id.bytes, BLOB_ID_SIZE);
    m->blob_offset = content.blob_offset;
    code_patches_add(r, t, m);
}

static void map_shared_file(struct recorder *r, struct task *t, uint64_t fd, Reprise__Mapping *m,
                            const struct stat *st, struct emit_list *map)
{
    struct shared_object *o = shared_objects_get(r, st->st_dev, st->st_ino);
    o->writable = o->writable || fd_class_is_writable(t, fd);
    if (o->group == NULL)
        o->group = t->group;
    t->space->has_shared_memory = t->space->has_shared_memory || o->writable;
    m->object = o->id;
    m->object_offset = m->file_offset;
    uint64_t size = (uint64_t)st->st_size;
    Reprise__MapOp *resize = emit_map_op(r, REPRISE__MAP_OP__OP__RESIZE, map);
    resize->object = o->id;
    resize->len = size;
    /* the size must be known before the mapping is made */
    map->v[map->n - 1] = map->v[map->n - 2];
    map->v[map->n - 2] = resize;
    uint64_t valid = size > m->file_offset ? size - m->file_offset : 0;
    emit_mapping_content(r, t, m, valid < m->len ? valid : m->len);
}

/* /dev/zero, mostly: memory of its own, which children share if it is mapped shared. */
static void map_device(struct recorder *r, struct task *t, Reprise__Mapping *m)
{
    if (m->flags == MAP_SHARED)
        t->space->has_shared_memory = true;
    emit_mapping_content(r, t, m, m->len);
}

static void at_mmap(struct recorder *r, struct task *t, struct emit_list *map)
{
    const struct call *c = &t->call;
    const uint64_t *args = c->call.args;
    uint32_t flags =
        (call_mmap_is_shared(c) ? MAP_SHARED : MAP_PRIVATE) | (uint32_t)(args[3] & MAP_GROWSDOWN);
    uint64_t page = (args[3] & MAP_HUGETLB) != 0 ? 2u << 20 : PAGE;
    uint64_t len = (args[1] + page - 1) & ~(page - 1);
    Reprise__Mapping *m =
        emit_mapping(r, (uint64_t)c->call.result, len, (uint32_t)args[2] & 7, flags, map);
    if (!call_mmap_is_file(c)) {
        if (call_mmap_is_shared(c))
            t->space->has_shared_memory = true;
        code_watch_mapped(r, t, m, NULL, map, false);
        return;
    }
    char link[64];
    struct stat st;
    fd_class_path(t, args[4], link, sizeof link);
    m->file_offset = args[5];
    add_name(r, link, m);
    if (stat(link, &st) < 0)
        emit_mapping_content(r, t, m, len);
    else if (S_ISCHR(st.st_mode))
        map_device(r, t, m);
    else if (call_mmap_is_shared(c))
        map_shared_file(r, t, args[4], m, &st, map);
    else
        map_private_file(r, t, link, m, &st);
    code_watch_mapped(r, t, m, link, map, false);
}

/* ---- the other calls ---- */

static void at_brk(struct recorder *r, struct task *t, struct emit_list *map)
{
    const struct call *c = &t->call;
    uint64_t now = (uint64_t)c->call.result;
    uint64_t old = emit_page_up(c->old_brk), new = emit_page_up(now);
    t->space->brk = now;
    if (new > old) {
        emit_mapping(r, old, new - old, PROT_READ | PROT_WRITE, MAP_PRIVATE, map);
    } else if (new < old) {
        Reprise__MapOp *op = emit_map_op(r, REPRISE__MAP_OP__OP__UNMAP, map);
        op->addr = new;
        op->len = old - new;
    }
}

static void at_mremap(struct recorder *r, struct task *t, struct emit_list *map)
{
    const uint64_t *args = t->call.call.args;
    Reprise__MapOp *op = emit_map_op(r, REPRISE__MAP_OP__OP__REMAP, map);
    op->addr = args[0];
    op->len = emit_page_up(args[1]);
    op->new_addr = (uint64_t)t->call.call.result;
    op->new_len = emit_page_up(args[2]);
    op->flags = (uint32_t)args[3];
    code_watch_moved(r, t, op->addr, op->len, op->new_addr, op->new_len, map);
}

/* How much of the range an mprotect has changed that failed with ENOMEM (mm/mprotect.c). */
static uint64_t len_before_hole(struct recorder *r, const struct task *t, const Reprise__MapOp *op)
{
    uint64_t at = op->addr, end = op->addr + op->len;
    if (maps_read(t->tid, &r->maps) < 0)
        return 0;
    for (const struct map *m; at < end && (m = maps_find(&r->maps, at)) != NULL;)
        at = m->end;
    return (at < end ? at : end) - op->addr;
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
    Reprise__MapOp *op = emit_map_op(r, REPRISE__MAP_OP__OP__ADVISE, map);
    op->addr = args[0];
    op->len = emit_page_up(args[1]);
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
    Reprise__MapOp *resize = emit_map_op(r, REPRISE__MAP_OP__OP__RESIZE, map);
    resize->object = o->id;
    resize->len = len;
    Reprise__Mapping *m = emit_mapping(r, addr, len, (uint32_t)found->prot, MAP_SHARED, map);
    m->object = o->id;
    m->name = emit_copy(r, "[shm]", 5);
    emit_mapping_content(r, t, m, len);
    code_watch_mapped(r, t, m, NULL, map, false);
}

/* ---- entry and exit ---- */

static uint64_t start_of_brk(pid_t tid)
{
    struct proc_stat stat;
    return proc_stat(tid, &stat) ? stat.start_brk : 0;
}

static void touch(struct recorder *r, struct task *t, uint64_t addr, uint64_t len)
{
    if (t->space->stub.mapped)
        stub_calls_touch(t, addr, len);
    state_saves_touch(r, t, addr, len);
    code_watch_touch(r, t, addr, len);
    scratch_forget(t, addr, len);
}

/* What the call is about to do something to, as far as code may be there. Mappings for which the
 * kernel chooses the place touch nothing that is there. */
static void touch_code(struct recorder *r, struct task *t)
{
    const struct call *c = &t->call;
    const uint64_t *args = c->call.args;
    bool fixed_map = c->row->mem == MEM_MMAP && (args[3] & MAP_FIXED) != 0;
    bool attach = c->row->mem == MEM_SHMAT && (args[2] & SHM_REMAP) != 0;
    if (fixed_map || c->row->mem == MEM_MUNMAP || c->row->mem == MEM_MPROTECT ||
        c->row->mem == MEM_MADVISE)
        touch(r, t, args[0], emit_page_up(args[1]));
    if (c->row->mem == MEM_MREMAP)
        touch(r, t, args[0], emit_page_up(args[1]));
    if (c->row->mem == MEM_MREMAP && (args[3] & MREMAP_FIXED) != 0)
        touch(r, t, args[4], emit_page_up(args[2]));
    if (attach || c->row->mem == MEM_REMAP_FILE_PAGES)
        touch(r, t, args[attach ? 1 : 0], UINT64_MAX);
}

void calls_memory_at_entry(struct recorder *r, struct task *t)
{
    struct call *c = &t->call;
    if (c->row == NULL || c->row->mem == MEM_MREMAP) /* by its 32-bit number, too */
        memory_watch_stop(t->space->watch);
    if (c->row == NULL)
        return;
    touch_code(r, t);
    struct stat st;
    switch (c->row->mem) {
    case MEM_BRK:
        if (t->space->brk == 0)
            t->space->brk = start_of_brk(t->tid);
        c->old_brk = t->space->brk;
        break;
    case MEM_MADVISE:
        /* When the kernel frees the pages is its whim; at once is one of its choices. */
        if (c->call.args[2] == MADV_FREE &&
            tracee_set_reg(t->tid, regs_arg_word(2), MADV_DONTNEED) == 0)
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
            c->old_size = mapped_files_of_call(t, &st) ? (uint64_t)st.st_size : 0;
        break;
    case MEM_FILE_SIZE:
        c->call.result = -1; /* none yet */
        c->old_size = mapped_files_of_call(t, &st) ? (uint64_t)st.st_size : UINT64_MAX;
        break;
    case MEM_NONE:
    case MEM_MMAP:
    case MEM_MUNMAP:
    case MEM_MREMAP:
    case MEM_MPROTECT:
    case MEM_SHMAT:
    case MEM_PKEY_ALLOC:
    case MEM_PKEY_FREE:
    case MEM_REMAP_FILE_PAGES:
    case MEM_OTHER_TASK:
        break; /* told by arguments and result */
    }
}

static void unmap_op(struct recorder *r, uint64_t addr, uint64_t len, struct emit_list *map)
{
    Reprise__MapOp *op = emit_map_op(r, REPRISE__MAP_OP__OP__UNMAP, map);
    op->addr = addr;
    op->len = emit_page_up(len);
}

static void at_shmdt(struct recorder *r, struct task *t, struct emit_list *map)
{
    /* what was attached there is gone already: entry noted its end */
    if (t->call.shm_len > 0)
        unmap_op(r, t->call.call.args[0], t->call.shm_len, map);
}

static void note_effects(struct recorder *r, struct task *t, struct emit_list *map,
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
        code_watch_unmapped(t, args[0], emit_page_up(args[1]));
        break;
    case MEM_MREMAP:
        at_mremap(r, t, map);
        break;
    case MEM_BRK:
        at_brk(r, t, map);
        break;
    case MEM_MPROTECT: {
        Reprise__MapOp *op = emit_map_op(r, REPRISE__MAP_OP__OP__PROTECT, map);
        op->addr = args[0];
        op->len = emit_page_up(args[1]);
        op->prot = (uint32_t)args[2];
        int pkey = syscall_arg_of_type(c->row, TYPE_PKEY);
        if (pkey >= 0)
            op->pkey = (uint32_t)args[pkey] + 1;
        code_watch_protected(r, t, op->addr, failed ? len_before_hole(r, t, op) : op->len,
                             op->prot & 7, map);
        break;
    }
    case MEM_PKEY_ALLOC:
    case MEM_PKEY_FREE: {
        bool alloc = c->row->mem == MEM_PKEY_ALLOC;
        Reprise__MapOp *op = emit_map_op(
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
        mapped_files_resized(r, t, map, out);
        break;
    case MEM_FILE_WRITE:
        if (result > 0) {
            mapped_files_written(r, t, map, out);
            foreign_memory_add_own(r, t, out);
        }
        break;
    case MEM_OTHER_TASK:
        if (result > 0)
            foreign_memory_add_own(r, t, out);
        break;
    case MEM_NONE:
    case MEM_REMAP_FILE_PAGES:
        break;
    }
}

void calls_memory_at_exit(struct recorder *r, struct task *t, struct emit_list *map,
                          struct emit_list *out)
{
    note_effects(r, t, map, out);
    code_watch_settle(r, t, map, out);
}

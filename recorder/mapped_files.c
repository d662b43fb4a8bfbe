/* Owns what calls on files change in memory that has them mapped: their content, and their end,
 * behind which pages are gone. */
#include "recorder/mapped_files.h"

#include "base/page.h"
#include "base/scope.h"
#include "recorder/emit_map.h"
#include "recorder/fd_class.h"
#include "recorder/files.h"
#include "recorder/shared_objects.h"
#include "task/proc.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

bool mapped_files_of_call(const struct task *t, struct stat *ret)
{
    const struct call *c = &t->call;
    char path[4200];
    bool opens = c->row->mem == MEM_FILE_SIZE && (c->row->flags & SYSCALL_CHANGES_FDS) != 0;
    if (opens) /* it is there only afterwards */
        return c->call.result >= 0 &&
               (fd_class_path(t, (uint64_t)c->call.result, path, sizeof path),
                stat(path, ret) == 0);
    if (c->row->args[0] != ARG_PATH) {
        int64_t fd =
            (int64_t)(int)
                c->call.args[(c->row->flags & SYSCALL_WRITES_FD) != 0 ? c->row->out_fd : 0];
        fd_class_path(t, (uint64_t)fd, path, sizeof path);
        return stat(path, ret) == 0;
    }
    const char *name = (const char *)c->in.data; /* handed over, NUL included */
    if (c->in.len == 0 || c->in.data[c->in.len - 1] != '\0')
        return false;
    snprintf(path, sizeof path, "%s/%s", proc_path(t->tid, name[0] == '/' ? "root" : "cwd").s,
             name);
    return stat(path, ret) == 0;
}

/* The mapped file has another size now: pages behind its end are gone, those before are there. */
static void resize_private(struct recorder *r, struct task *t, const struct map *m, uint64_t size,
                           struct emit_list *map, struct emit_list *out)
{
    uint64_t end_in_map = size > m->offset ? size - m->offset : 0;
    uint64_t first_gone = m->start + emit_page_up(end_in_map);
    if (first_gone < m->end) {
        Reprise__MapOp *op = emit_map_op(r, REPRISE__MAP_OP__OP__TRUNCATE, map);
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
    uint64_t from = m->start + emit_page_up(old_size > m->offset ? old_size - m->offset : 0);
    uint64_t to = m->start + emit_page_up(size > m->offset ? size - m->offset : 0);
    if (to > m->end)
        to = m->end;
    if (from >= to)
        return;
    Reprise__Mapping *g = emit_mapping(r, from, to - from, (uint32_t)m->prot, MAP_PRIVATE, map);
    emit_mapping_content(r, t, g, to - from);
}

bool mapped_files_may_resize(const struct task *t)
{
    const struct syscall_call *c = &t->call.call;
    int flags = syscall_arg_of_type(syscall_traits(c->nr), TYPE_OPEN_FLAGS);
    return flags < 0 || (c->args[flags] & O_TRUNC) != 0;
}

void mapped_files_resized(struct recorder *r, struct task *t, struct emit_list *map,
                          struct emit_list *out)
{
    struct stat st;
    if (!mapped_files_may_resize(t) || !mapped_files_of_call(t, &st) ||
        !files_is_mapped(r, st.st_dev, st.st_ino) || maps_read(t->tid, &r->maps) < 0)
        return;
    uint64_t size = (uint64_t)st.st_size, old = t->call.old_size;
    struct shared_object *o = shared_objects_find(r, st.st_dev, st.st_ino);
    if (o != NULL) {
        Reprise__MapOp *op = emit_map_op(r, REPRISE__MAP_OP__OP__RESIZE, map);
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
bool mapped_files_written_range(struct task *t, uint64_t *ret_start, uint64_t *ret_end)
{
    const struct call *c = &t->call;
    const uint64_t *args = c->call.args;
    uint64_t result = (uint64_t)c->call.result, end = 0;
    enum syscall_place place = (enum syscall_place)c->row->io.place;
    bool at_offset = place == PLACE_ARG || (place == PLACE_ARG_OR_OWN && args[3] != UINT64_MAX);
    bool at_pointer = place == PLACE_POINTER && args[3] != 0;
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
        Reprise__MapOp *op = emit_map_op(r, REPRISE__MAP_OP__OP__OBJECT_WRITE, map);
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

void mapped_files_written(struct recorder *r, struct task *t, struct emit_list *map,
                          struct emit_list *out)
{
    const struct call *c = &t->call;
    uint64_t fd = c->call.args[c->row->out_fd], start, end;
    struct stat st;
    if (fd_class_of(r, t, fd) != FD_MAPPED_FILE || !mapped_files_of_call(t, &st) ||
        !mapped_files_written_range(t, &start, &end) || maps_read(t->tid, &r->maps) < 0)
        return;
    uint64_t size = (uint64_t)st.st_size;
    struct shared_object *o = shared_objects_find(r, st.st_dev, st.st_ino);
    if (o != NULL) {
        Reprise__MapOp *resize = emit_map_op(r, REPRISE__MAP_OP__OP__RESIZE, map);
        resize->object = o->id;
        resize->len = size;
        char link[64];
        fd_class_path(t, fd, link, sizeof link);
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

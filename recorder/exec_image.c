/* Owns the capture of a fresh program: what the kernel mapped, the stack it built, the registers.
 * The replayer's exec_rebuild.c is its counterpart. */
#include "recorder/exec_image.h"

#include "base/page.h"
#include "recorder/agenda.h"
#include "recorder/call_entry.h"
#include "recorder/call_facts.h"
#include "recorder/clock_reads.h"
#include "recorder/code_patches.h"
#include "recorder/code_watch.h"
#include "recorder/emit.h"
#include "recorder/exec_prepare.h"
#include "recorder/exit_writes.h"
#include "recorder/fd_class.h"
#include "recorder/files.h"
#include "recorder/forced_signals.h"
#include "recorder/group.h"
#include "recorder/scratch.h"
#include "recorder/state_saves.h"
#include "recorder/task_parts.h"
#include "task/proc.h"
#include "vdso/clock_ring.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

void exec_image_begin(struct recorder *r, struct task *t)
{
    task_set_state(r, t, TASK_IN_EXEC);
    if (t->call.active || t->call.entry_logged)
        call_log_entry(r, t);
    exit_writes_at_exec(r, t);
    fd_table_unref(t->fds); /* shared no longer: fs/exec.c, begin_new_exec() */
    t->fds = fd_table_new();
    t->clear_tid_addr = 0;
    t->tsc_off_by_program = false;
    t->cpuid_off_by_program = false;
    scratch_give_back(t);
    space_unref(t->space);
    t->space = space_new(r);
    if (t->group->n_tasks > 1) {
        group_leave(r, t);
        group_found(r, t);
    }
}

/* ---- mappings ---- */

/* Which pages of [start, start + 64 pages) hold memory of the task's own, not the file's:
 * present and not file-page, or swapped (Documentation/admin-guide/mm/pagemap.rst). */
static uint64_t own_pages(int pagemap, uint64_t start, size_t n)
{
    uint64_t words[64], own = 0;
    ssize_t got = pread(pagemap, words, n * 8, (off_t)(start / PAGE * 8));
    if (got != (ssize_t)(n * 8))
        return UINT64_MAX;
    for (size_t i = 0; i < n; i++) {
        bool present = (words[i] >> 63 & 1) != 0, swapped = (words[i] >> 62 & 1) != 0;
        bool file = (words[i] >> 61 & 1) != 0;
        if (swapped || (present && !file))
            own |= 1ull << i;
    }
    return own;
}

static void add_own_pages(struct recorder *r, struct task *t, int pagemap, const struct map *m,
                          Reprise__Mapping *out)
{
    struct emit_list content = {0};
    for (uint64_t at = m->start; at < m->end; at += 64 * PAGE) {
        uint64_t left = (m->end - at) / PAGE;
        size_t n = left < 64 ? (size_t)left : 64;
        uint64_t own = own_pages(pagemap, at, n);
        for (size_t i = 0; i < n;) {
            size_t first = i;
            while (i < n && (own >> i & 1) != 0)
                i++;
            if (i > first) {
                Reprise__Range *range =
                    emit_memory(r, t->tid, at + first * PAGE, (i - first) * PAGE);
                if (range != NULL)
                    emit_push(r, &content, range);
            } else {
                i++;
            }
        }
    }
    out->content = (Reprise__Range **)content.v;
    out->n_content = content.n;
}

#define PATH_SIZE 4200

/* path: by which its content was read. */
static int keep_mapped_file(struct recorder *r, struct task *t, const struct map *m,
                            char path[PATH_SIZE], struct file_content *ret)
{
    snprintf(path, PATH_SIZE, "%s%s", proc_path(t->tid, "root").s, m->name);
    int err = files_keep(r, path, m->dev, m->ino, m->offset, m->end - m->start, ret);
    if (err == 0)
        return 0;
    snprintf(path, PATH_SIZE, "%s/%llx-%llx", proc_path(t->tid, "map_files").s,
             (unsigned long long)m->start, (unsigned long long)m->end);
    err = files_keep(r, path, 0, 0, m->offset, m->end - m->start, ret);
    if (err == 0)
        return 0;
    snprintf(path, PATH_SIZE, "%s", proc_path(t->tid, "exe").s);
    return files_keep(r, path, m->dev, m->ino, m->offset, m->end - m->start, ret);
}

static Reprise__Mapping *capture_mapping(struct recorder *r, struct task *t, int pagemap,
                                         const struct map *m, char path[PATH_SIZE])
{
    Reprise__Mapping *out = emit_alloc(r, sizeof *out);
    reprise__mapping__init(out);
    out->addr = m->start;
    out->len = m->end - m->start;
    out->prot = (uint32_t)m->prot;
    out->flags = MAP_PRIVATE;
    out->name = emit_copy(r, m->name, strlen(m->name));
    out->file_offset = m->offset;
    struct file_content content;
    if (m->ino == 0) {
        add_own_pages(r, t, pagemap, m, out);
    } else if (keep_mapped_file(r, t, m, path, &content) == 0) {
        out->blob = emit_copy(r, content.id.bytes, BLOB_ID_SIZE);
        out->blob_offset = content.blob_offset;
        if ((m->prot & PROT_WRITE) != 0)
            add_own_pages(r, t, pagemap, m, out);
    } else { /* the file is out of reach: what the task sees is the content */
        struct emit_list list = {0};
        Reprise__Range *range = emit_memory(r, t->tid, m->start, m->end - m->start);
        if (range != NULL)
            emit_push(r, &list, range);
        out->content = (Reprise__Range **)list.v;
        out->n_content = list.n;
    }
    return out;
}

static void capture_mappings(struct recorder *r, struct task *t, Reprise__Image *image)
{
    int pagemap = proc_open(t->tid, "pagemap");
    struct emit_list list = {0};
    bool vdso_due = t->space->has_vdso; /* it was mapped after the mappings were read */
    for (size_t i = 0; i < r->maps.n; i++) {
        const struct map *m = &r->maps.v[i];
        if (vdso_due && m->start > VDSO_ADDR) {
            clock_reads_add_mappings(r, &list);
            vdso_due = false;
        }
        if (exec_prepare_hides(m))
            continue;
        char path[PATH_SIZE];
        Reprise__Mapping *mapping = capture_mapping(r, t, pagemap, m, path);
        code_patches_add(r, t, mapping);
        state_saves_steady(r, t, mapping);
        code_watch_mapped(r, t, mapping, path, NULL, true);
        emit_push(r, &list, mapping);
    }
    if (pagemap >= 0)
        close(pagemap);
    image->mappings = (Reprise__Mapping **)list.v;
    image->n_mappings = list.n;
}

/* ---- the event ---- */

static void add_argv(struct recorder *r, struct task *t, uint64_t rsp, Reprise__Exec *exec)
{
    uint64_t argc = 0;
    if (tracee_read_all(t->tid, rsp, &argc, sizeof argc) < 0 || argc > 4096)
        return;
    uint64_t *ptrs = emit_alloc(r, argc * sizeof *ptrs + 1);
    ProtobufCBinaryData *argv = emit_alloc(r, argc * sizeof *argv + 1);
    if (tracee_read_all(t->tid, rsp + 8, ptrs, argc * sizeof *ptrs) < 0)
        return;
    for (uint64_t i = 0; i < argc; i++) {
        char text[4096];
        long n = tracee_read(t->tid, ptrs[i], text, sizeof text);
        argv[i] = emit_copy(r, text, n > 0 ? strnlen(text, (size_t)n) : 0);
    }
    exec->argv = argv;
    exec->n_argv = argc;
}

static bool is_64_bit(struct task *t)
{
    unsigned char ident[EI_NIDENT + 4] = {0};
    int fd = proc_open(t->tid, "exe");
    if (fd < 0)
        return true;
    ssize_t n = pread(fd, ident, sizeof ident, 0);
    close(fd);
    return n < (ssize_t)sizeof ident || ident[EI_CLASS] == ELFCLASS64;
}

void exec_image_log(struct recorder *r, struct task *t, const struct user_regs_struct *regs)
{
    task_set_state(r, t, TASK_USER);
    if (!is_64_bit(t)) {
        recorder_give_up(r, ENOTSUP,
                         "process %d executes a 32-bit program, which cannot be "
                         "recorded",
                         (int)t->pid);
        return;
    }
    forced_signals_at_exec(t);
    int err = maps_read(t->tid, &r->maps);
    if (err == -EACCES || err == -EPERM)
        recorder_give_up(r, ENOTSUP,
                         "process %d executes a program that this user may not read: the kernel "
                         "hides its memory",
                         (int)t->pid);
    if (err < 0 || !exec_prepare(r, t, regs_sp(regs)))
        return;
    Reprise__Image image = REPRISE__IMAGE__INIT;
    image.regs = emit_regs(r, regs);
    image.xstate = emit_xstate(r, t->tid);
    struct rlimit stack = {0};
    if (prlimit(t->tid, RLIMIT_STACK, NULL, &stack) == 0)
        image.stack_limit = stack.rlim_cur;
    capture_mappings(r, t, &image);
    Reprise__Exec exec = REPRISE__EXEC__INIT;
    exec.image = &image;
    exec.tid = t->tid;
    char name[4096];
    ssize_t n = readlink(proc_path(t->tid, "exe").s, name, sizeof name);
    if (n > 0)
        exec.path = emit_copy(r, name, (size_t)n);
    add_argv(r, t, regs_sp(regs), &exec);
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.body_case = REPRISE__EVENT__BODY_EXEC;
    e.exec = &exec;
    emit_event(r, t, &e);
    t->regs = *regs;
    t->signals.imminent = false;
    call_reset(&t->call);
    if (!r->started && r->options->started != NULL)
        r->options->started(r->options->started_ctx);
    r->started = true;
    task_resume(r, t, 0);
}

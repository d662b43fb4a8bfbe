/* Owns the repeating of memory calls: each is really executed in the task, at the recorded
 * address, with memory files in place of the files of the recording. */
#include "replayer/map_ops.h"

#include "replayer/blob_files.h"
#include "replayer/call_sites.h"
#include "replayer/code_files.h"
#include "replayer/diverge.h"
#include "replayer/memory_files.h"
#include "replayer/modules.h"
#include "replayer/space_use.h"
#include "replayer/tsc_reads.h"
#include "replayer/zygote.h"
#include "task/memory_watch.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define PAGE 4096ull

/* All that the kernel looks at when memory is mapped (mm/mmap.c, calc_vm_prot_bits). */
#define PROT_OF_MAPPING (PROT_READ | PROT_WRITE | PROT_EXEC)

static int check_not_ours(struct replayer *r, uint64_t addr, uint64_t len)
{
    if (!is_ours(addr, len))
        return 0;
    return err_set(r->err, ENOTSUP, "the program uses the address %#llx that replay needs",
                   (unsigned long long)STUB_ADDR);
}

static int check_place(struct replayer *r, uint64_t addr, uint64_t len)
{
    uint64_t end;
    if (__builtin_add_overflow(addr, len, &end) || end > TASK_TOP)
        return err_set(r->err, EBADMSG, "damaged trace: a mapping at %#llx of %#llx bytes",
                       (unsigned long long)addr, (unsigned long long)len);
    return check_not_ours(r, addr, len);
}

static int do_mmap(struct replayer *r, struct rtask *t, uint64_t addr, uint64_t len, uint32_t prot,
                   uint32_t flags, int fd, uint64_t offset)
{
    int theirs = fd >= 0 ? memory_file_in_tasks(r, fd) : -1;
    if (fd >= 0 && theirs < 0)
        return theirs;
    int64_t got = zygote_call(r, t->pid, SYS_mmap, addr, len, prot & PROT_OF_MAPPING,
                              flags | MAP_FIXED, (uint64_t)(int64_t)theirs, offset);
    if (got == (int64_t)addr)
        return 0;
    return err_sys(r->err, got < 0 ? (int)-got : EFAULT, "cannot map %#llx bytes at %#llx",
                   (unsigned long long)len, (unsigned long long)addr);
}

/* Writes content that differs from the file; into a read-only mapping through a detour. */
static int write_content(struct replayer *r, struct rtask *t, const Reprise__Mapping *m)
{
    if (m->n_content == 0)
        return 0;
    bool detour = (m->prot & PROT_WRITE) == 0;
    if (detour)
        zygote_call(r, t->pid, SYS_mprotect, m->addr, m->len, PROT_READ | PROT_WRITE, 0, 0, 0);
    int err = 0;
    for (size_t i = 0; err == 0 && i < m->n_content; i++)
        err = range_write(r, m->content[i], t->pid, -1, m->content[i]->addr);
    if (detour)
        zygote_call(r, t->pid, SYS_mprotect, m->addr, m->len, m->prot & PROT_OF_MAPPING, 0, 0, 0);
    return err < 0 ? err_sys(r->err, -err, "cannot fill a mapping at %#llx",
                             (unsigned long long)m->addr)
                   : 0;
}

/* Content of a shared object goes into its file: other tasks may have it mapped already. */
static int map_object(struct replayer *r, struct rtask *t, const Reprise__Mapping *m)
{
    int fd, err = blob_files_object(r, m->object, &fd);
    for (size_t i = 0; err == 0 && i < m->n_content; i++) {
        const Reprise__Range *c = m->content[i];
        err = range_write(r, c, 0, fd, m->object_offset + (c->addr - m->addr));
    }
    if (err < 0)
        return err;
    uint32_t type = (m->flags & MAP_PRIVATE) != 0 ? MAP_PRIVATE : MAP_SHARED;
    return do_mmap(r, t, m->addr, m->len, m->prot, type, fd, m->object_offset);
}

/* A program's own image is, and what it was about to execute, or the recorder has changed since. */
static bool is_executed(const struct replayer *r)
{
    return r->at.event->body_case == REPRISE__EVENT__BODY_EXEC ||
           r->at.event->body_case == REPRISE__EVENT__BODY_FETCH ||
           r->at.event->body_case == REPRISE__EVENT__BODY_POKE;
}

/* Code in which calls are redirected is mapped from the copy if it is going to be executed. Who
 * maps code may only want to read it, as translators do: then the first call that is made there
 * tells. */
static int map_code(struct replayer *r, struct rtask *t, const Reprise__Mapping *m,
                    struct code_file *code)
{
    bool is_copy = is_executed(r) && code_file_fd(code) >= 0;
    uint64_t offset = 0;
    int fd = code_file_fd(code);
    int err = is_copy ? 0 : code_file_original(r, code, &fd, &offset);
    if (err == 0)
        err = do_mmap(r, t, m->addr, m->len, m->prot, MAP_PRIVATE, fd, offset);
    if (err == 0)
        call_sites_add(t, m, code, is_copy);
    return err;
}

static int map_blob(struct replayer *r, struct rtask *t, const Reprise__Mapping *m)
{
    struct code_file *code = call_sites_has_room(t) ? code_files_get(r, m) : NULL;
    int fd;
    if (code != NULL)
        return map_code(r, t, m, code);
    int err = blob_files_get(r, &m->blob, &fd);
    if (err == 0)
        err = do_mmap(r, t, m->addr, m->len, m->prot, MAP_PRIVATE, fd, m->blob_offset);
    return err < 0 ? err : write_content(r, t, m);
}

/* Of what is there, pages may be left that nobody has in a page table. */
static void note_call(struct replayer *r, struct rtask *t, uint64_t addr, uint64_t len)
{
    space_use_note_call(t->use);
    if (space_use_may_share(t->use, addr, len))
        memory_use_hide(r, t->pid, addr, len);
}

int map_ops_map(struct replayer *r, struct rtask *t, const Reprise__Mapping *m)
{
    int err = check_place(r, m->addr, m->len);
    if (err < 0)
        return err;
    err = call_sites_touch(r, t, m->addr, m->len);
    if (err < 0)
        return err;
    modules_add(t->modules, m);
    note_call(r, t, m->addr, m->len);
    if (m->object == 0 && m->blob.len == 0 && (m->flags & MAP_SHARED) != 0)
        space_use_note_shared(t->use, m->addr, m->len);
    if (m->object != 0)
        return map_object(r, t, m);
    Reprise__Mapping patched;
    if (tsc_reads_patch(r, m, &patched)) {
        err = map_blob(r, t, &patched);
        tsc_reads_unpatch(&patched);
        return err;
    }
    if (m->blob.len > 0)
        return map_blob(r, t, m);
    uint32_t flags = m->flags & (MAP_SHARED | MAP_PRIVATE | MAP_GROWSDOWN);
    err = do_mmap(r, t, m->addr, m->len, m->prot, flags | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return err < 0 ? err : write_content(r, t, m);
}

/* A call whose failure was recorded must fail again, and the other way round. */
static int must_agree(struct replayer *r, struct rtask *t, const Reprise__MapOp *op,
                      const char *what, int64_t got)
{
    bool is_call = r->at.event->body_case == REPRISE__EVENT__BODY_SYSCALL && !op->by_recorder;
    int64_t recorded =
        is_call ? r->at.event->syscall->result : 0; /* what the recorder did worked */
    bool failed = got < 0, should_fail = recorded < 0 && recorded > -4096;
    if (failed == should_fail)
        return 0;
    return diverge(r, t, "%s returned %lld when recorded, but %lld now", what, (long long)recorded,
                   (long long)got);
}

static int truncate_mapping(struct replayer *r, struct rtask *t, const Reprise__MapOp *op)
{
    int fd, err = blob_files_empty(r, &fd);
    return err < 0 ? err
                   : do_mmap(r, t, op->addr, op->len, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
}

static int remap(struct replayer *r, struct rtask *t, const Reprise__MapOp *op)
{
    int err = check_place(r, op->new_addr, op->new_len);
    if (err < 0)
        return err;
    err = call_sites_touch(r, t, op->new_addr, op->new_len);
    if (err < 0)
        return err;
    memory_watch_stop(t->watch);
    if (space_use_may_share(t->use, op->addr, op->len))
        space_use_note_shared(t->use, op->new_addr, op->new_len);
    note_call(r, t, op->new_addr, op->new_len);
    uint64_t flags = op->flags & ~(uint32_t)(MREMAP_MAYMOVE | MREMAP_FIXED);
    if (op->new_addr != op->addr || (op->flags & MREMAP_FIXED) != 0)
        flags |= MREMAP_MAYMOVE | MREMAP_FIXED;
    int64_t got =
        zygote_call(r, t->pid, SYS_mremap, op->addr, op->len, op->new_len, flags, op->new_addr, 0);
    if (got == (int64_t)op->new_addr)
        return 0;
    return diverge(r, t, "mremap returned %#llx when recorded, but %#llx now",
                   (unsigned long long)op->new_addr, (unsigned long long)got);
}

static int protect(struct replayer *r, struct rtask *t, const Reprise__MapOp *op)
{
    int64_t got;
    if (op->pkey != 0)
        got = zygote_call(r, t->pid, SYS_pkey_mprotect, op->addr, op->len, op->prot,
                          (uint64_t)(int64_t)(int32_t)(op->pkey - 1), 0, 0);
    else
        got = zygote_call(r, t->pid, SYS_mprotect, op->addr, op->len, op->prot, 0, 0, 0);
    return must_agree(r, t, op, "mprotect", got);
}

/* Operations on what is mapped at addr. */
static bool is_about_memory(const Reprise__MapOp *op)
{
    return op->op == REPRISE__MAP_OP__OP__UNMAP || op->op == REPRISE__MAP_OP__OP__PROTECT ||
           op->op == REPRISE__MAP_OP__OP__REMAP || op->op == REPRISE__MAP_OP__OP__ADVISE ||
           op->op == REPRISE__MAP_OP__OP__TRUNCATE;
}

int map_ops_apply(struct replayer *r, struct rtask *t, const Reprise__MapOp *op)
{
    int fd, err = is_about_memory(op) ? check_not_ours(r, op->addr, op->len) : 0;
    if (err < 0)
        return err;
    if (is_about_memory(op) && (err = call_sites_touch(r, t, op->addr, op->len)) < 0)
        return err;
    if (is_about_memory(op))
        note_call(r, t, op->addr, op->len);
    int64_t got;
    switch (op->op) {
    case REPRISE__MAP_OP__OP__MAP:
        return op->mapping != NULL ? map_ops_map(r, t, op->mapping) : 0;
    case REPRISE__MAP_OP__OP__UNMAP:
        err = check_place(r, op->addr, op->len);
        if (err < 0)
            return err;
        return must_agree(r, t, op, "munmap",
                          zygote_call(r, t->pid, SYS_munmap, op->addr, op->len, 0, 0, 0, 0));
    case REPRISE__MAP_OP__OP__PROTECT:
        return protect(r, t, op);
    case REPRISE__MAP_OP__OP__PKEY_ALLOC:
        got = zygote_call(r, t->pid, SYS_pkey_alloc, 0, op->flags, 0, 0, 0, 0);
        return got == (int64_t)op->addr
                   ? 0
                   : diverge(r, t, "pkey_alloc gave key %llu when recorded, but %lld now",
                             (unsigned long long)op->addr, (long long)got);
    case REPRISE__MAP_OP__OP__PKEY_FREE:
        return must_agree(r, t, op, "pkey_free",
                          zygote_call(r, t->pid, SYS_pkey_free, op->addr, 0, 0, 0, 0, 0));
    case REPRISE__MAP_OP__OP__REMAP:
        return remap(r, t, op);
    case REPRISE__MAP_OP__OP__ADVISE:
        return must_agree(
            r, t, op, "madvise",
            zygote_call(r, t->pid, SYS_madvise, op->addr, op->len, op->advice, 0, 0, 0));
    case REPRISE__MAP_OP__OP__TRUNCATE:
        return truncate_mapping(r, t, op);
    case REPRISE__MAP_OP__OP__RESIZE:
        return blob_files_resize(r, op->object, op->len);
    case REPRISE__MAP_OP__OP__OBJECT_WRITE:
        err = blob_files_object(r, op->object, &fd);
        if (err < 0 || op->content == NULL)
            return err;
        return range_write(r, op->content, 0, fd, op->addr);
    case _REPRISE__MAP_OP__OP_IS_INT_SIZE:
        break;
    }
    return err_set(r->err, EBADMSG,
                   "the trace has a memory operation (%d) that this version does "
                   "not know",
                   (int)op->op);
}

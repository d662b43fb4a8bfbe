/* Owns the finding of the instructions that save state, once for each file. */
#include "recorder/state_saves.h"

#include "base/no_memory.h"
#include "format/blob_id.h"
#include "recorder/poke.h"
#include "vdso/clock_ring.h"
#include "vdso/state_save.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define CODE_MAX ((uint64_t)1 << 20) /* the linker's is a fifth of it */
#define EDITS    (sizeof((struct space *)NULL)->save_edits / sizeof(struct save_edit))
#define RESTORES (sizeof((struct space *)NULL)->restores / sizeof(uint64_t))

/* The trampolines of glibc since 2.26 (sysdeps/x86_64/dl-trampoline.h):
 *
 *     mov %rdx, 0x278(%rsp)     the last word of the header
 *     xsavec 0x40(%rsp)         or xsave
 *     ...                       finds the function
 *     mov $MASK, %eax
 *     xor %edx, %edx
 *     xrstor 0x40(%rsp)
 */
#define SAVE_SIZE 13
static const uint8_t last_of_header[8] = {0x48, 0x89, 0x94, 0x24, 0x78, 0x02};
static const uint8_t xsavec[5] = {0x0f, 0xc7, 0x64, 0x24, 0x40};
static const uint8_t xsave[5] = {0x0f, 0xae, 0x64, 0x24, 0x40};
static const uint8_t restore[7] = {0x31, 0xd2, 0x0f, 0xae, 0x6c, 0x24, 0x40};
#define MASK_SIZE   4   /* before these; and a byte before that */
#define XRSTOR_AT   2   /* in these */
#define RESTORE_MAX 128 /* it is that near */

/* Of one file; addresses are offsets in its code. */
struct state_saves {
    struct state_saves *next;
    uint8_t id[BLOB_ID_SIZE];
    uint64_t start; /* of the code in that file */
    size_t n, n_restores;
    struct save_edit v[EDITS];
    uint64_t restores[RESTORES];
};

static void add_edit(struct state_saves *s, uint64_t at, size_t size, const void *own,
                     const void *ours)
{
    struct save_edit *e = &s->v[s->n++];
    *e = (struct save_edit){.addr = at, .size = size};
    memcpy(e->own, own, size);
    memcpy(e->ours, ours, size);
}

/* In place of the instruction: movabs $code, %rdx; call *%rdx; nop */
static void add_call(struct state_saves *s, uint64_t at, const uint8_t *own, uint64_t code)
{
    uint8_t bytes[] = "\x48\xba........\xff\xd2\x90";
    memcpy(bytes + 2, &code, sizeof code);
    add_edit(s, at, SAVE_SIZE, own, bytes);
}

/* Where what is saved at `at` is restored: behind the mask. NULL: not as it is known. */
static const uint8_t *find_restore(const uint8_t *code, uint64_t at, size_t len)
{
    const uint8_t *insn = code + at + SAVE_SIZE;
    size_t left = len - at - SAVE_SIZE;
    const uint8_t *found =
        memmem(insn, left < RESTORE_MAX ? left : RESTORE_MAX, restore, sizeof restore);
    bool is_known = found != NULL && found - insn > MASK_SIZE && found[-MASK_SIZE - 1] == 0xb8;
    return is_known ? found : NULL;
}

/* Saves no more than AVX, and restores no more: a CPU that is asked to restore all components looks
 * at where each of them would be, though the image has none there, and may find no memory. */
static void add_save_of_avx(struct state_saves *s, const uint8_t *code, uint64_t at,
                            const uint8_t *found)
{
    static const uint8_t avx[MASK_SIZE] = {6};
    add_call(s, at, code + at, VDSO_ADDR + STATE_SAVE_AVX);
    add_edit(s, (uint64_t)(found - MASK_SIZE - code), MASK_SIZE, found - MASK_SIZE, avx);
}

static void find_saves(const struct recorder *r, struct state_saves *s, const uint8_t *code,
                       size_t len)
{
    const uint8_t *at = code, *end = code + len;
    while (s->n + 2 <= EDITS && s->n_restores < RESTORES &&
           (at = memmem(at, (size_t)(end - at), last_of_header, sizeof last_of_header)) != NULL) {
        const uint8_t *insn = at + sizeof last_of_header;
        if ((size_t)(end - at) < SAVE_SIZE)
            return;
        uint64_t offset = (uint64_t)(at - code);
        bool compacts = memcmp(insn, xsavec, sizeof xsavec) == 0;
        at = insn;
        if (!compacts && memcmp(insn, xsave, sizeof xsave) != 0)
            continue;
        const uint8_t *found = find_restore(code, offset, len);
        if (found == NULL)
            continue; /* both are rewritten as others are: code_watch.h */
        s->restores[s->n_restores++] = (uint64_t)(found + XRSTOR_AT - code);
        if ((r->xcr0 & 0xe0) == 0)
            add_save_of_avx(s, code, offset, found);
        else
            add_call(s, offset, code + offset,
                     VDSO_ADDR + (compacts ? STATE_SAVE_XSAVEC : STATE_SAVE_XSAVE));
    }
}

static const struct state_saves *saves_of(struct recorder *r, struct task *t,
                                          const Reprise__Mapping *m)
{
    for (const struct state_saves *s = r->state_saves; s != NULL; s = s->next)
        if (s->start == m->blob_offset && memcmp(s->id, m->blob.data, sizeof s->id) == 0)
            return s;
    buf_clear(&r->scratch);
    if (buf_reserve(&r->scratch, m->len) < 0 ||
        tracee_read_all(t->tid, m->addr, r->scratch.data, m->len) < 0)
        return NULL;
    struct state_saves *s = calloc(1, sizeof *s);
    if (s == NULL)
        no_memory();
    memcpy(s->id, m->blob.data, sizeof s->id);
    s->start = m->blob_offset;
    find_saves(r, s, r->scratch.data, m->len);
    s->next = r->state_saves;
    return r->state_saves = s;
}

static bool is_code(const Reprise__Mapping *m)
{
    const uint32_t wanted = PROT_READ | PROT_EXEC;
    return (m->prot & (wanted | PROT_WRITE)) == wanted && m->blob.len == BLOB_ID_SIZE &&
           m->n_content == 0 && m->len <= CODE_MAX;
}

void state_saves_steady(struct recorder *r, struct task *t, Reprise__Mapping *m)
{
    struct space *space = t->space;
    const struct state_saves *s = space->has_vdso && is_code(m) ? saves_of(r, t, m) : NULL;
    struct emit_list content = {0};
    for (size_t i = 0; s != NULL && i < s->n && space->n_save_edits < EDITS; i++) {
        struct save_edit edit = s->v[i];
        edit.addr += m->addr;
        if (tracee_write(t->tid, edit.addr, edit.ours, edit.size) < 0)
            continue;
        space->save_edits[space->n_save_edits++] = edit;
        emit_push(r, &content, emit_bytes(r, edit.addr, s->v[i].ours, edit.size));
    }
    if (content.n == 0)
        return;
    for (size_t i = 0; i < s->n_restores && space->n_restores < RESTORES; i++)
        space->restores[space->n_restores++] = m->addr + s->restores[i];
    m->content = (Reprise__Range **)content.v;
    m->n_content = content.n;
}

bool state_saves_restore_at(const struct task *t, uint64_t addr)
{
    const struct space *space = t->space;
    for (unsigned i = 0; i < space->n_restores; i++)
        if (space->restores[i] == addr)
            return true;
    return false;
}

void state_saves_touch(struct recorder *r, struct task *t, uint64_t addr, uint64_t len)
{
    struct space *space = t->space;
    if (space->n_save_edits == 0 || addr >= VDSO_ADDR + VDSO_SIZE ||
        (addr < VDSO_ADDR && len <= VDSO_ADDR - addr))
        return;
    for (unsigned i = 0; i < space->n_save_edits; i++) {
        const struct save_edit *e = &space->save_edits[i];
        uint8_t now[sizeof e->ours];
        if (tracee_read_all(t->tid, e->addr, now, e->size) == 0 &&
            memcmp(now, e->ours, e->size) == 0 &&
            tracee_write(t->tid, e->addr, e->own, e->size) == 0)
            poke_memory(r, t, e->addr, e->size);
    }
    space->n_save_edits = 0;
}

void state_saves_emit(struct recorder *r, const struct task *t, uint64_t start, uint64_t end,
                      struct emit_list *content)
{
    for (unsigned i = 0; i < t->space->n_save_edits; i++) {
        const struct save_edit *e = &t->space->save_edits[i];
        if (e->addr >= start && e->addr < end)
            emit_push(r, content, emit_bytes(r, e->addr, e->ours, e->size));
    }
}

void state_saves_free(struct recorder *r)
{
    for (struct state_saves *s; (s = r->state_saves) != NULL;) {
        r->state_saves = s->next;
        free(s);
    }
}

/* Owns the finding of the instructions that save state, once for each file. */
#include "recorder/state_saves.h"

#include "base/no_memory.h"
#include "format/blob_id.h"
#include "vdso/clock_ring.h"
#include "vdso/state_save.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define CODE_MAX ((uint64_t)1 << 20) /* the linker's is a fifth of it */
#define SAVES    4                   /* in a file: one for each kind that a CPU may have */

/* mov %rdx, 0x278(%rsp), the last word of the header; then xsavec or xsave 0x40(%rsp): as in the
 * trampolines of glibc since 2.26 (sysdeps/x86_64/dl-trampoline.h). */
#define SAVE_SIZE 13
static const uint8_t last_of_header[8] = {0x48, 0x89, 0x94, 0x24, 0x78, 0x02};
static const uint8_t xsavec[5] = {0x0f, 0xc7, 0x64, 0x24, 0x40};
static const uint8_t xsave[5] = {0x0f, 0xae, 0x64, 0x24, 0x40};

struct save {
    uint64_t offset; /* in the code */
    uint8_t bytes[SAVE_SIZE];
};

struct state_saves {
    struct state_saves *next;
    uint8_t id[BLOB_ID_SIZE];
    uint64_t start; /* of the code in that file */
    size_t n;
    struct save v[SAVES];
};

/* movabs $target, %rdx; call *%rdx; nop */
static void note_save(struct state_saves *s, uint64_t offset, uint64_t target)
{
    struct save *save = &s->v[s->n++];
    save->offset = offset;
    memcpy(save->bytes, "\x48\xba........\xff\xd2\x90", SAVE_SIZE);
    memcpy(save->bytes + 2, &target, sizeof target);
}

static void find_saves(struct state_saves *s, const uint8_t *code, size_t len)
{
    const uint8_t *at = code, *end = code + len;
    while (s->n < SAVES &&
           (at = memmem(at, (size_t)(end - at), last_of_header, sizeof last_of_header)) != NULL) {
        const uint8_t *insn = at + sizeof last_of_header;
        if ((size_t)(end - at) < SAVE_SIZE)
            return;
        if (memcmp(insn, xsavec, sizeof xsavec) == 0)
            note_save(s, (uint64_t)(at - code), VDSO_ADDR + STATE_SAVE_XSAVEC);
        else if (memcmp(insn, xsave, sizeof xsave) == 0)
            note_save(s, (uint64_t)(at - code), VDSO_ADDR + STATE_SAVE_XSAVE);
        at = insn;
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
    find_saves(s, r->scratch.data, m->len);
    s->next = r->state_saves;
    return r->state_saves = s;
}

void state_saves_steady(struct recorder *r, struct task *t, Reprise__Mapping *m)
{
    const uint32_t wanted = PROT_READ | PROT_EXEC;
    if (!t->space->has_vdso || (m->prot & (wanted | PROT_WRITE)) != wanted ||
        m->blob.len != BLOB_ID_SIZE || m->n_content > 0 || m->len > CODE_MAX)
        return;
    const struct state_saves *s = saves_of(r, t, m);
    struct emit_list content = {0};
    for (size_t i = 0; s != NULL && i < s->n; i++) {
        uint64_t addr = m->addr + s->v[i].offset;
        if (tracee_write(t->tid, addr, s->v[i].bytes, SAVE_SIZE) == 0)
            emit_push(r, &content, emit_bytes(r, addr, s->v[i].bytes, SAVE_SIZE));
    }
    m->content = (Reprise__Range **)content.v;
    m->n_content = content.n;
}

void state_saves_free(struct recorder *r)
{
    for (struct state_saves *s; (s = r->state_saves) != NULL;) {
        r->state_saves = s->next;
        free(s);
    }
}

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
#define SAVES    (sizeof((struct space *)NULL)->saves / sizeof(struct state_save))

/* mov %rdx, 0x278(%rsp), the last word of the header; then xsavec or xsave 0x40(%rsp): as in the
 * trampolines of glibc since 2.26 (sysdeps/x86_64/dl-trampoline.h). */
#define SAVE_SIZE 13
static const uint8_t last_of_header[8] = {0x48, 0x89, 0x94, 0x24, 0x78, 0x02};
static const uint8_t xsavec[5] = {0x0f, 0xc7, 0x64, 0x24, 0x40};
static const uint8_t xsave[5] = {0x0f, 0xae, 0x64, 0x24, 0x40};

/* Of one file. */
struct state_saves {
    struct state_saves *next;
    uint8_t id[BLOB_ID_SIZE];
    uint64_t start; /* of the code in that file */
    size_t n;
    struct state_save v[SAVES]; /* their offsets in the code */
};

static void find_saves(struct state_saves *s, const uint8_t *code, size_t len)
{
    const uint8_t *at = code, *end = code + len;
    while (s->n < SAVES &&
           (at = memmem(at, (size_t)(end - at), last_of_header, sizeof last_of_header)) != NULL) {
        const uint8_t *insn = at + sizeof last_of_header;
        if ((size_t)(end - at) < SAVE_SIZE)
            return;
        bool compacts = memcmp(insn, xsavec, sizeof xsavec) == 0;
        if (compacts || memcmp(insn, xsave, sizeof xsave) == 0)
            s->v[s->n++] = (struct state_save){(uint64_t)(at - code), compacts};
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

/* movabs $code, %rdx; call *%rdx; nop */
static void call_of(const struct recorder *r, const struct state_save *save,
                    uint8_t bytes[SAVE_SIZE])
{
    bool avx512 = (r->xcr0 & 0xe0) != 0;
    uint64_t code = VDSO_ADDR + (!avx512          ? STATE_SAVE_AVX
                                 : save->compacts ? STATE_SAVE_XSAVEC
                                                  : STATE_SAVE_XSAVE);
    memcpy(bytes, "\x48\xba........\xff\xd2\x90", SAVE_SIZE);
    memcpy(bytes + 2, &code, sizeof code);
}

static void instructions_of(const struct state_save *save, uint8_t bytes[SAVE_SIZE])
{
    memcpy(bytes, last_of_header, sizeof last_of_header);
    memcpy(bytes + sizeof last_of_header, save->compacts ? xsavec : xsave, sizeof xsavec);
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
    for (size_t i = 0; s != NULL && i < s->n && space->n_saves < SAVES; i++) {
        struct state_save save = {m->addr + s->v[i].addr, s->v[i].compacts};
        uint8_t *bytes = emit_alloc(r, SAVE_SIZE);
        call_of(r, &save, bytes);
        if (tracee_write(t->tid, save.addr, bytes, SAVE_SIZE) < 0)
            continue;
        space->saves[space->n_saves++] = save;
        emit_push(r, &content, emit_bytes(r, save.addr, bytes, SAVE_SIZE));
    }
    if (content.n == 0)
        return;
    m->content = (Reprise__Range **)content.v;
    m->n_content = content.n;
}

void state_saves_touch(struct recorder *r, struct task *t, uint64_t addr, uint64_t len)
{
    struct space *space = t->space;
    if (space->n_saves == 0 || addr >= VDSO_ADDR + VDSO_SIZE ||
        (addr < VDSO_ADDR && len <= VDSO_ADDR - addr))
        return;
    for (unsigned i = 0; i < space->n_saves; i++) {
        uint8_t ours[SAVE_SIZE], own[SAVE_SIZE], now[SAVE_SIZE];
        call_of(r, &space->saves[i], ours);
        instructions_of(&space->saves[i], own);
        if (tracee_read_all(t->tid, space->saves[i].addr, now, sizeof now) == 0 &&
            memcmp(now, ours, sizeof now) == 0 &&
            tracee_write(t->tid, space->saves[i].addr, own, sizeof own) == 0)
            poke_memory(r, t, space->saves[i].addr, sizeof own);
    }
    space->n_saves = 0;
}

void state_saves_emit(struct recorder *r, const struct task *t, uint64_t start, uint64_t end,
                      struct emit_list *content)
{
    for (unsigned i = 0; i < t->space->n_saves; i++) {
        const struct state_save *save = &t->space->saves[i];
        if (save->addr < start || save->addr >= end)
            continue;
        uint8_t *bytes = emit_alloc(r, SAVE_SIZE);
        call_of(r, save, bytes);
        emit_push(r, content, emit_bytes(r, save->addr, bytes, SAVE_SIZE));
    }
}

void state_saves_free(struct recorder *r)
{
    for (struct state_saves *s; (s = r->state_saves) != NULL;) {
        r->state_saves = s->next;
        free(s);
    }
}

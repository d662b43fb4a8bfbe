/* Owns the copies of code and what is changed in them. Knows nothing of tasks. */
#include "replayer/code_files.h"

#include "replayer/blob_files.h"
#include "replayer/fast_stub.h"
#include "task/insn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FILES_MAX  256
#define CODE_MAX   ((uint64_t)64 << 20)
#define SITES_MAX  512
#define HITS       2 /* a call that comes once is not worth it */
#define REACH      127
#define FILLER     16 /* no more, so that what is behind it is aligned */
#define JUMP_SIZE  5
#define ENTRY_MAX  17 /* mov $number, %eax; lea site(%rip), %rcx; jmp */
#define HOP_SIZE   13 /* movabs $fast_stub_enter, %r11; jmp *%r11 */
#define MARGIN     16 /* code may end in zeros of its own */
#define CALL_SIZE  2
#define PAGE       4096u
#define COPY_CHUNK ((size_t)1 << 20)

struct site {
    uint64_t offset;
    unsigned hits;
    bool is_redirected;
};

struct change {
    uint64_t offset;
    uint8_t len, was[ENTRY_MAX];
};

struct code_file {
    struct code_file *next;
    uint8_t id[BLOB_ID_SIZE];
    uint64_t blob_offset, len;
    int fd;        /* -1: no copy yet */
    bool is_stuck; /* nothing can be changed any more */
    uint64_t hop;  /* the way to the stub that all entries go; 0: not there yet */
    uint64_t room; /* from here to the end */
    struct site *sites;
    size_t n_sites;
    struct change *changes;
    size_t n_changes, changes_cap;
};

static bool is_plain_code(const Reprise__Mapping *m)
{
    const uint32_t wanted = PROT_READ | PROT_EXEC;
    return (m->prot & (wanted | PROT_WRITE)) == wanted && m->blob.len == BLOB_ID_SIZE &&
           m->object == 0 && m->n_content == 0 && (m->valid_len == 0 || m->valid_len == m->len) &&
           m->len <= CODE_MAX;
}

struct code_file *code_files_get(struct replayer *r, const Reprise__Mapping *m)
{
    if (r->options->no_patch || !is_plain_code(m))
        return NULL;
    size_t n = 0;
    for (struct code_file *f = r->code_files; f != NULL; f = f->next, n++)
        if (memcmp(f->id, m->blob.data, BLOB_ID_SIZE) == 0 && f->blob_offset == m->blob_offset &&
            f->len == m->len)
            return f;
    struct code_file *f = n < FILES_MAX ? calloc(1, sizeof *f) : NULL;
    if (f == NULL)
        return NULL;
    memcpy(f->id, m->blob.data, BLOB_ID_SIZE);
    f->blob_offset = m->blob_offset;
    f->len = m->len;
    f->fd = -1;
    f->next = r->code_files;
    r->code_files = f;
    return f;
}

void code_files_done(struct replayer *r)
{
    for (struct code_file *f = r->code_files, *next; f != NULL; f = next) {
        next = f->next;
        if (f->fd >= 0)
            close(f->fd);
        free(f->sites);
        free(f->changes);
        free(f);
    }
    r->code_files = NULL;
}

int code_file_fd(const struct code_file *f)
{
    return f->fd;
}

int code_file_original(struct replayer *r, const struct code_file *f, int *ret_fd,
                       uint64_t *ret_offset)
{
    const ProtobufCBinaryData id = {.data = (uint8_t *)f->id, .len = BLOB_ID_SIZE};
    int err = blob_files_get(r, &id, ret_fd);
    if (err == 0)
        *ret_offset = f->blob_offset;
    return err;
}

/* ---- the copy ---- */

static bool copy_all(int from, uint64_t offset, int to, uint64_t len)
{
    uint8_t *chunk = malloc(COPY_CHUNK);
    bool ok = chunk != NULL && ftruncate(to, (off_t)len) == 0;
    for (uint64_t done = 0; ok && done < len;) {
        size_t want = len - done < COPY_CHUNK ? (size_t)(len - done) : COPY_CHUNK;
        ssize_t n = pread(from, chunk, want, (off_t)(offset + done));
        if (n == 0)
            break; /* the file ends within the last page */
        ok = n > 0 && pwrite(to, chunk, (size_t)n, (off_t)done) == n;
        done += ok ? (uint64_t)n : 0;
    }
    free(chunk);
    return ok;
}

static bool read_at(const struct code_file *f, uint64_t offset, uint8_t *bytes, size_t len)
{
    return pread(f->fd, bytes, len, (off_t)offset) == (ssize_t)len;
}

/* Finds the zeros between the end of the code and the end of its last page. */
static bool find_room(struct code_file *f)
{
    uint8_t page[PAGE];
    if (!read_at(f, f->len - PAGE, page, PAGE))
        return false;
    size_t zeros = 0;
    while (zeros < PAGE && page[PAGE - 1 - zeros] == 0)
        zeros++;
    if (zeros <= MARGIN)
        return false;
    f->room = f->len - zeros + MARGIN;
    return true;
}

static bool make_copy(struct replayer *r, struct code_file *f)
{
    int from;
    uint64_t offset = 0;
    if (f->fd >= 0)
        return true;
    if (code_file_original(r, f, &from, &offset) < 0)
        return false;
    f->fd = memfd_create("code", MFD_CLOEXEC);
    if (f->fd >= 0 && copy_all(from, offset, f->fd, f->len) && find_room(f))
        return true;
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
    return false;
}

/* ---- changing ---- */

static bool change(struct code_file *f, uint64_t offset, const uint8_t *bytes, size_t len)
{
    if (f->n_changes == f->changes_cap) {
        size_t cap = f->changes_cap > 0 ? f->changes_cap * 2 : 32;
        struct change *v = reallocarray(f->changes, cap, sizeof *v);
        if (v == NULL)
            return false;
        f->changes = v;
        f->changes_cap = cap;
    }
    struct change *c = &f->changes[f->n_changes];
    *c = (struct change){.offset = offset, .len = (uint8_t)len};
    if (!read_at(f, offset, c->was, len) ||
        pwrite(f->fd, bytes, len, (off_t)offset) != (ssize_t)len)
        return false;
    f->n_changes++;
    return true;
}

static void put_distance(uint8_t *at, uint64_t from, uint64_t to)
{
    uint32_t v = (uint32_t)(to - from); /* within CODE_MAX */
    memcpy(at, &v, sizeof v);
}

static bool append(struct code_file *f, const uint8_t *code, size_t len, uint64_t *ret_offset)
{
    if (len > f->len - f->room || !change(f, f->room, code, len))
        return false;
    *ret_offset = f->room;
    f->room += len;
    return true;
}

static bool make_hop(struct code_file *f)
{
    if (f->hop != 0)
        return true;
    uint8_t hop[HOP_SIZE] = {0x49, 0xbb, [10] = 0x41, 0xff, 0xe3};
    uint64_t stub = fast_stub_at(fast_stub_enter);
    memcpy(hop + 2, &stub, sizeof stub);
    return append(f, hop, sizeof hop, &f->hop);
}

/* The way from a call, whose instruction ends at `site`, to the stub. mov: its five bytes to set
 * the number, or NULL. */
static bool make_entry(struct code_file *f, uint64_t site, const uint8_t *mov, uint64_t *ret_entry)
{
    uint8_t code[ENTRY_MAX];
    size_t n = 0;
    if (!make_hop(f))
        return false;
    if (mov != NULL) {
        memcpy(code, mov, JUMP_SIZE);
        n += JUMP_SIZE;
    }
    memcpy(code + n, "\x48\x8d\x0d", 3);
    put_distance(code + n + 3, f->room + n + 7, site);
    n += 7;
    code[n] = 0xe9;
    put_distance(code + n + 1, f->room + n + JUMP_SIZE, f->hop);
    return append(f, code, n + JUMP_SIZE, ret_entry);
}

static bool put_jump(struct code_file *f, uint64_t at, uint64_t to)
{
    uint8_t jump[JUMP_SIZE] = {0xe9};
    put_distance(jump + 1, at + JUMP_SIZE, to);
    return change(f, at, jump, sizeof jump);
}

/* Fillers from p on, up to the next place where something may begin. */
static size_t filler_size(const uint8_t *p, size_t len, uint64_t offset)
{
    size_t n = 0, max = (size_t)(-offset % FILLER), size;
    if (max > len)
        max = len;
    while (n < max) {
        enum insn_kind kind = insn_decode(p + n, len - n, &size);
        if ((kind != INSN_NOP && p[n] != 0xcc) || n + size > max)
            break;
        n += size;
    }
    return n;
}

/* Goes through the code behind the call, so that it is sure where instructions begin, to fillers
 * that nothing runs into. 0: there are none. */
static uint64_t find_filler(const uint8_t *code, size_t len, uint64_t site)
{
    for (size_t i = 0, size; i <= REACH; i += size) {
        enum insn_kind kind = insn_decode(code + i, len - i, &size);
        if (kind == INSN_UNKNOWN)
            return 0;
        size_t behind = i + size;
        if (kind == INSN_END && behind <= REACH &&
            filler_size(code + behind, len - behind, site + behind) >= JUMP_SIZE)
            return site + behind;
    }
    return 0;
}

/* By the mov before the instruction. A prefix before the mov would make it another one. */
static bool redirect_mov(struct code_file *f, uint64_t site, int64_t nr)
{
    uint8_t code[1 + JUMP_SIZE + CALL_SIZE];
    uint32_t number;
    uint64_t entry;
    if (site < sizeof code || !read_at(f, site - sizeof code, code, sizeof code))
        return false;
    memcpy(&number, code + 2, sizeof number);
    bool has_prefix = (code[0] & 0xf0) == 0x40 || code[0] == 0x66 || code[0] == 0x67;
    return code[1] == 0xb8 && number == (uint64_t)nr && !has_prefix &&
           make_entry(f, site, code + 1, &entry) &&
           put_jump(f, site - JUMP_SIZE - CALL_SIZE, entry);
}

static bool redirect_call(struct code_file *f, uint64_t site)
{
    uint8_t code[REACH + FILLER + 15];
    size_t len = f->len - site < sizeof code ? (size_t)(f->len - site) : sizeof code;
    if (!read_at(f, site, code, len))
        return false;
    uint64_t filler = find_filler(code, len, site), entry;
    uint8_t near[CALL_SIZE] = {0xeb, (uint8_t)(filler - site)};
    return filler != 0 && make_entry(f, site, NULL, &entry) && put_jump(f, filler, entry) &&
           change(f, site - CALL_SIZE, near, sizeof near);
}

static bool redirect(struct replayer *r, struct code_file *f, uint64_t site, int64_t nr)
{
    uint8_t call[CALL_SIZE];
    if (!make_copy(r, f)) {
        f->is_stuck = true;
        return false;
    }
    return read_at(f, site - CALL_SIZE, call, sizeof call) && call[0] == 0x0f && call[1] == 0x05 &&
           (redirect_mov(f, site, nr) || redirect_call(f, site));
}

static struct site *find_site(struct code_file *f, uint64_t offset)
{
    for (size_t i = 0; i < f->n_sites; i++)
        if (f->sites[i].offset == offset)
            return &f->sites[i];
    if (f->sites == NULL)
        f->sites = calloc(SITES_MAX, sizeof *f->sites);
    if (f->sites == NULL || f->n_sites == SITES_MAX)
        return NULL;
    f->sites[f->n_sites] = (struct site){.offset = offset};
    return &f->sites[f->n_sites++];
}

bool code_file_hit(struct replayer *r, struct code_file *f, uint64_t offset, int64_t nr)
{
    if (offset < CALL_SIZE || offset >= f->len)
        return false;
    struct site *s = find_site(f, offset);
    if (s == NULL || s->is_redirected || f->is_stuck || s->hits >= HITS)
        return s != NULL && s->is_redirected;
    if (++s->hits == HITS)
        s->is_redirected = redirect(r, f, offset, nr);
    return s->is_redirected;
}

void code_file_undo(const struct code_file *f, uint64_t offset, uint8_t *bytes, uint64_t len)
{
    for (size_t i = f->n_changes; i-- > 0;) {
        const struct change *c = &f->changes[i];
        if (c->offset + c->len <= offset || (c->offset >= offset && c->offset - offset >= len))
            continue;
        for (uint64_t k = 0; k < c->len; k++)
            if (c->offset + k >= offset && c->offset + k - offset < len)
                bytes[c->offset + k - offset] = c->was[k];
    }
}

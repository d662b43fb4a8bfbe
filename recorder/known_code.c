/* Owns the memory of what was found in files. */
#include "recorder/known_code.h"

#include "base/no_memory.h"
#include "base/scope.h"
#include "recorder/files.h"
#include "task/random_insn.h"
#include "task/state_insn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#define CODE_MAX ((uint64_t)1 << 30)

void known_code_choose(struct recorder *r)
{
    bool *rewrites = r->rewrites;
    rewrites[MACHINE_CPUID] = !recorder_has(r, MACHINE_CPUID_TRAP);
    rewrites[MACHINE_RDTSC] = rewrites[MACHINE_RDTSCP] = !recorder_has(r, MACHINE_TSC_TRAP);
    rewrites[MACHINE_XGETBV] = true;
    rewrites[MACHINE_RDRAND] = random_insn_works(MACHINE_RDRAND);
    rewrites[MACHINE_RDSEED] = random_insn_works(MACHINE_RDSEED);
    rewrites[MACHINE_RDPID] = random_insn_works(MACHINE_RDPID);
    for (enum machine_insn_kind kind = MACHINE_FXSAVE; kind <= MACHINE_LAST; kind++)
        rewrites[kind] = state_insn_works(kind);
}

bool known_code_wants(const struct recorder *r, enum machine_insn_kind kind)
{
    return r->rewrites[kind];
}

static bool read_file(void *ctx, uint64_t offset, void *buf, size_t len)
{
    return pread(*(int *)ctx, buf, len, (off_t)offset) == (ssize_t)len;
}

/* code: the bytes in which they were found. */
static void keep_wanted(struct recorder *r, const uint8_t *code, size_t len, struct known_code *k)
{
    struct code_sites *sites = &k->sites;
    size_t n = 0;
    for (size_t i = 0; i < sites->n; i++)
        if (known_code_wants(r, sites->v[i].kind) || machine_insn_reads_tsc(sites->v[i].kind))
            sites->v[n++] = sites->v[i];
    sites->n = n;
    n = 0;
    for (size_t i = 0; i < sites->uncertain; i++) {
        uint64_t at = sites->doubts[i];
        struct machine_insn insn;
        bool is_known = machine_insn_at(code + at, len - at, &insn);
        if (!is_known || known_code_wants(r, insn.kind))
            sites->doubts[n++] = at;
        k->doubts_reads = k->doubts_reads || !is_known || machine_insn_reads_tsc(insn.kind);
    }
    sites->uncertain = n;
}

/* All of it into `room`; of what was searched when the file was kept, nothing yet. */
static int begin(struct recorder *r, int fd, uint64_t size, const struct known_code *k,
                 struct code_range *range)
{
    uint64_t left = size > range->file_offset ? size - range->file_offset : 0;
    buf_clear(&r->scratch);
    int err = buf_reserve(&r->scratch, k->len);
    if (err < 0)
        return err;
    range->bytes = r->scratch.data;
    range->len = (size_t)(k->len < left ? k->len : left);
    range->marks = files_marks(r, &k->id);
    range->marks_offset = range->file_offset - k->start;
    if (range->marks != NULL && range->file_offset >= k->start &&
        code_marks_cover(range->marks, k->start, range->len)) {
        range->room = r->scratch.data;
        return 0;
    }
    ssize_t n = pread(fd, r->scratch.data, range->len, (off_t)range->file_offset);
    range->len = n > 0 ? (size_t)n : 0;
    return n < 0 ? -errno : 0;
}

static int look(struct recorder *r, const char *path, uint64_t file_offset, struct known_code *k)
{
    int fd SCOPE_CLOSE = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1;
    if (size < 0)
        return -errno;
    if (k->len > CODE_MAX)
        return -EFBIG;
    struct code_range range = {.file_offset = file_offset};
    struct code_file file = {.read = read_file, .ctx = &fd, .size = (uint64_t)size};
    struct code_finder *finder;
    int err = begin(r, fd, file.size, k, &range);
    if (err < 0)
        return err;
    err = code_finder_new(&file, &finder);
    if (err < 0)
        return err;
    err = code_find(finder, &range, &k->sites);
    code_finder_free(finder);
    keep_wanted(r, range.bytes, range.len, k);
    r->n_uncertain += k->sites.uncertain;
    return err;
}

const struct known_code *known_code_get(struct recorder *r, const char *path,
                                        const struct blob_id *id, uint64_t blob_offset,
                                        uint64_t file_offset, uint64_t len)
{
    uint64_t hash = XXH3_64bits_withSeed(id->bytes, BLOB_ID_SIZE, blob_offset);
    for (const struct known_code *k; (k = map64_get(&r->known_code, hash)) != NULL; hash++)
        if (memcmp(&k->id, id, sizeof k->id) == 0 && k->start == blob_offset && k->len == len)
            return k;
    struct known_code new = {.id = *id, .start = blob_offset, .len = len};
    if (look(r, path, file_offset, &new) < 0) {
        code_sites_done(&new.sites);
        return NULL;
    }
    struct known_code *kept = malloc(sizeof *kept);
    if (kept == NULL)
        no_memory();
    *kept = new;
    if (map64_put(&r->known_code, hash, kept) < 0)
        no_memory();
    return kept;
}

void known_code_free(struct recorder *r)
{
    size_t pos = 0;
    for (struct known_code *k; (k = map64_next(&r->known_code, &pos)) != NULL;) {
        code_sites_done(&k->sites);
        free(k);
    }
    map64_done(&r->known_code);
}

/* Owns what is changed in the vDSO of replayed programs. */
#include "replayer/tsc_reads.h"

#include "replayer/blob_files.h"
#include "vdso/clock_ring.h"
#include "vdso/tsc_read.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SITES 2

static const struct site {
    uint64_t offset;
    const char *has, *gets;
} sites[SITES] = {
    {TSC_READ_RDTSC + TSC_READ_SITE, TSC_READ_RDTSC_HAS, TSC_READ_RDTSC_GETS},
    {TSC_READ_RDTSCP + TSC_READ_SITE, TSC_READ_RDTSCP_HAS, TSC_READ_RDTSCP_GETS},
};

struct patch {
    Reprise__Range *list[SITES]; /* first: by it the rest is freed */
    Reprise__Range ranges[SITES];
};

/* Recordings have the vDSO of the version that made them. */
static bool has_sites(struct replayer *r, const Reprise__Mapping *m)
{
    uint8_t bytes[TSC_READ_PATCH];
    int fd;
    if (m->addr != VDSO_ADDR || m->len != VDSO_SIZE || m->blob.len == 0 || m->n_content > 0 ||
        blob_files_get(r, &m->blob, &fd) < 0)
        return false;
    for (size_t i = 0; i < SITES; i++)
        if (pread(fd, bytes, sizeof bytes, (off_t)(m->blob_offset + sites[i].offset)) !=
                (ssize_t)sizeof bytes ||
            memcmp(bytes, sites[i].has, sizeof bytes) != 0)
            return false;
    return true;
}

bool tsc_reads_patch(struct replayer *r, const Reprise__Mapping *m, Reprise__Mapping *ret)
{
    struct patch *p = has_sites(r, m) ? malloc(sizeof *p) : NULL;
    if (p == NULL)
        return false;
    for (size_t i = 0; i < SITES; i++) {
        reprise__range__init(&p->ranges[i]);
        p->ranges[i].addr = m->addr + sites[i].offset;
        p->ranges[i].len = TSC_READ_PATCH;
        p->ranges[i].data =
            (ProtobufCBinaryData){.data = (uint8_t *)sites[i].gets, .len = TSC_READ_PATCH};
        p->list[i] = &p->ranges[i];
    }
    *ret = *m;
    ret->content = p->list;
    ret->n_content = SITES;
    return true;
}

void tsc_reads_unpatch(Reprise__Mapping *m)
{
    free(m->content);
}

size_t tsc_reads_count(const Reprise__Event *e)
{
    bool is_read = e->body_case == REPRISE__EVENT__BODY_TRAP && e->trap->by_stub;
    return is_read ? 1 + e->trap->n_more : 0;
}

void tsc_reads_as_call(const Reprise__Trap *trap, size_t i, uint64_t tsc, uint64_t args[1],
                       Reprise__Syscall *ret)
{
    uint32_t by = i > 0 && trap->n_by > 0 ? trap->by[i - 1] : 0;
    const Reprise__TrapSite *other = by > 0 ? trap->others[by - 1] : NULL;
    uint64_t ip = other != NULL ? other->ip : trap->ip;
    uint64_t back = other != NULL ? other->back : trap->back;
    bool is_rdtscp = (other != NULL ? other->kind : trap->kind) == REPRISE__TRAP__KIND__RDTSCP;
    uint64_t code = VDSO_ADDR + (is_rdtscp ? TSC_READ_RDTSCP : TSC_READ_RDTSC);
    reprise__syscall__init(ret);
    args[0] = back != 0 ? back : ip + (is_rdtscp ? 3 : 2);
    ret->nr = TSC_READ_CALL;
    ret->ip = code + TSC_READ_SITE + 2;
    ret->args = args;
    ret->n_args = 1;
    ret->result = (int64_t)tsc;
}

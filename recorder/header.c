/* Owns what a trace tells of its origin: program, machine, CPU. */
#include "recorder/header.h"

#include "base/clock.h"
#include "recorder/emit.h"
#include "task/cpu_level.h"

#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

extern char **environ;

static void strings(struct recorder *r, char *const *v, ProtobufCBinaryData **ret, size_t *ret_n)
{
    size_t n = 0;
    while (v[n] != NULL)
        n++;
    ProtobufCBinaryData *list = emit_alloc(r, (n + 1) * sizeof *list);
    for (size_t i = 0; i < n; i++)
        list[i] = (ProtobufCBinaryData){.data = (uint8_t *)v[i], .len = strlen(v[i])};
    *ret = list;
    *ret_n = n;
}

static char *cpu_name(struct recorder *r)
{
    uint32_t *words = emit_alloc(r, 52);
    for (uint32_t i = 0; i < 3; i++) {
        struct cpuid_regs v = cpu_steady(0x80000002 + i, 0);
        memcpy(words + i * 4, &v, sizeof v);
    }
    char *name = (char *)words;
    return name + strspn(name, " ");
}

static void add_leaf(struct recorder *r, struct emit_list *list, uint32_t leaf, uint32_t subleaf)
{
    bool layout = leaf == 0xd && subleaf >= 2;
    struct cpuid_regs v = recorder_answers_cpuid(r) && !layout
                              ? cpu_offered(leaf, subleaf, r->level)
                              : cpu_here(leaf, subleaf);
    Reprise__CpuidLeaf *m = emit_alloc(r, sizeof *m);
    reprise__cpuid_leaf__init(m);
    m->leaf = leaf;
    m->subleaf = subleaf;
    m->eax = v.eax;
    m->ebx = v.ebx;
    m->ecx = v.ecx;
    m->edx = v.edx;
    emit_push(r, list, m);
}

static Reprise__Cpu__Level level_told(enum cpu_level level)
{
    static const Reprise__Cpu__Level told[] = {
        [CPU_V1] = REPRISE__CPU__LEVEL__V1,     [CPU_V2] = REPRISE__CPU__LEVEL__V2,
        [CPU_V3] = REPRISE__CPU__LEVEL__V3,     [CPU_V4] = REPRISE__CPU__LEVEL__V4,
        [CPU_HOST] = REPRISE__CPU__LEVEL__HOST,
    };
    return told[level];
}

static Reprise__Cpu *cpu_detail(struct recorder *r)
{
    Reprise__Cpu *cpu = emit_alloc(r, sizeof *cpu);
    reprise__cpu__init(cpu);
    cpu->cpuid_trapped = recorder_answers_cpuid(r);
    cpu->tsc_trapped = recorder_has(r, MACHINE_TSC_TRAP);
    cpu->level = level_told(r->level);
    cpu->baseline = r->level <= CPU_V3;
    cpu->missing = (char *)machine_missing(r->options->machine, emit_alloc(r, MACHINE_NAMES_MAX));
    cpu->xcr0 = r->xcr0;
    struct emit_list leaves = {0};
    static const uint32_t wanted[][2] = {{0, 0},   {1, 0},   {7, 0},          {7, 1},
                                         {0xd, 0}, {0xd, 1}, {0x80000001, 0}, {0x80000008, 0}};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        add_leaf(r, &leaves, wanted[i][0], wanted[i][1]);
    for (uint32_t i = 2; cpu->xcr0 != 0 && i < 20; i++) /* where the components of xstate lie */
        add_leaf(r, &leaves, 0xd, i);
    cpu->leaves = (Reprise__CpuidLeaf **)leaves.v;
    cpu->n_leaves = leaves.n;
    cpu->core = (uint32_t)(r->core + 1);
    cpu->xstate_size = cpu_steady(0xd, 0).ebx;
    return cpu;
}

int header_write(struct recorder *r, const char *program)
{
    Reprise__Header h = REPRISE__HEADER__INIT;
    strings(r, r->options->argv, &h.argv, &h.n_argv);
    strings(r, environ, &h.envp, &h.n_envp);
    char cwd[4096] = "";
    if (getcwd(cwd, sizeof cwd) != NULL)
        h.cwd = (ProtobufCBinaryData){.data = (uint8_t *)cwd, .len = strlen(cwd)};
    struct utsname u;
    char kernel[sizeof u.release + sizeof u.version + 2] = "";
    if (uname(&u) == 0) {
        h.host = u.nodename;
        strcpy(kernel, u.release);
        strcat(kernel, " ");
        strcat(kernel, u.version);
    }
    h.kernel = kernel;
    h.cpu = cpu_name(r);
    h.version = (char *)r->options->version;
    h.start_unix_ns = clock_ns(CLOCK_REALTIME);
    h.cpu_detail = cpu_detail(r);
    h.program = (ProtobufCBinaryData){.data = (uint8_t *)program, .len = strlen(program)};
    h.data_limit = r->options->data_limit;
    h.paranoid = r->options->paranoid;
    h.uid = getuid();
    return trace_writer_header(r->writer, &h);
}

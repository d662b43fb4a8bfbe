/* code/code_finder.c: this program has such instructions in all the places that the rule tells
 * apart, and the same bytes where they are none. */
#include "code/code_finder.h"

#include "code_fixture.h"

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LABEL(name) ".globl sample_" name "\nsample_" name ":\n"
#define BYTES(b)    ".byte " b "\n"
/* Common code, so that ways fall into step. */
#define STEPS                                                                                      \
    "mov 16(%rsp), %rax\nmov %eax, %ebx\nadd $1, %eax\nmov 8(%rbx), %ecx\ntest %ecx, %ecx\n"

__asm__(".text\n.balign 16\n"
        /* with unwind information */
        ".type unwound, @function\nunwound:\n.cfi_startproc\n" STEPS LABEL("cpuid")
            BYTES("0x0f,0xa2") STEPS LABEL("cpuid_66") BYTES("0x66,0x0f,0xa2") STEPS LABEL("rdtsc")
                BYTES("0x0f,0x31") STEPS LABEL("rdtscp") BYTES("0x0f,0x01,0xf9")
                    STEPS LABEL("xgetbv") BYTES("0x0f,0x01,0xd0") STEPS LABEL("rdrand")
                        BYTES("0x66,0x41,0x0f,0xc7,0xf4") STEPS LABEL("rdseed")
                            BYTES("0x48,0x0f,0xc7,0xf9") STEPS LABEL("rdpid")
                                BYTES("0xf3,0x41,0x0f,0xc7,0xff") STEPS LABEL("xsave")
                                    BYTES("0x48,0x0f,0xae,0x64,0x24,0x40") STEPS LABEL("fxsave")
                                        BYTES("0x0f,0xae,0x44,0x24,0x40") STEPS LABEL("xsavec")
                                            BYTES("0x49,0x0f,0xc7,0x24,0xcf") STEPS LABEL("xrstor")
                                                BYTES("0x0f,0xae,0x2d,0,0,0,0") STEPS
        "movabs $0x90a20f9031900f31, %rax\n" /* not these */
        "mov 0x310f(%rax), %ebx\n"
        "mov $0xa20f, %eax\n"
        "lea 15(%rcx,%rsi), %eax\nxor %ecx, %ecx\n" STEPS
        "ret\n.cfi_endproc\n.size unwound, .-unwound\n"
        /* at the start of a function, behind zeros */
        ".zero 16\n.balign 16\n" LABEL("at_start") ".cfi_startproc\n" BYTES(
            "0x0f,0x31") "ret\n.cfi_endproc\n.byte 0,0,0\n"
                         /* a symbol only */
                         ".balign 16\n.type named, @function\nnamed:\n" STEPS LABEL("named")
                             BYTES("0x0f,0xa2") STEPS
        "ret\n.size named, .-named\n"
        /* nothing at all */
        ".balign 16\n" STEPS STEPS STEPS STEPS STEPS LABEL("bare") BYTES("0x0f,0xa2") STEPS
        "ret\n"
        /* a table, as cryptography has it in .text */
        ".balign 16\n" BYTES(
            "0x90,0x5d,0xf2,0x77,0xd6,0x0c,0x84,0x6d,0x98,0x4f,0x1c,0xdb,0x8c,0x28,0x34,0xe6")
            BYTES("0xc0,0x62,0x1d,0x47,0x61,0xa1,0xc8,0xce,0x5e,0xf8,0xc2,0x8e,0xe2,0x4a,0x6f,0xfa")
                BYTES("0xbc,0x7c,0xf3,0x41,0x85,0x99,0x70,0x4b") LABEL("table") BYTES("0x0f,0xa2")
                    BYTES("0x93,0x67,0x5b,0x98,0xa8,0xef,0x3b,0xd3,0x7b,0x7a,0x46,0x64")
        /* the start of a function whose instructions pass over it */
        ".balign 16\n.type passing, @function\npassing:\n" STEPS
        ".byte 0x48,0xb8\n" STEPS LABEL("passed")
            BYTES("0x0f,0xa2") "ret\n.size passing, .-passing\n.balign 16\n");

#define SAMPLE(name) extern const uint8_t sample_##name[]
SAMPLE(cpuid);
SAMPLE(cpuid_66);
SAMPLE(rdtsc);
SAMPLE(rdtscp);
SAMPLE(xgetbv);
SAMPLE(rdrand);
SAMPLE(rdseed);
SAMPLE(rdpid);
SAMPLE(xsave);
SAMPLE(fxsave);
SAMPLE(xsavec);
SAMPLE(xrstor);
SAMPLE(at_start);
SAMPLE(named);
SAMPLE(bare);
SAMPLE(table);

static const struct {
    const uint8_t *at;
    struct machine_insn insn;
} found[] = {
    {sample_cpuid, {.kind = MACHINE_CPUID, .len = 2}},
    {sample_cpuid_66, {.kind = MACHINE_CPUID, .len = 3}},
    {sample_rdtsc, {.kind = MACHINE_RDTSC, .len = 2}},
    {sample_rdtscp, {.kind = MACHINE_RDTSCP, .len = 3}},
    {sample_xgetbv, {.kind = MACHINE_XGETBV, .len = 3}},
    {sample_rdrand, {.kind = MACHINE_RDRAND, .len = 5, .reg = 12, .size = 2}},
    {sample_rdseed, {.kind = MACHINE_RDSEED, .len = 4, .reg = 1, .size = 8}},
    {sample_rdpid, {.kind = MACHINE_RDPID, .len = 5, .reg = 15, .size = 8}},
    {sample_xsave, {.kind = MACHINE_XSAVE, .len = 6, .size = 8}},
    {sample_fxsave, {.kind = MACHINE_FXSAVE, .len = 5, .size = 4}},
    {sample_xsavec, {.kind = MACHINE_XSAVEC, .len = 5, .size = 8}},
    {sample_xrstor, {.kind = MACHINE_XRSTOR, .len = 7, .size = 4}},
    {sample_at_start, {.kind = MACHINE_RDTSC, .len = 2}},
    {sample_named, {.kind = MACHINE_CPUID, .len = 2}},
    {sample_bare, {.kind = MACHINE_CPUID, .len = 2}},
};
enum { N_FOUND = sizeof found / sizeof found[0] };

static void instructions_are_found_and_what_looks_like_them_is_not(void **state)
{
    (void)state;
    struct image image;
    struct code_sites sites = {0};
    image_open_own(&image);
    image_find(&image, &sites);
    for (size_t i = 0; i < N_FOUND; i++) {
        const struct machine_insn *site = image_site(&sites, image_own_offset(found[i].at));
        assert_non_null(site);
        assert_int_equal(site->kind, found[i].insn.kind);
        assert_int_equal(site->len, found[i].insn.len);
        assert_int_equal(site->reg, found[i].insn.reg);
        assert_int_equal(site->size, found[i].insn.size);
    }
    size_t own = 0; /* the compiler's libraries may have some, too */
    for (size_t i = 0; i < sites.n; i++) {
        uint64_t from = image_own_offset(sample_cpuid);
        own += sites.v[i].offset >= from && sites.v[i].offset < from + 4096;
    }
    assert_true(own == N_FOUND);
    assert_null(image_site(&sites, image_own_offset(sample_table)));
    assert_true(sites.uncertain >= 1); /* the table */
    code_sites_done(&sites);
    image_done(&image);
}

static size_t n_found(struct image *image, const uint8_t *sample)
{
    struct code_sites sites = {0};
    image_find(image, &sites);
    size_t n = image_site(&sites, image_own_offset(sample)) != NULL;
    code_sites_done(&sites);
    return n;
}

static void without_sections_only_functions_that_are_told_of_count(void **state)
{
    (void)state;
    struct image image;
    image_open_own(&image);
    memset(image.bytes + offsetof(Elf64_Ehdr, e_shoff), 0, 8);
    assert_int_equal(n_found(&image, sample_cpuid), 1);
    assert_int_equal(n_found(&image, sample_bare), 0);
    image_done(&image);
}

/* Without PT_GNU_EH_FRAME, .eh_frame is read from its start. */
static void without_an_index_unwind_information_is_read_all_the_same(void **state)
{
    (void)state;
    struct image image;
    image_open_own(&image);
    Elf64_Ehdr *h = (void *)image.bytes;
    Elf64_Phdr *p = (void *)(image.bytes + h->e_phoff);
    for (size_t i = 0; i < h->e_phnum; i++)
        if (p[i].p_type == PT_GNU_EH_FRAME)
            p[i].p_type = PT_NULL;
    assert_int_equal(n_found(&image, sample_at_start), 1);
    image_done(&image);
}

static void data_in_an_executable_segment_is_none(void **state)
{
    (void)state;
    struct image image;
    image_open_own(&image);
    Elf64_Ehdr *h = (void *)image.bytes;
    Elf64_Shdr *s = (void *)(image.bytes + h->e_shoff);
    for (size_t i = 0; i < h->e_shnum; i++)
        s[i].sh_flags &= ~(Elf64_Xword)(s[i].sh_addr != 0x1000 ? SHF_EXECINSTR : 0);
    assert_int_equal(n_found(&image, sample_bare), 0);
    assert_int_equal(n_found(&image, sample_cpuid), 1); /* unwind information tells of code */
    image_done(&image);
}

static void pages_of_code_are_searched_like_all_of_it(void **state)
{
    (void)state;
    struct image image;
    struct code_sites sites = {0};
    image_open_own(&image);
    uint64_t from = image_own_offset(sample_cpuid) - 19; /* where its function begins */
    assert_int_equal(image_find_in(&image, from, 64, &sites), 0);
    assert_non_null(image_site(&sites, image_own_offset(sample_cpuid)));
    code_sites_done(&sites);
    /* in the middle of it, nothing is certain */
    assert_int_equal(image_find_in(&image, from + 10, 12, &sites), 0);
    assert_int_equal(sites.n, 0);
    assert_int_equal(sites.uncertain, 1);
    assert_int_equal(sites.doubts[0], 9);
    code_sites_done(&sites);
    image_done(&image);
}

/* HotSpot's, at 0x380 of its code cache: up to the second cpuid. */
static const uint8_t hotspot[] = {
    0x00, 0x00, 0x00, 0x00, 0x55, 0x48, 0x8b, 0xef, 0x53, 0x56, 0x9c, 0x58, 0x50, 0x48, 0x8b,
    0xc8, 0x81, 0xf0, 0x00, 0x00, 0x04, 0x00, 0x50, 0x9d, 0x9c, 0x58, 0x48, 0x3b, 0xc1, 0x75,
    0x0d, 0xb8, 0x00, 0x03, 0x00, 0x00, 0x89, 0x45, 0x10, 0xe9, 0xff, 0x01, 0x00, 0x00, 0x48,
    0x8b, 0xc1, 0x81, 0xf0, 0x00, 0x00, 0x20, 0x00, 0x50, 0x9d, 0x9c, 0x58, 0x48, 0x3b, 0xc8,
    0x75, 0x0d, 0xb8, 0x00, 0x04, 0x00, 0x00, 0x89, 0x45, 0x10, 0xe9, 0xe0, 0x01, 0x00, 0x00,
    0x33, 0xc0, 0x0f, 0xa2, 0x0b, 0xc0, 0x74, 0xeb, 0x48, 0x8d, 0x75, 0x00, 0x89, 0x06, 0x89,
    0x5e, 0x04, 0x89, 0x4e, 0x08, 0x89, 0x56, 0x0c, 0x83, 0xf8, 0x0a, 0x76, 0x6c, 0xb8, 0x0b,
    0x00, 0x00, 0x00, 0x33, 0xc9, 0x0f, 0xa2, 0x48, 0x8d, 0x75, 0x40, 0x89, 0x06, 0xc3};

static void code_without_a_file_is_searched(void **state)
{
    (void)state;
    static const uint64_t entry = 4;
    struct code_range range = {.bytes = hotspot, .len = sizeof hotspot};
    for (size_t n = 0; n <= 1; n++) {
        struct code_sites sites = {0};
        range.entries = &entry;
        range.n_entries = n;
        assert_int_equal(code_find(NULL, &range, &sites), 0);
        assert_int_equal(sites.n, 2);
        assert_int_equal(sites.v[0].offset, 77);
        assert_int_equal(sites.v[1].offset, 110);
        assert_int_equal(sites.uncertain, 0);
        code_sites_done(&sites);
    }
}

static void a_path_through_it_makes_it_none(void **state)
{
    (void)state;
    /* je behind the movabs; movabs $x, %rax: from its second byte on, this looks like code */
    static const uint8_t code[] = {0x48, 0xb8, 0x90, 0x89, 0xc3, 0x0f,
                                   0xa2, 0x89, 0xc3, 0x90, 0xc3};
    static const uint64_t entry = 0;
    struct code_range range = {
        .bytes = code, .len = sizeof code, .entries = &entry, .n_entries = 1};
    struct code_sites sites = {0};
    assert_int_equal(code_find(NULL, &range, &sites), 0);
    assert_int_equal(sites.n, 0);
    assert_int_equal(sites.uncertain, 0);
    code_sites_done(&sites);
}

static bool read_nothing(void *ctx, uint64_t offset, void *buf, size_t len)
{
    (void)offset;
    (void)buf;
    (void)len;
    ++*(unsigned *)ctx;
    return false;
}

static void a_file_is_read_only_in_doubt(void **state)
{
    (void)state;
    static const uint8_t plain[4096] = {0x90, 0x0f, 0x05, 0xc3};
    unsigned reads = 0;
    struct code_file file = {read_nothing, &reads, 1u << 20};
    struct code_range range = {.bytes = plain, .len = sizeof plain};
    struct code_finder *finder;
    struct code_sites sites = {0};
    assert_int_equal(code_finder_new(&file, &finder), 0);
    assert_int_equal(code_find(finder, &range, &sites), 0);
    assert_int_equal(reads, 0);
    range = (struct code_range){.bytes = hotspot, .len = sizeof hotspot};
    assert_int_equal(code_find(finder, &range, &sites), 0);
    assert_int_equal(reads, 1); /* and it is asked no more */
    assert_int_equal(code_find(finder, &range, &sites), 0);
    assert_int_equal(reads, 1);
    code_sites_done(&sites);
    code_finder_free(finder);
    code_finder_free(NULL);
}

/* A number that tends to matter where a size or a place is expected. */
static uint64_t odd_number(unsigned *seed)
{
    static const uint64_t numbers[] = {0,      1,          0x7f,       0xff,
                                       0xffff, 0x7fffffff, 0xffffffff, UINT64_MAX};
    unsigned i = (unsigned)rand_r(seed) % 12;
    return i < 8 ? numbers[i] : (uint64_t)rand_r(seed) << (rand_r(seed) % 33);
}

static void hostile_files_do_no_harm(void **state)
{
    (void)state;
    struct image own, image;
    image_open_own(&own);
    image_open_own(&image);
    const Elf64_Ehdr *h = (void *)own.bytes;
    const Elf64_Shdr *s = (void *)(own.bytes + h->e_shoff);
    unsigned seed = 1;
    for (unsigned round = 0; round < 4000; round++) {
        memcpy(image.bytes, own.bytes, own.len);
        for (int i = rand_r(&seed) % 8; i >= 0; i--) {
            /* the header, the program header, a section header, or what is in a section */
            unsigned k = (unsigned)rand_r(&seed) % h->e_shnum;
            const uint64_t places[][2] = {
                {0, sizeof *h},
                {h->e_phoff, h->e_phnum * sizeof(Elf64_Phdr)},
                {h->e_shoff + k * sizeof *s, sizeof *s},
                {s[k].sh_offset, s[k].sh_type == SHT_NOBITS ? 0 : s[k].sh_size},
            };
            const uint64_t *place = places[rand_r(&seed) % 4];
            uint64_t number = odd_number(&seed), size = 1u << rand_r(&seed) % 4;
            if (place[1] > size)
                memcpy(image.bytes + place[0] + (uint64_t)rand_r(&seed) % (place[1] - size),
                       &number, size);
        }
        image.file.size = round % 4 != 0 ? own.len : (uint64_t)rand_r(&seed) % own.len;
        struct code_sites sites = {0};
        assert_int_equal(image_find_in(&image, h->e_phoff, own.len - h->e_phoff, &sites), 0);
        code_sites_done(&sites);
    }
    image_done(&own);
    image_done(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instructions_are_found_and_what_looks_like_them_is_not),
        cmocka_unit_test(without_sections_only_functions_that_are_told_of_count),
        cmocka_unit_test(without_an_index_unwind_information_is_read_all_the_same),
        cmocka_unit_test(data_in_an_executable_segment_is_none),
        cmocka_unit_test(pages_of_code_are_searched_like_all_of_it),
        cmocka_unit_test(code_without_a_file_is_searched),
        cmocka_unit_test(a_path_through_it_makes_it_none),
        cmocka_unit_test(a_file_is_read_only_in_doubt),
        cmocka_unit_test(hostile_files_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

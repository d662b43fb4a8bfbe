/* code/vendor_code.c: on this program, which has such instructions and their bytes where they are
 * none, and on files that are installed here, against objdump(1). */
#include "code/vendor_code.h"

#include "code/search.h"

#include "code_fixture.h"

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Common code, so that ways fall into step. */
#define STEPS                                                                                      \
    "mov 16(%rsp), %rax\nmov %eax, %ebx\nadd $1, %eax\nmov 8(%rbx), %ecx\ntest %ecx, %ecx\n"

/* Each instruction a number of times that no other has. */
__asm__(
    ".text\n.balign 16\n.globl sample_start\nsample_start:\n"
    ".type sample, @function\nsample:\n.cfi_startproc\n" STEPS "fsin\n" STEPS
    "rsqrtps %xmm1, %xmm2\n" STEPS "rsqrtps 8(%rsp), %xmm9\n" STEPS
    "vrcpss %xmm1, %xmm2, %xmm3\nvrcpss %xmm1, %xmm2, %xmm11\nvrcpss %xmm9, %xmm2, %xmm3\n" STEPS
    "vrcp14pd %zmm1, %zmm2\nvrcp14pd %ymm1, %ymm2\nvrcp14pd %xmm1, %xmm2\n"
    "vrcp14pd (%rax), %zmm20\n" STEPS
    /* not these */
    "movabs $0xfed9c153520ffed9, %rax\nmov $0xc1530ff3, %eax\nmov 0x530f(%rax), %ebx\n"
    "fsqrt\nsqrtps %xmm1, %xmm2\n" STEPS "ret\n.cfi_endproc\n.size sample, .-sample\n"
    ".globl sample_end\nsample_end:\n.zero 16\n.balign 16\n");
extern const uint8_t sample_start[], sample_end[];

static void instructions_are_counted_and_what_looks_like_them_is_not(void **state)
{
    (void)state;
    struct image image;
    struct code_finder *finder;
    struct vendor_counts counts = {0};
    image_open_own(&image);
    uint64_t from = image_own_offset(sample_start);
    struct code_range range = {.bytes = image.bytes + from,
                               .len = (size_t)(sample_end - sample_start),
                               .file_offset = from};
    assert_int_equal(code_finder_new(&image.file, &finder), 0);
    assert_int_equal(vendor_code_count(finder, &range, &counts), 0);
    uint64_t sum = 0;
    for (enum vendor_insn insn = 0; insn < VENDOR_INSNS; insn++)
        sum += counts.n[insn];
    assert_int_equal(counts.n[VENDOR_FSIN], 1);
    assert_int_equal(counts.n[VENDOR_RSQRTPS], 2);
    assert_int_equal(counts.n[VENDOR_VRCPSS], 3);
    assert_int_equal(counts.n[VENDOR_VRCP14PD], 4);
    assert_int_equal(sum, 1 + 2 + 3 + 4);
    /* it adds to what is there */
    assert_int_equal(vendor_code_count(finder, &range, &counts), 0);
    assert_int_equal(counts.n[VENDOR_VRCPSS], 6);
    code_finder_free(finder);
    image_done(&image);
}

/* A file that is full of them: it may be made for that. */
static void no_more_than_so_many_are_looked_at(void **state)
{
    (void)state;
    static const uint8_t one[] = {0x48, 0x8b, 0x44, 0x24, 0x10, 0x89, 0xc3, 0x83, 0xc0,
                                  0x01, 0xd9, 0xfe, 0x90, 0x90, 0x90, 0x90, 0x90};
    struct vendor_counts counts = {0};
    size_t len = sizeof one * (VENDOR_CANDIDATES_MAX + 1000);
    uint8_t *code = malloc(len);
    assert_non_null(code);
    for (size_t i = 0; i < len; i++)
        code[i] = one[i % sizeof one];
    struct code_range range = {.bytes = code, .len = sizeof one * 100};
    assert_int_equal(vendor_code_count(NULL, &range, &counts), 0);
    assert_int_equal(counts.n[VENDOR_FSIN], 100);
    range.len = len;
    counts = (struct vendor_counts){0};
    assert_int_equal(vendor_code_count(NULL, &range, &counts), 0);
    assert_int_equal(counts.n[VENDOR_FSIN], VENDOR_CANDIDATES_MAX);
    free(code);
}

/* ---- against objdump ---- */

struct place {
    uint64_t address;
    enum vendor_insn insn;
    bool is_seen;
};

struct comparison {
    struct elf_layout elf;
    struct place places[1024];
    size_t n;
};

static int note(void *ctx, const struct code_range *range, const struct candidate *c,
                enum answer answer)
{
    struct comparison *all = ctx;
    struct place *p = &all->places[all->n];
    size_t mark, start = c->consensus.start;
    if (answer != YES)
        return 0;
    assert_true(all->n < 1024);
    assert_true(elf_address(&all->elf, range->file_offset + start, &p->address));
    assert_true(vendor_insn_at(range->bytes + start, range->len - start, &p->insn, &mark));
    all->n++;
    return 0;
}

static void find_all(struct image *image, struct comparison *all)
{
    struct file_window w = {.file = &image->file, .ahead = sizeof w.bytes};
    struct code_finder *finder;
    assert_true(elf_layout_read(&w, &all->elf));
    assert_int_equal(code_finder_new(&image->file, &finder), 0);
    for (size_t i = 0; i < all->elf.n_segments; i++) {
        struct file_span span = all->elf.segments[i].span;
        struct code_range range = {.bytes = image->bytes + span.offset,
                                   .len = (size_t)span.size,
                                   .file_offset = span.offset};
        struct search s = {
            .wanted = &wanted_vendor, .finder = finder, .range = &range, .take = note, .ctx = all};
        assert_int_equal(search_run(&s), 0);
    }
    code_finder_free(finder);
}

/* One line of objdump: "  address:\tinstruction operands". Returns whether it shows one. */
static bool take_line(struct comparison *all, char *line)
{
    char *end, *text = strchr(line, '\t');
    uint64_t address = strtoull(line, &end, 16);
    if (text == NULL || *end != ':')
        return false;
    char *word = strtok(text, " \t\n");
    for (size_t i = 0; word != NULL && i < all->n; i++)
        if (all->places[i].address == address)
            all->places[i].is_seen = strcmp(word, vendor_insn_name(all->places[i].insn)) == 0;
    for (enum vendor_insn insn = 0; word != NULL && insn < VENDOR_INSNS; insn++)
        if (strcmp(word, vendor_insn_name(insn)) == 0)
            return true;
    return false;
}

/* Of libm, objdump shows no more than there is: it has no tables among its code. */
static void the_mathematical_library_has_what_objdump_shows(void **state)
{
    (void)state;
    static const char path[] = "/lib/x86_64-linux-gnu/libm.so.6";
    struct image image;
    static struct comparison all;
    char command[200], line[400];
    size_t shown = 0;
    image_open(path, &image);
    if (image.bytes == NULL || system("objdump --version >/dev/null 2>&1") != 0) {
        print_message("objdump(1) or libm is not here: nothing to compare with\n");
        image_done(&image);
        skip();
    }
    find_all(&image, &all);
    snprintf(command, sizeof command, "objdump -dw --no-show-raw-insn %s", path);
    FILE *f = popen(command, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL)
        shown += take_line(&all, line);
    assert_int_equal(pclose(f), 0);
    for (size_t i = 0; i < all.n; i++)
        if (!all.places[i].is_seen)
            fail_msg("no %s at %#lx", vendor_insn_name(all.places[i].insn), all.places[i].address);
    print_message("%zu found\n", all.n);
    assert_true(shown > 0);
    assert_int_equal(all.n, shown);
    image_done(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instructions_are_counted_and_what_looks_like_them_is_not),
        cmocka_unit_test(no_more_than_so_many_are_looked_at),
        cmocka_unit_test(the_mathematical_library_has_what_objdump_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

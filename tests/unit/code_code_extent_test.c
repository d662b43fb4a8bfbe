/* code/code_extent.c: whatever can be mapped of executable segments is in it. */
#include "code/code_extent.h"

#include "code_fixture.h"

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { TABLE = 64, HEAD = 512 };

/* The head of a file with these segments. */
static void make(uint8_t head[HEAD], const Elf64_Phdr *segments, size_t n)
{
    Elf64_Ehdr h = {.e_machine = EM_X86_64,
                    .e_phoff = TABLE,
                    .e_phentsize = sizeof(Elf64_Phdr),
                    .e_phnum = (Elf64_Half)n};
    memcpy(h.e_ident, ELFMAG, SELFMAG);
    h.e_ident[EI_CLASS] = ELFCLASS64;
    memset(head, 0, HEAD);
    memcpy(head, &h, sizeof h);
    memcpy(head + TABLE, segments, n * sizeof *segments);
}

static const Elf64_Phdr data = {.p_type = PT_LOAD, .p_flags = PF_R, .p_filesz = 0x1234};
static const Elf64_Phdr code = {
    .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_offset = 0x2345, .p_filesz = 0x1000};

static void segments_are_whole_pages(void **state)
{
    (void)state;
    const Elf64_Phdr more = {
        .p_type = PT_LOAD, .p_flags = PF_X, .p_offset = 0x9000, .p_filesz = 0x1000};
    const Elf64_Phdr stack = {.p_type = PT_GNU_STACK, .p_flags = PF_X, .p_filesz = 0x100000};
    const Elf64_Phdr segments[] = {data, more, code, stack};
    uint8_t head[HEAD];
    uint64_t from, to;
    make(head, segments, 4);
    assert_true(code_extent_read(head, HEAD, &from, &to));
    assert_int_equal(from, 0x2000);
    assert_int_equal(to, 0xa000);
    make(head, &code, 1);
    assert_true(code_extent_read(head, HEAD, &from, &to));
    assert_int_equal(from, 0x2000);
    assert_int_equal(to, 0x4000);
}

static void a_file_without_code_has_none(void **state)
{
    (void)state;
    uint8_t head[HEAD];
    uint64_t from = 1, to = 1;
    make(head, &data, 1);
    assert_true(code_extent_read(head, HEAD, &from, &to));
    assert_int_equal(from, 0);
    assert_int_equal(to, 0);
}

static void what_does_not_tell_is_not_believed(void **state)
{
    (void)state;
    uint8_t head[HEAD];
    uint64_t from, to;
    make(head, &code, 1);
    for (size_t len = 0; len < TABLE + sizeof code; len++)
        assert_false(code_extent_read(head, len, &from, &to));
    assert_true(code_extent_read(head, TABLE + sizeof code, &from, &to));
    for (size_t at = 0; at < SELFMAG + 1; at++) {
        head[at] ^= 1;
        assert_false(code_extent_read(head, HEAD, &from, &to));
        head[at] ^= 1;
    }
    static const Elf64_Phdr far[] = {
        {.p_type = PT_LOAD, .p_flags = PF_X, .p_offset = UINT64_MAX - 1, .p_filesz = 1},
        {.p_type = PT_LOAD, .p_flags = PF_X, .p_offset = UINT64_MAX, .p_filesz = 1},
        {.p_type = PT_LOAD, .p_flags = PF_X, .p_offset = 1, .p_filesz = UINT64_MAX},
    };
    for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) {
        make(head, &far[i], 1);
        assert_false(code_extent_read(head, HEAD, &from, &to));
    }
}

static void the_code_of_this_program_is_in_it(void **state)
{
    (void)state;
    struct image image;
    uint64_t from, to;
    image_open_own(&image);
    uint64_t own = image_own_offset((const void *)(uintptr_t)segments_are_whole_pages);
    assert_true(code_extent_read(image.bytes, CODE_EXTENT_HEAD, &from, &to));
    assert_true(own >= from && own < to);
    assert_true(to - from < image.len);
    image_done(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_are_whole_pages),
        cmocka_unit_test(a_file_without_code_has_none),
        cmocka_unit_test(what_does_not_tell_is_not_believed),
        cmocka_unit_test(the_code_of_this_program_is_in_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* code/elf_layout.c: the headers of this program, and of what is none. */
#include "code/elf_layout.h"

#include "code_fixture.h"

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const int constant = 1;

static bool read_layout(struct image *image, struct elf_layout *elf)
{
    struct file_window w = {.file = &image->file, .ahead = sizeof w.bytes};
    return elf_layout_read(&w, elf);
}

static void this_program_is_laid_out_as_it_is(void **state)
{
    (void)state;
    struct image image;
    struct elf_layout elf;
    image_open_own(&image);
    assert_true(read_layout(&image, &elf));
    uint64_t code = image_own_offset((const void *)(uintptr_t)this_program_is_laid_out_as_it_is);
    uint64_t data = image_own_offset(&constant), address, offset;
    assert_true(elf.has_sections);
    assert_true(elf_is_code(&elf, code, 16));
    assert_false(elf_is_code(&elf, data, 1));
    assert_false(elf_is_code(&elf, code, image.len));
    assert_true(elf_address(&elf, code, &address));
    assert_true(elf_offset(&elf, address, &offset));
    assert_int_equal(offset, code);
    assert_false(elf_offset(&elf, UINT64_MAX, &offset));
    assert_false(elf_address(&elf, UINT64_MAX, &address));
    assert_true(elf.unwind_index.size > 12 && elf.unwind.size > 0 && elf.n_symbols == 2);
    image_done(&image);
}

static void without_sections_the_segments_are_known(void **state)
{
    (void)state;
    struct image image;
    struct elf_layout elf;
    image_open_own(&image);
    memset(image.bytes + offsetof(Elf64_Ehdr, e_shoff), 0, 8);
    assert_true(read_layout(&image, &elf));
    assert_false(elf.has_sections);
    assert_true(elf.n_segments > 0 && elf.unwind_index.size > 12);
    image_done(&image);
}

static void other_files_are_none(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint8_t byte;
    } changes[] = {{0, 'x'}, {EI_CLASS, ELFCLASS32}, {EI_DATA, ELFDATA2MSB}, {18, 3}, {54, 0}};
    struct image image;
    struct elf_layout elf;
    image_open_own(&image);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        uint8_t before = image.bytes[changes[i].at];
        image.bytes[changes[i].at] = changes[i].byte;
        assert_false(read_layout(&image, &elf));
        image.bytes[changes[i].at] = before;
    }
    image.file.size = 10;
    assert_false(read_layout(&image, &elf));
    image_done(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(this_program_is_laid_out_as_it_is),
        cmocka_unit_test(without_sections_the_segments_are_known),
        cmocka_unit_test(other_files_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

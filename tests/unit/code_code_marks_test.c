/* code/code_marks.c: the pieces in which a file comes make no difference; and code/sparse_room.c:
 * nor does it, to look only where marks are. */
#include "code/code_marks.h"

#include "code/code_finder.h"
#include "code/elf_layout.h"
#include "code/scan.h"

#include "code_fixture.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

/* In pieces of up to `most` bytes. */
static void read_all(struct code_marks *marks, const uint8_t *bytes, size_t len, size_t most)
{
    for (size_t at = 0, n; at < len; at += n) {
        n = most < 10 ? most : 1 + (size_t)rand() % most;
        n = n < len - at ? n : len - at;
        uint8_t *piece = malloc(n); /* the sanitizers see a read behind the end */
        assert_non_null(piece);
        memcpy(piece, bytes + at, n);
        assert_int_equal(code_marks_read(marks, piece, n), 0);
        free(piece);
    }
    assert_int_equal(marks->read, len);
}

static void each_mark_is_found_once_however_the_bytes_come(void **state)
{
    (void)state;
    static const uint8_t some[] = {0x0f, 0xa2, 0x31, 0x01, 0xf9, 0xd0, 0xc7, 0xf7, 0xae, 0x24};
    static const size_t most[] = {1, 2, 3, 4, 5, 100, 3000};
    uint8_t code[9000];
    srand(1);
    for (size_t i = 0; i < sizeof code; i++)
        code[i] = some[(size_t)rand() % sizeof some];
    for (size_t i = 0; i < sizeof most / sizeof most[0]; i++) {
        struct code_marks marks = {0};
        size_t n = 0;
        read_all(&marks, code, sizeof code, most[i]);
        for (size_t at = scan_next(code, sizeof code, 0); at < sizeof code;
             at = scan_next(code, sizeof code, at + 1), n++) {
            assert_true(n < marks.n);
            assert_int_equal(marks.v[n], at);
        }
        assert_int_equal(n, marks.n);
        assert_true(n > 100);
        assert_int_equal(code_marks_first(&marks, 0), 0);
        assert_int_equal(code_marks_first(&marks, marks.v[50]), 50);
        assert_int_equal(code_marks_first(&marks, marks.v[50] + 1), 51);
        assert_int_equal(code_marks_first(&marks, UINT64_MAX), marks.n);
        code_marks_done(&marks);
    }
}

static void check_limits(const uint8_t *code, size_t len, size_t most, uint64_t from, uint64_t to)
{
    struct code_marks marks = {0};
    size_t n = 0;
    code_marks_limit(&marks, from, to);
    read_all(&marks, code, len, most);
    for (size_t at = scan_next(code, len, 0); at < len; at = scan_next(code, len, at + 1))
        if (at >= from && at < to) {
            assert_true(n < marks.n);
            assert_int_equal(marks.v[n++], at);
        }
    assert_int_equal(n, marks.n);
    code_marks_done(&marks);
}

static void marks_are_looked_for_within_limits(void **state)
{
    (void)state;
    static const size_t most[] = {1, 2, 3, 100, 3000};
    static const struct {
        uint64_t from, to;
    } limits[] = {{0, 9000}, {0, 1},       {1, 9000},          {4000, 4500}, {4000, 4501},
                  {0, 0},    {5000, 4000}, {8999, UINT64_MAX}, {9000, 9001}};
    uint8_t code[9000];
    for (size_t i = 0; i < sizeof code; i++)
        code[i] = i % 2 == 0 ? 0x0f : 0xa2;
    memcpy(code + 4500, "\x0f\x01\xf9", 3); /* goes past the limit */
    for (size_t k = 0; k < sizeof limits / sizeof limits[0]; k++)
        for (size_t i = 0; i < sizeof most / sizeof most[0]; i++)
            check_limits(code, sizeof code, most[i], limits[k].from, limits[k].to);
}

static void what_is_covered_is_known(void **state)
{
    (void)state;
    struct code_marks marks = {0};
    assert_true(code_marks_cover(&marks, 0, UINT64_MAX));
    code_marks_limit(&marks, 100, 200);
    assert_true(code_marks_cover(&marks, 100, 100));
    assert_true(code_marks_cover(&marks, 199, 1));
    assert_false(code_marks_cover(&marks, 99, 1));
    assert_false(code_marks_cover(&marks, 99, 200));
    assert_false(code_marks_cover(&marks, 199, 2));
    assert_false(code_marks_cover(&marks, 150, UINT64_MAX));
    assert_false(code_marks_cover(&marks, UINT64_MAX, 1));
    code_marks_limit(&marks, 0, 0);
    assert_false(code_marks_cover(&marks, 0, 1));
}

static void find(struct image *image, struct code_range *range, struct code_sites *sites)
{
    struct code_finder *finder;
    assert_int_equal(code_finder_new(&image->file, &finder), 0);
    assert_int_equal(code_find(finder, range, sites), 0);
    code_finder_free(finder);
}

/* The marks are those of the file from the segment's page on, as if no more of it were kept. */
static void compare_segment(struct image *image, struct file_span span)
{
    struct code_sites whole = {0}, sparse = {0};
    struct code_marks marks = {0};
    struct code_range all = {
        .bytes = image->bytes + span.offset, .len = span.size, .file_offset = span.offset};
    uint64_t from = span.offset / 3;
    void *room = mmap(NULL, span.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(room != MAP_FAILED);
    struct code_range some = {.bytes = room,
                              .room = room,
                              .len = span.size,
                              .file_offset = span.offset,
                              .marks = &marks,
                              .marks_offset = from};
    memset(room, 0xcc, span.size); /* what was in it before */
    read_all(&marks, image->bytes + from, image->len - from, 1 << 20);
    find(image, &all, &whole);
    find(image, &some, &sparse);
    assert_int_equal(sparse.n, whole.n);
    assert_int_equal(sparse.uncertain, whole.uncertain);
    for (size_t i = 0; i < whole.n; i++)
        assert_memory_equal(&sparse.v[i], &whole.v[i], sizeof whole.v[i]);
    for (size_t i = 0; i < whole.uncertain; i++)
        assert_int_equal(sparse.doubts[i], whole.doubts[i]);
    print_message("%zu sites, %zu uncertain\n", whole.n, whole.uncertain);
    munmap(room, span.size);
    code_marks_done(&marks);
    code_sites_done(&whole);
    code_sites_done(&sparse);
}

static void compare_file(const char *path)
{
    struct image image;
    struct elf_layout elf;
    image_open(path, &image);
    if (image.bytes == NULL)
        return;
    struct file_window w = {.file = &image.file, .ahead = sizeof w.bytes};
    print_message("%s\n", path);
    assert_true(elf_layout_read(&w, &elf));
    for (size_t i = 0; i < elf.n_segments; i++)
        compare_segment(&image, elf.segments[i].span);
    image_done(&image);
}

static void little_of_a_file_tells_as_much_as_all_of_it(void **state)
{
    (void)state;
    static const char *const patterns[] = {
        "/proc/self/exe",
        "/lib/x86_64-linux-gnu/libc.so.6",
        "/lib64/ld-linux-x86-64.so.2",
        "/usr/lib/x86_64-linux-gnu/libcrypto.so.[0-9]",
        "/usr/lib/go-*/bin/go",
    };
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        glob_t files = {0};
        if (glob(patterns[i], 0, NULL, &files) == 0)
            for (size_t k = 0; k < files.gl_pathc; k++)
                compare_file(files.gl_pathv[k]);
        globfree(&files);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mark_is_found_once_however_the_bytes_come),
        cmocka_unit_test(marks_are_looked_for_within_limits),
        cmocka_unit_test(what_is_covered_is_known),
        cmocka_unit_test(little_of_a_file_tells_as_much_as_all_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

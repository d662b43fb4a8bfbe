/* symbols/: functions and lines of a file that is in a trace, sound or damaged. The file is this
 * program. */
#include "symbols/code_places.h"

#include "format_fixture.h"

#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DAMAGED_FILES 300
#define BITES         64 /* bytes that are damaged in each */

static uint8_t *program;
static size_t program_size;

static int read_program(void **state)
{
    (void)state;
    struct stat st;
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        return -1;
    program_size = (size_t)st.st_size;
    program = malloc(program_size);
    ssize_t got = program != NULL ? read(fd, program, program_size) : -1;
    close(fd);
    return got == st.st_size ? 0 : -1;
}

static int forget_program(void **state)
{
    (void)state;
    free(program);
    return 0;
}

/* Where a function of this program is in its file: the first segments are mapped as they lie there.
 */
static uint64_t offset_of(void (*function)(void **state))
{
    extern const char __ehdr_start[] __attribute__((visibility("hidden")));
    uint64_t address = (uint64_t)(uintptr_t)function - (uint64_t)(uintptr_t)__ehdr_start;
    const ElfW(Ehdr) *head = (const void *)program;
    const ElfW(Phdr) *p = (const void *)(program + head->e_phoff);
    for (size_t i = 0; i < head->e_phnum; i++)
        if (p[i].p_type == PT_LOAD && address >= p[i].p_vaddr - p[0].p_vaddr &&
            address - p[i].p_vaddr < p[i].p_filesz)
            return address - p[i].p_vaddr + p[i].p_offset;
    return 0;
}

struct question {
    struct trace_reader *trace;
    struct code_places *places;
    struct code_module module;
    struct blob_id id;
};

static void set_up(struct question *q, const void *content, size_t size)
{
    int fd = fixture_file();
    struct trace_writer *w = fixture_writer(fd, 0);
    assert_int_equal(trace_writer_blob(w, content, size, &q->id), 0);
    assert_int_equal(trace_writer_close(w, NULL, NULL), 0);
    q->trace = fixture_open(fd);
    q->module = (struct code_module){.name = "/bin/it", .blob = q->id.bytes};
    assert_int_equal(code_places_new(q->trace, &q->places), 0);
}

static void tear_down(struct question *q)
{
    code_places_free(q->places);
    trace_reader_free(q->trace);
}

static void functions_and_lines_are_found(void **state)
{
    (void)state;
    struct question q;
    struct code_place place;
    set_up(&q, program, program_size);
    uint64_t at = offset_of(functions_and_lines_are_found);
    assert_int_equal(code_places_find(q.places, &q.module, at + 4, false, &place), 0);
    assert_null(code_places_trouble(q.places));
    assert_string_equal(place.function, "functions_and_lines_are_found");
    assert_int_equal(place.in_function, 4);
    assert_non_null(strstr(place.file, "symbols_code_places_test.c"));
    assert_true(place.line > 60 && place.line < 200);
    code_place_done(&place);
    tear_down(&q);
}

static void what_is_no_elf_file_has_no_symbols_and_no_trouble(void **state)
{
    (void)state;
    struct question q;
    struct code_place place;
    set_up(&q, "#!/bin/sh\n", 10);
    assert_int_equal(code_places_find(q.places, &q.module, 4, false, &place), 0);
    assert_int_equal(place.offset, 4);
    assert_null(place.function);
    assert_null(code_places_trouble(q.places));
    tear_down(&q);
}

/* Half of the bites go to the headers at both ends, where they hurt. */
static void bite(uint8_t *file, uint64_t *seed)
{
    for (int i = 0; i < BITES; i++) {
        uint64_t n = fixture_random(seed), where = n % program_size;
        if (i % 4 == 0)
            where = n % 1024;
        else if (i % 4 == 1)
            where = program_size - 1 - n % 4096;
        file[where] = (uint8_t)(fixture_random(seed) % 3 == 0 ? 0xff : fixture_random(seed));
    }
    file[0] = 0x7f; /* it stays one that is looked into */
}

/* Whatever the library makes of it: who asks has an answer or a message. */
static void a_damaged_file_costs_its_symbols_and_no_more(void **state)
{
    (void)state;
    uint64_t seed = 1, at = offset_of(functions_and_lines_are_found);
    size_t troubles = 0, found = 0;
    for (int i = 0; i < DAMAGED_FILES; i++) {
        struct question q;
        struct code_place place;
        uint8_t *file = malloc(program_size);
        assert_non_null(file);
        memcpy(file, program, program_size);
        bite(file, &seed);
        set_up(&q, file, program_size);
        assert_int_equal(code_places_find(q.places, &q.module, at, true, &place), 0);
        const char *trouble = code_places_trouble(q.places);
        if (trouble != NULL)
            print_message("file %d: %s\n", i, trouble);
        assert_true(trouble == NULL ||
                    strncmp(trouble, "symbols of /bin/it could not be read: ", 38) == 0);
        troubles += trouble != NULL;
        found += place.function != NULL;
        code_place_done(&place);
        tear_down(&q);
        free(file);
    }
    print_message("%d files, %zu with a function, %zu ended who read them\n", DAMAGED_FILES, found,
                  troubles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_and_lines_are_found),
        cmocka_unit_test(what_is_no_elf_file_has_no_symbols_and_no_trouble),
        cmocka_unit_test(a_damaged_file_costs_its_symbols_and_no_more),
    };
    return cmocka_run_group_tests(tests, read_program, forget_program);
}

/* All of code/ on files that are installed here, against objdump(1): what is found is an
 * instruction there, and of those that objdump shows in functions none is missing. (Outside of
 * functions objdump takes tables for code.) */
#include "code/function_tables.h"

#include "code_fixture.h"

#include <elf.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* objdump does some MB per second: of large files, it is shown only a part. */
enum { LARGE = 6 << 20, PART = 1 << 20, BEFORE = 65536 };

static const char *const patterns[] = {
    "/lib/x86_64-linux-gnu/libc.so.6",
    "/lib64/ld-linux-x86-64.so.2",
    "/usr/lib/x86_64-linux-gnu/libcrypto.so.[0-9]",
    "/usr/lib/x86_64-linux-gnu/libstdc++.so.6",
    "/usr/bin/python3",
    "/usr/lib/go-*/bin/go",
    "/usr/local/go/bin/go",
    "/usr/bin/node",
    "/usr/lib/jvm/java-[0-9][0-9]-*/lib/server/libjvm.so",
    "/usr/lib/jvm/temurin-*/lib/server/libjvm.so",
};

struct comparison {
    const char *path;
    struct image image;
    struct elf_layout elf;
    struct file_window w;
    struct code_sites sites;
    bool *seen;          /* by objdump, for each site */
    uint64_t first, end; /* addresses that are compared */
    unsigned shown, false_sites, missed;
};

static const char *const prefixes[] = {"data16", "addr32", "rep", "repz", "repnz", "cs",
                                       "ds",     "es",     "fs",  "gs",   "ss"};

static enum machine_insn_kind kind_of(char *text)
{
    char *word = strtok(text, " \t\n");
    for (size_t i = 0; word != NULL && i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (strcmp(word, prefixes[i]) == 0 || strncmp(word, "rex", 3) == 0) {
            word = strtok(NULL, " \t\n");
            i = 0;
        }
    size_t len = word != NULL ? strlen(word) : 0;
    if (len > 2 && strcmp(word + len - 2, "64") == 0)
        word[len - 2] = '\0'; /* xsave64 */
    for (enum machine_insn_kind kind = MACHINE_CPUID; word != NULL && kind <= MACHINE_LAST; kind++)
        if (strcmp(word, machine_insn_name(kind)) == 0)
            return kind;
    return MACHINE_NONE;
}

struct covered {
    uint64_t offset;
    bool is_covered;
};

static void note_cover(void *ctx, const struct file_function *f)
{
    struct covered *c = ctx;
    c->is_covered |= c->offset >= f->offset && c->offset - f->offset < f->size;
}

/* Whether a table tells of a function there; a file with symbols of functions without a size does
 * not count. */
static bool is_in_function(struct comparison *c, uint64_t offset)
{
    struct covered covered = {.offset = offset};
    struct go_table go;
    struct file_function f;
    symbol_table_each(&c->w, &c->elf, note_cover, &covered);
    unwind_table_each(&c->w, &c->elf, note_cover, &covered);
    go_table_open(&c->w, &c->elf, &go);
    return covered.is_covered || go_table_find(&c->elf, &go, offset, &f);
}

/* One line of objdump: "  address:\tbytes \tinstruction". */
static void take_line(struct comparison *c, char *line)
{
    char *end, *bytes = strchr(line, '\t'), *text = bytes != NULL ? strchr(bytes + 1, '\t') : NULL;
    uint64_t address = strtoull(line, &end, 16), offset;
    if (text == NULL || *end != ':' || !elf_offset(&c->elf, address, &offset))
        return;
    enum machine_insn_kind kind = kind_of(text);
    if (kind == MACHINE_NONE)
        return;
    c->shown++;
    const struct machine_insn *site = image_site(&c->sites, offset);
    if (site != NULL) {
        c->seen[site - c->sites.v] = site->kind == kind;
    } else if (is_in_function(c, offset)) {
        c->missed++;
        print_error("%s: nothing found at %#lx: %s\n", c->path, address, machine_insn_name(kind));
    }
}

static void compare_range(struct comparison *c)
{
    char command[600], line[400];
    snprintf(command, sizeof command,
             "objdump -dw --start-address=%#lx --stop-address=%#lx '%s' 2>/dev/null | "
             "grep -E 'cpuid|rdtsc|xgetbv|rdrand|rdseed|rdpid|xsave|xrstor'",
             c->first, c->end, c->path);
    FILE *f = popen(command, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL)
        take_line(c, line);
    pclose(f);
}

static void check_sites(struct comparison *c)
{
    for (size_t i = 0; i < c->sites.n; i++) {
        uint64_t address;
        bool is_compared = elf_address(&c->elf, c->sites.v[i].offset, &address) &&
                           address >= c->first && address < c->end;
        if (is_compared && !c->seen[i]) {
            c->false_sites++;
            print_error("%s: no %s at %#lx\n", c->path, machine_insn_name(c->sites.v[i].kind),
                        address);
        }
    }
}

static size_t sites_between(const struct comparison *c, uint64_t from, uint64_t end)
{
    size_t n = 0;
    for (size_t i = 0; i < c->sites.n; i++)
        n += c->sites.v[i].offset >= from && c->sites.v[i].offset < end;
    return n;
}

/* Where most sites are, and some code before them, so that objdump falls into step. */
static void choose_range(struct comparison *c)
{
    size_t most = 0;
    c->first = 0;
    c->end = UINT64_MAX / 2;
    for (size_t i = 0; i < c->sites.n && c->image.len > LARGE; i++) {
        uint64_t from = c->sites.v[i].offset, address;
        size_t n = sites_between(c, from, from + PART);
        if (n > most && elf_address(&c->elf, from, &address)) {
            most = n;
            c->first = address > BEFORE ? address - BEFORE : 0;
            c->end = address + PART;
        }
    }
}

static void compare(const char *path)
{
    struct comparison c = {.path = path};
    image_open(path, &c.image);
    if (c.image.bytes == NULL)
        return;
    c.w = (struct file_window){.file = &c.image.file, .ahead = sizeof c.w.bytes};
    assert_true(elf_layout_read(&c.w, &c.elf));
    image_find(&c.image, &c.sites);
    c.seen = calloc(c.sites.n + 1, sizeof *c.seen);
    assert_non_null(c.seen);
    choose_range(&c);
    compare_range(&c);
    check_sites(&c);
    print_message("%s: %zu sites, %zu uncertain; objdump shows %u where it was asked; %u false, "
                  "%u missed\n",
                  path, c.sites.n, c.sites.uncertain, c.shown, c.false_sites, c.missed);
    assert_int_equal(c.false_sites, 0);
    assert_int_equal(c.missed, 0);
    free(c.seen);
    code_sites_done(&c.sites);
    image_done(&c.image);
}

static void real_files_have_what_objdump_shows(void **state)
{
    (void)state;
    if (system("objdump --version >/dev/null 2>&1") != 0) {
        print_message("objdump(1) is not here: nothing to compare with\n");
        skip();
    }
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        glob_t files = {0};
        if (glob(patterns[i], 0, NULL, &files) == 0)
            for (size_t k = 0; k < files.gl_pathc; k++)
                compare(files.gl_pathv[k]);
        globfree(&files);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_files_have_what_objdump_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

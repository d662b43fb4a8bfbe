/* look [-k RUNS] FILE...: what it costs to look for instructions that tell of the machine in files,
 * as a recording does it: the code in a file is searched for their bytes while it is read, in
 * pieces that have just been read; then each executable segment is looked at around what was
 * found. Prints rows of a table; CPU time, the lowest of RUNS (20). What is not there is left
 * out. */
#include "code/code_extent.h"
#include "code/code_finder.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PIECE (1u << 20) /* as format/blob_writer.c reads */

struct file {
    int fd;
    uint64_t size, code; /* bytes */
    size_t marks, sites, uncertain;
};

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void *need(void *memory)
{
    if (memory == NULL)
        exit(1);
    return memory;
}

static bool read_at(void *ctx, uint64_t offset, void *buf, size_t len)
{
    return pread(((struct file *)ctx)->fd, buf, len, (off_t)offset) == (ssize_t)len;
}

static double mark(struct file *f, struct code_marks *marks)
{
    static uint8_t piece[PIECE];
    double ms = 0;
    while (marks->read < f->size) {
        ssize_t n = pread(f->fd, piece, PIECE, (off_t)marks->read);
        double before = cpu_ms();
        uint64_t from, to;
        if (n > 0 && marks->read == 0 && code_extent_read(piece, (size_t)n, &from, &to))
            code_marks_limit(marks, from, to);
        if (n <= 0 || code_marks_read(marks, piece, (size_t)n) < 0)
            exit(1);
        ms += cpu_ms() - before;
    }
    f->marks = marks->n;
    return ms;
}

static void find(struct file *f, const struct code_marks *marks, const Elf64_Phdr *p)
{
    struct code_file file = {read_at, f, f->size};
    struct code_range range = {.len = p->p_filesz, .file_offset = p->p_offset, .marks = marks};
    struct code_finder *finder;
    struct code_sites sites = {0};
    range.bytes = range.room = need(malloc(range.len));
    if (code_finder_new(&file, &finder) < 0 || code_find(finder, &range, &sites) < 0)
        exit(1);
    f->code += range.len;
    f->sites += sites.n;
    f->uncertain += sites.uncertain;
    code_finder_free(finder);
    code_sites_done(&sites);
    free(range.room);
}

static double decide(struct file *f, const struct code_marks *marks)
{
    double before = cpu_ms();
    Elf64_Ehdr h;
    f->code = 0;
    f->sites = f->uncertain = 0;
    if (!read_at(f, 0, &h, sizeof h) || memcmp(h.e_ident, ELFMAG, SELFMAG) != 0)
        return 0;
    for (size_t i = 0; i < h.e_phnum; i++) {
        Elf64_Phdr p;
        if (read_at(f, h.e_phoff + i * sizeof p, &p, sizeof p) && p.p_type == PT_LOAD &&
            (p.p_flags & PF_X) != 0)
            find(f, marks, &p);
    }
    return cpu_ms() - before;
}

static void look(const char *path, int runs)
{
    struct file f = {.fd = open(path, O_RDONLY | O_CLOEXEC)};
    double marking = 1e9, deciding = 1e9;
    if (f.fd < 0)
        return;
    f.size = (uint64_t)lseek(f.fd, 0, SEEK_END);
    for (int i = 0; i < runs; i++) {
        struct code_marks marks = {0};
        double ms = mark(&f, &marks);
        marking = ms < marking ? ms : marking;
        ms = decide(&f, &marks);
        deciding = ms < deciding ? ms : deciding;
        code_marks_done(&marks);
    }
    const char *name = strrchr(path, '/');
    printf("| %s | %.1f | %.1f | %zu | %zu | %zu | %.2f | %.2f | %.2f |\n",
           name != NULL ? name + 1 : path, (double)f.size / 1e6, (double)f.code / 1e6, f.marks,
           f.sites, f.uncertain, marking, deciding, (marking + deciding) * 1e7 / (double)f.size);
    fflush(stdout);
    close(f.fd);
}

int main(int argc, char **argv)
{
    int runs = 20, option;
    while ((option = getopt(argc, argv, "k:")) != -1) {
        if (option != 'k')
            return 2;
        runs = atoi(optarg);
    }
    printf("| file | MB | of it code | places | certain | uncertain | search, ms | decision, ms |"
           " ms for 10 MB |\n|---|---|---|---|---|---|---|---|---|\n");
    for (int i = optind; i < argc; i++)
        look(argv[i], runs);
    return 0;
}

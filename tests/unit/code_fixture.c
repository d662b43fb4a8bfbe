/* Owns the reading of files for tests of code/. */
#include "code_fixture.h"

#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_image(void *ctx, uint64_t offset, void *buf, size_t len)
{
    struct image *image = ctx;
    if (offset > image->len || len > image->len - offset)
        return false;
    memcpy(buf, image->bytes + offset, len);
    return true;
}

void image_open(const char *path, struct image *image)
{
    *image = (struct image){0};
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return;
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    image->len = size > 0 ? (size_t)size : 0;
    image->bytes = malloc(image->len + 1);
    if (image->bytes == NULL || fread(image->bytes, 1, image->len, f) != image->len)
        abort();
    fclose(f);
    image->file = (struct code_file){read_image, image, image->len};
}

void image_done(struct image *image)
{
    free(image->bytes);
    *image = (struct image){0};
}

void image_open_own(struct image *image)
{
    image_open("/proc/self/exe", image);
    if (image->bytes == NULL)
        abort();
}

struct lookup {
    uint64_t address, offset;
};

static int look_up(struct dl_phdr_info *info, size_t size, void *ctx)
{
    struct lookup *l = ctx;
    (void)size;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        uint64_t start = info->dlpi_addr + p->p_vaddr;
        if (p->p_type == PT_LOAD && l->address >= start && l->address - start < p->p_filesz)
            l->offset = p->p_offset + (l->address - start);
    }
    return 1; /* the program is the first */
}

uint64_t image_own_offset(const void *address)
{
    struct lookup l = {.address = (uint64_t)(uintptr_t)address};
    dl_iterate_phdr(look_up, &l);
    return l.offset;
}

int image_find_in(struct image *image, uint64_t offset, uint64_t len, struct code_sites *sites)
{
    struct code_finder *finder;
    if (code_finder_new(&image->file, &finder) < 0)
        abort();
    size_t before = sites->n;
    struct code_range range = {
        .bytes = image->bytes + offset, .len = (size_t)len, .file_offset = offset};
    int r = code_find(finder, &range, sites);
    for (size_t i = before; i < sites->n; i++)
        sites->v[i].offset += offset;
    code_finder_free(finder);
    return r;
}

void image_find(struct image *image, struct code_sites *sites)
{
    const Elf64_Ehdr *h = (const void *)image->bytes;
    for (size_t i = 0; i < h->e_phnum; i++) {
        Elf64_Phdr p;
        memcpy(&p, image->bytes + h->e_phoff + i * sizeof p, sizeof p);
        if (p.p_type == PT_LOAD && (p.p_flags & PF_X) != 0 &&
            image_find_in(image, p.p_offset, p.p_filesz, sites) < 0)
            abort();
    }
}

const struct machine_insn *image_site(const struct code_sites *sites, uint64_t offset)
{
    for (size_t i = 0; i < sites->n; i++)
        if (sites->v[i].offset == offset)
            return &sites->v[i];
    return NULL;
}

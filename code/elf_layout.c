/* Owns the headers of an ELF file. The tables that they lead to are others' (unwind_table.c,
 * go_table.c, symbol_table.c). */
#include "code/elf_layout.h"

#include <elf.h>
#include <string.h>

#define SECTIONS_MAX 65536u

static bool contains(const struct file_span *span, uint64_t offset, uint64_t len)
{
    return offset >= span->offset && offset - span->offset <= span->size &&
           len <= span->size - (offset - span->offset);
}

static bool is_inside(const struct file_window *w, uint64_t offset, uint64_t size)
{
    const struct file_span all = {0, w->file->size};
    return contains(&all, offset, size);
}

bool elf_offset(const struct elf_layout *elf, uint64_t address, uint64_t *ret)
{
    for (size_t i = 0; i < elf->n_segments; i++) {
        const struct file_segment *s = &elf->segments[i];
        if (address >= s->address && address - s->address < s->span.size) {
            *ret = s->span.offset + (address - s->address);
            return true;
        }
    }
    return false;
}

bool elf_address(const struct elf_layout *elf, uint64_t offset, uint64_t *ret)
{
    for (size_t i = 0; i < elf->n_segments; i++) {
        const struct file_segment *s = &elf->segments[i];
        if (contains(&s->span, offset, 1)) {
            *ret = s->address + (offset - s->span.offset);
            return true;
        }
    }
    return false;
}

bool elf_is_code(const struct elf_layout *elf, uint64_t offset, size_t len)
{
    for (size_t i = 0; i < elf->n_code; i++)
        if (contains(&elf->code[i], offset, len))
            return true;
    return false;
}

static bool is_ours(const Elf64_Ehdr *h)
{
    return memcmp(h->e_ident, ELFMAG, SELFMAG) == 0 && h->e_ident[EI_CLASS] == ELFCLASS64 &&
           h->e_ident[EI_DATA] == ELFDATA2LSB && h->e_machine == EM_X86_64 &&
           h->e_phentsize == sizeof(Elf64_Phdr);
}

static bool read_segments(struct file_window *w, const Elf64_Ehdr *h, struct elf_layout *elf)
{
    for (size_t i = 0; i < h->e_phnum; i++) {
        Elf64_Phdr p;
        const uint8_t *at = file_window_at(w, h->e_phoff + i * sizeof p, sizeof p);
        if (at == NULL)
            return false;
        memcpy(&p, at, sizeof p);
        if (!is_inside(w, p.p_offset, p.p_filesz))
            continue;
        if (p.p_type == PT_GNU_EH_FRAME)
            elf->unwind_index = (struct file_span){p.p_offset, p.p_filesz};
        if (p.p_type == PT_LOAD && p.p_filesz > 0 && elf->n_segments < ELF_SEGMENTS)
            elf->segments[elf->n_segments++] =
                (struct file_segment){{p.p_offset, p.p_filesz}, p.p_vaddr};
    }
    return true;
}

/* The sections that have no type of their own. */
static void note_by_name(struct elf_layout *elf, const Elf64_Shdr *s, const char *name)
{
    const struct file_span span = {s->sh_offset, s->sh_size};
    if (strcmp(name, ".eh_frame") == 0)
        elf->unwind = span;
    else if (strcmp(name, ".gopclntab") == 0 || strcmp(name, ".data.rel.ro.gopclntab") == 0)
        elf->go_functions = span;
    else if (strcmp(name, ".go.module") == 0 || strcmp(name, ".data.rel.ro.go.module") == 0)
        elf->go_module = span;
}

static void note_section(struct elf_layout *elf, const Elf64_Shdr *s, const char *name)
{
    const struct file_span span = {s->sh_offset, s->sh_size};
    bool is_loaded = (s->sh_flags & SHF_ALLOC) != 0;
    switch (s->sh_type) {
    case SHT_PROGBITS:
    case SHT_X86_64_UNWIND:
        note_by_name(elf, s, name);
        if (is_loaded && (s->sh_flags & SHF_EXECINSTR) != 0 && elf->n_code < ELF_SECTIONS)
            elf->code[elf->n_code++] = span;
        break;
    case SHT_SYMTAB:
    case SHT_DYNSYM:
        if (elf->n_symbols < ELF_SYMBOL_TABLES)
            elf->symbols[elf->n_symbols++] = span;
        break;
    case SHT_RELA:
        if (is_loaded && elf->relocations.size == 0)
            elf->relocations = span;
        break;
    }
}

static bool read_section(struct file_window *w, const Elf64_Ehdr *h, uint64_t i, Elf64_Shdr *ret)
{
    const uint8_t *at = file_window_at(w, h->e_shoff + i * sizeof *ret, sizeof *ret);
    if (at == NULL)
        return false;
    memcpy(ret, at, sizeof *ret);
    return true;
}

static void read_name(struct file_window *names, const Elf64_Shdr *table, uint32_t at, char *ret,
                      size_t cap)
{
    uint64_t offset = table->sh_offset + at, left = names->file->size - offset;
    ret[0] = '\0';
    if (at >= table->sh_size || !is_inside(names, table->sh_offset, table->sh_size))
        return;
    size_t n = left < cap ? (size_t)left : cap;
    const uint8_t *name = file_window_at(names, offset, n);
    if (name == NULL)
        return;
    memcpy(ret, name, n);
    ret[n - 1] = '\0';
}

static void read_sections(struct file_window *w, const Elf64_Ehdr *h, struct elf_layout *elf)
{
    Elf64_Shdr s, table;
    struct file_window names = {.file = w->file, .ahead = 4096};
    if (h->e_shoff == 0 || h->e_shentsize != sizeof s || !read_section(w, h, 0, &s))
        return;
    uint64_t n = h->e_shnum != 0 ? h->e_shnum : s.sh_size;
    uint32_t names_at = h->e_shstrndx != SHN_XINDEX ? h->e_shstrndx : s.sh_link;
    if (n > SECTIONS_MAX || names_at >= n || !read_section(w, h, names_at, &table))
        return;
    for (uint64_t i = 0; i < n; i++) {
        char name[32];
        if (!read_section(w, h, i, &s))
            return;
        if (s.sh_type == SHT_NOBITS || !is_inside(w, s.sh_offset, s.sh_size))
            continue;
        read_name(&names, &table, s.sh_name, name, sizeof name);
        note_section(elf, &s, name);
    }
    elf->has_sections = elf->n_code > 0;
}

bool elf_layout_read(struct file_window *w, struct elf_layout *ret)
{
    Elf64_Ehdr h;
    struct elf_layout elf = {0};
    const uint8_t *at = file_window_at(w, 0, sizeof h);
    if (at == NULL)
        return false;
    memcpy(&h, at, sizeof h);
    if (!is_ours(&h) || !read_segments(w, &h, &elf))
        return false;
    read_sections(w, &h, &elf);
    *ret = elf;
    return true;
}

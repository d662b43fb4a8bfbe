/* Owns .gopclntab, as Go 1.2 and later write it (runtime/symtab.go, struct pcHeader; Go's
 * debug/gosym/pclntab.go reads all of its versions).
 *
 *   magic 00 00 01 08 | words, of which some version counts functions, tells where their table is,
 *                     | and what its numbers are relative to
 *   table             | (function, ...) (function, ...) ... (end of the last one)
 */
#include "code/function_tables.h"

#include <elf.h>
#include <string.h>

#define WORD 8

static const struct version {
    uint32_t magic;
    size_t entry_size;  /* a number of the table is half of it */
    size_t text, table; /* which word of the header; 0: there is none */
} versions[] = {
    {0xfffffffb, 16, 0, 0}, /* 1.2: the table is right behind the count */
    {0xfffffffa, 16, 0, 7}, /* 1.16 */
    {0xfffffff0, 8, 3, 8},  /* 1.18 */
    {0xfffffff1, 8, 3, 8},  /* 1.20 */
};
#define HEADER (9 * WORD)

static const struct version *version_of(const uint8_t *p)
{
    static const uint8_t x86_64[] = {0, 0, 1, WORD};
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++)
        if (file_u32(p) == versions[i].magic && memcmp(p + 4, x86_64, sizeof x86_64) == 0)
            return &versions[i];
    return NULL;
}

/* What the dynamic linker will write at an address; 0: nothing. */
static uint64_t relocated(struct file_window *w, const struct elf_layout *elf, uint64_t address)
{
    const struct file_span *table = &elf->relocations;
    for (uint64_t at = 0; table->size - at >= sizeof(Elf64_Rela); at += sizeof(Elf64_Rela)) {
        Elf64_Rela r;
        const uint8_t *p = file_window_at(w, table->offset + at, sizeof r);
        if (p == NULL)
            return 0;
        memcpy(&r, p, sizeof r);
        if (r.r_offset == address && ELF64_R_TYPE(r.r_info) == R_X86_64_RELATIVE)
            return (uint64_t)r.r_addend;
    }
    return 0;
}

/* The word at `offset`: in files that can be loaded anywhere, it may be 0 until they are. */
static uint64_t loaded_word(struct file_window *w, const struct elf_layout *elf, uint64_t offset)
{
    uint64_t address;
    const uint8_t *p = file_window_at(w, offset, WORD);
    if (p == NULL)
        return 0;
    uint64_t word = file_u64(p);
    if (word != 0 || !elf_address(elf, offset, &address))
        return word;
    return relocated(w, elf, address);
}

/* What the table at `offset` counts from. Since 1.26 not its header tells it, but the module's
 * data, whose first word leads to the table (runtime/symtab.go, struct moduledata). */
static uint64_t read_text(struct file_window *w, const struct elf_layout *elf, uint64_t offset,
                          const struct version *v)
{
    enum { TEXT_IN_MODULE = 22 * WORD };
    const struct file_span *module = &elf->go_module;
    uint64_t text = loaded_word(w, elf, offset + v->text * WORD), address;
    if (text != 0 || module->size < TEXT_IN_MODULE + WORD || !elf_address(elf, offset, &address) ||
        loaded_word(w, elf, module->offset) != address)
        return text;
    return loaded_word(w, elf, module->offset + TEXT_IN_MODULE);
}

static uint64_t start_of_4_bytes(const uint8_t *entry)
{
    return file_u32(entry);
}

/* The table at `offset`, of which `size` bytes can be there. */
static bool open_at(struct file_window *w, const struct elf_layout *elf, uint64_t offset,
                    uint64_t size, struct go_table *ret)
{
    uint8_t header[HEADER];
    const uint8_t *p = size >= HEADER ? file_window_at(w, offset, HEADER) : NULL;
    if (p == NULL)
        return false;
    memcpy(header, p, HEADER);
    const struct version *v = version_of(header);
    if (v == NULL)
        return false;
    uint64_t n = file_u64(header + WORD);
    uint64_t table = v->table != 0 ? file_u64(header + v->table * WORD) : 2 * WORD;
    uint64_t text = v->text != 0 ? read_text(w, elf, offset, v) : 0;
    if ((v->text != 0 && text == 0) || table > size || n == 0 ||
        n >= (size - table) / v->entry_size)
        return false;
    /* with the entry behind the last function, which tells its end */
    const struct file_span entries = {offset + table, (n + 1) * v->entry_size};
    sorted_table_open(&ret->functions, w->file, entries, v->entry_size,
                      v->entry_size == 8 ? start_of_4_bytes : file_u64, text);
    return true;
}

/* In a file without sections it is somewhere in the data that is loaded, on a multiple of 32. */
static void look_for(struct file_window *w, const struct elf_layout *elf, struct go_table *ret)
{
    enum { ALIGNED = 32 };
    for (size_t i = 0; i < elf->n_segments; i++) {
        const struct file_span *s = &elf->segments[i].span;
        uint64_t skip = -elf->segments[i].address % ALIGNED;
        for (uint64_t at = skip; at < s->size && s->size - at >= ALIGNED; at += ALIGNED) {
            const uint8_t *p = file_window_at(w, s->offset + at, ALIGNED);
            if (p == NULL)
                break;
            if (version_of(p) != NULL && open_at(w, elf, s->offset + at, s->size - at, ret))
                return;
        }
    }
}

void go_table_open(struct file_window *w, const struct elf_layout *elf, struct go_table *ret)
{
    const struct file_span *s = &elf->go_functions;
    *ret = (struct go_table){0};
    if (elf->has_sections)
        open_at(w, elf, s->offset, s->size, ret);
    else
        look_for(w, elf, ret);
}

bool go_table_find(const struct elf_layout *elf, struct go_table *table, uint64_t offset,
                   struct file_function *ret)
{
    struct sorted_table *t = &table->functions;
    uint64_t i, address, start, end;
    if (!elf_address(elf, offset, &address) || !sorted_table_find(t, address, &i) ||
        i + 1 == t->span.size / t->entry_size || !sorted_table_start(t, i, &start) ||
        !sorted_table_start(t, i + 1, &end) || start > address || address >= end ||
        !elf_offset(elf, start, &ret->offset))
        return false;
    ret->size = end - start;
    return true;
}

/* Owns the use of libelf and libdw, which have had faults. */
#include "symbols/debug_file.h"

#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <errno.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#define SYMBOLS_MAX ((size_t)1 << 24)

struct debug_file {
    Elf *elf;
    Dwarf *dwarf; /* NULL: none */
    Elf *split;   /* the file with the debug information; NULL: none, or not needed */
};

bool code_places_have_symbols(void)
{
    return true;
}

/* 0: it has none that is of use. */
static size_t build_id(Elf *elf, const void **ret)
{
    ssize_t len = dwelf_elf_gnu_build_id(elf, ret);
    return len >= 2 && len <= BUILD_ID_MAX ? (size_t)len : 0;
}

static Elf *open_elf(uint8_t *content, uint64_t size)
{
    Elf *elf = elf_memory((char *)content, size);
    if (elf != NULL && elf_kind(elf) == ELF_K_ELF)
        return elf;
    elf_end(elf);
    return NULL;
}

struct debug_file *debug_file_open(uint8_t *content, uint64_t size)
{
    if (elf_version(EV_CURRENT) == EV_NONE)
        return NULL;
    struct debug_file *d = calloc(1, sizeof *d);
    if (d == NULL)
        return NULL;
    d->elf = open_elf(content, size);
    if (d->elf == NULL) {
        debug_file_free(d);
        return NULL;
    }
    d->dwarf = dwarf_begin_elf(d->elf, DWARF_C_READ, NULL);
    return d;
}

void debug_file_free(struct debug_file *d)
{
    if (d == NULL)
        return;
    dwarf_end(d->dwarf);
    elf_end(d->split);
    elf_end(d->elf);
    free(d);
}

size_t debug_file_split_id(const struct debug_file *d, uint8_t ret_id[BUILD_ID_MAX])
{
    const void *id;
    size_t len = d->dwarf == NULL ? build_id(d->elf, &id) : 0;
    if (len > 0)
        memcpy(ret_id, id, len);
    return len;
}

void debug_file_add_split(struct debug_file *d, uint8_t *content, uint64_t size)
{
    const void *wanted, *id;
    if (d->split != NULL)
        return;
    d->split = open_elf(content, size);
    size_t len = d->split != NULL ? build_id(d->split, &id) : 0;
    if (len > 0 && build_id(d->elf, &wanted) == len && memcmp(id, wanted, len) == 0)
        d->dwarf = dwarf_begin_elf(d->split, DWARF_C_READ, NULL);
}

/* Offset in the file -> address as linked. False: no segment has it. */
static bool linked_address(Elf *elf, uint64_t at, uint64_t *ret)
{
    size_t n;
    if (elf_getphdrnum(elf, &n) != 0)
        return false;
    for (size_t i = 0; i < n && i <= INT32_MAX; i++) {
        GElf_Phdr p;
        if (gelf_getphdr(elf, (int)i, &p) == NULL || p.p_type != PT_LOAD || at < p.p_offset ||
            at - p.p_offset >= p.p_filesz)
            continue;
        *ret = at - p.p_offset + p.p_vaddr;
        return true;
    }
    return false;
}

/* ---- functions ---- */

struct found {
    GElf_Sym symbol;
    const char *name;
};

/* The symbol with the highest address at or below; one whose size covers it if there is one. */
static void search_section(Elf *elf, Elf_Scn *section, const GElf_Shdr *header, uint64_t address,
                           struct found *best)
{
    Elf_Data *data = elf_getdata(section, NULL);
    size_t n = data != NULL && header->sh_entsize > 0 ? header->sh_size / header->sh_entsize : 0;
    for (size_t i = 1; i < n && i < SYMBOLS_MAX; i++) {
        GElf_Sym s;
        if (gelf_getsym(data, (int)i, &s) == NULL)
            break;
        int type = GELF_ST_TYPE(s.st_info);
        if ((type != STT_FUNC && type != STT_GNU_IFUNC) || s.st_shndx == SHN_UNDEF ||
            s.st_value > address || (s.st_size > 0 && address - s.st_value >= s.st_size))
            continue;
        const char *name = elf_strptr(elf, header->sh_link, s.st_name);
        bool global = GELF_ST_BIND(s.st_info) == STB_GLOBAL;
        bool nearer = best->name == NULL || s.st_value > best->symbol.st_value ||
                      (s.st_value == best->symbol.st_value && global &&
                       GELF_ST_BIND(best->symbol.st_info) != STB_GLOBAL);
        if (name == NULL || name[0] == '\0' || !nearer)
            continue;
        best->symbol = s;
        best->name = name;
    }
}

static void find_function(Elf *elf, uint64_t address, struct found *best)
{
    for (Elf_Scn *section = NULL; elf != NULL && (section = elf_nextscn(elf, section)) != NULL;) {
        GElf_Shdr header;
        if (gelf_getshdr(section, &header) != NULL &&
            (header.sh_type == SHT_SYMTAB || header.sh_type == SHT_DYNSYM))
            search_section(elf, section, &header, address, best);
    }
}

/* ---- lines ---- */

static int find_line(Dwarf *dwarf, uint64_t address, struct code_place *place)
{
    Dwarf_Die unit;
    int line;
    if (dwarf == NULL)
        return 0;
    /* Without .debug_aranges each unit must be asked. */
    if (dwarf_addrdie(dwarf, address, &unit) == NULL) {
        Dwarf_CU *cu = NULL;
        Dwarf_Die die;
        bool found = false;
        while (!found && dwarf_get_units(dwarf, cu, &cu, NULL, NULL, &die, NULL) == 0)
            found = dwarf_haspc(&die, address) == 1;
        if (!found)
            return 0;
        unit = die;
    }
    Dwarf_Line *source = dwarf_getsrc_die(&unit, address);
    const char *file = source != NULL ? dwarf_linesrc(source, NULL, NULL) : NULL;
    if (file == NULL || dwarf_lineno(source, &line) != 0)
        return 0;
    place->file = strdup(file);
    place->line = line;
    return place->file != NULL ? 0 : -ENOMEM;
}

int debug_file_find(struct debug_file *d, uint64_t at, bool after, struct code_place *place)
{
    struct found best = {0};
    uint64_t address;
    if (!linked_address(d->elf, at, &address))
        return 0;
    place->offset = address;
    uint64_t inside = after && address > 0 ? address - 1 : address;
    find_function(d->elf, inside, &best);
    find_function(d->split, inside, &best);
    if (best.name != NULL) {
        place->function = strdup(best.name);
        place->in_function = address - best.symbol.st_value;
        if (place->function == NULL)
            return -ENOMEM;
    }
    return find_line(d->dwarf, inside, place);
}

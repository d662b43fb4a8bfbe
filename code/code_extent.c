/* Owns the question which part of a file is searched before anything is mapped. */
#include "code/code_extent.h"

#include "base/page.h"

#include <elf.h>
#include <string.h>

static bool is_ours(const Elf64_Ehdr *h)
{
    return memcmp(h->e_ident, ELFMAG, SELFMAG) == 0 && h->e_ident[EI_CLASS] == ELFCLASS64 &&
           h->e_machine == EM_X86_64 && h->e_phentsize == sizeof(Elf64_Phdr);
}

bool code_extent_read(const uint8_t *head, size_t len, uint64_t *ret_from, uint64_t *ret_to)
{
    Elf64_Ehdr h;
    uint64_t from = UINT64_MAX, to = 0;
    if (len < sizeof h)
        return false;
    memcpy(&h, head, sizeof h);
    if (!is_ours(&h) || h.e_phoff > len || h.e_phnum > (len - h.e_phoff) / sizeof(Elf64_Phdr))
        return false;
    for (size_t i = 0; i < h.e_phnum; i++) {
        Elf64_Phdr p;
        uint64_t end;
        memcpy(&p, head + h.e_phoff + i * sizeof p, sizeof p);
        if (p.p_type != PT_LOAD || (p.p_flags & PF_X) == 0)
            continue;
        if (__builtin_add_overflow(p.p_offset, p.p_filesz, &end) || end > UINT64_MAX - PAGE)
            return false;
        from = p.p_offset < from ? p.p_offset : from;
        to = end > to ? end : to;
    }
    *ret_from = to == 0 ? 0 : from - from % PAGE;
    *ret_to = (to + PAGE - 1) / PAGE * PAGE;
    return true;
}

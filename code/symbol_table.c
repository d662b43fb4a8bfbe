/* Owns the reading of symbols: which are functions, and where. Names do not matter. */
#include "code/function_tables.h"

#include <elf.h>
#include <string.h>

static bool is_function(const Elf64_Sym *s)
{
    unsigned type = ELF64_ST_TYPE(s->st_info);
    return (type == STT_FUNC || type == STT_GNU_IFUNC) && s->st_size > 0 &&
           s->st_shndx != SHN_UNDEF && s->st_shndx != SHN_ABS;
}

void symbol_table_each(struct file_window *w, const struct elf_layout *elf, file_function_fn *each,
                       void *ctx)
{
    for (size_t i = 0; i < elf->n_symbols; i++) {
        const struct file_span *table = &elf->symbols[i];
        for (uint64_t at = 0; table->size - at >= sizeof(Elf64_Sym); at += sizeof(Elf64_Sym)) {
            Elf64_Sym s;
            struct file_function function;
            const uint8_t *p = file_window_at(w, table->offset + at, sizeof s);
            if (p == NULL)
                return;
            memcpy(&s, p, sizeof s);
            function.size = s.st_size;
            if (is_function(&s) && elf_offset(elf, s.st_value, &function.offset))
                each(ctx, &function);
        }
    }
}

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

static void each_of(const uint8_t *p, size_t n, const struct elf_layout *elf,
                    file_function_fn *each, void *ctx)
{
    for (; n > 0; n--, p += sizeof(Elf64_Sym)) {
        Elf64_Sym s;
        struct file_function function;
        memcpy(&s, p, sizeof s);
        function.size = s.st_size;
        if (is_function(&s) && elf_offset(elf, s.st_value, &function.offset))
            each(ctx, &function);
    }
}

void symbol_table_each(struct file_window *w, const struct elf_layout *elf, file_function_fn *each,
                       void *ctx)
{
    for (size_t i = 0; i < elf->n_symbols; i++) {
        const struct file_span *table = &elf->symbols[i];
        uint64_t left = table->size / sizeof(Elf64_Sym), at = table->offset;
        while (left > 0) {
            size_t n = sizeof w->bytes / sizeof(Elf64_Sym);
            n = n < left ? n : (size_t)left;
            const uint8_t *p = file_window_at(w, at, n * sizeof(Elf64_Sym));
            if (p == NULL)
                return;
            each_of(p, n, elf, each, ctx);
            left -= n;
            at += n * sizeof(Elf64_Sym);
        }
    }
}

/* An ELF file with code in a segment that its header calls data: whoever maps it may execute it all
 * the same. */
#include "telling.h"

#include <elf.h>

enum { CODE = 1, DATA = 3, PAGES = 5 }; /* pages: where segments begin, and of all */

/* In each page. */
static int file_of_it(void)
{
    static uint8_t page[PAGE];
    static const Elf64_Phdr segments[] = {
        {.p_type = PT_LOAD,
         .p_flags = PF_R | PF_X,
         .p_offset = CODE * PAGE,
         .p_vaddr = CODE * PAGE,
         .p_filesz = (DATA - CODE) * PAGE,
         .p_memsz = (DATA - CODE) * PAGE},
        {.p_type = PT_LOAD,
         .p_flags = PF_R,
         .p_offset = DATA * PAGE,
         .p_vaddr = DATA * PAGE,
         .p_filesz = (PAGES - DATA) * PAGE,
         .p_memsz = (PAGES - DATA) * PAGE},
    };
    Elf64_Ehdr h = {.e_type = ET_DYN,
                    .e_machine = EM_X86_64,
                    .e_version = EV_CURRENT,
                    .e_phoff = sizeof h,
                    .e_ehsize = sizeof h,
                    .e_phentsize = sizeof(Elf64_Phdr),
                    .e_phnum = 2};
    memcpy(h.e_ident, ELFMAG, SELFMAG);
    h.e_ident[EI_CLASS] = ELFCLASS64;
    h.e_ident[EI_DATA] = ELFDATA2LSB;
    h.e_ident[EI_VERSION] = EV_CURRENT;
    int fd = scratch_file();
    for (size_t i = 0; i < PAGES; i++) {
        memset(page, 0x90, PAGE);
        memcpy(page + PAGE / 2, telling_code, sizeof telling_code);
        if (i == 0) {
            memcpy(page, &h, sizeof h);
            memcpy(page + sizeof h, segments, sizeof segments);
        }
        write_all(fd, page, PAGE);
    }
    return fd;
}

static void execute(int fd, size_t first, size_t n)
{
    uint8_t *p =
        mmap(NULL, n * PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, (off_t)(first * PAGE));
    CHECK(p != MAP_FAILED);
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < n; i++)
            check_tells(p + i * PAGE + PAGE / 2);
    CHECK(munmap(p, n * PAGE) == 0);
}

int main(void)
{
    int fd = file_of_it();
    execute(fd, CODE, DATA - CODE);
    execute(fd, DATA, PAGES - DATA);
    execute(fd, DATA - 1, 2);
    execute(fd, 0, PAGES);
    execute(fd, 0, 1);
    uint8_t *p = mmap(NULL, PAGES * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
    CHECK(p != MAP_FAILED);
    allow(p + DATA * PAGE, PAGES - DATA, PROT_READ | PROT_EXEC);
    check_tells(p + DATA * PAGE + PAGE / 2);
    return 0;
}

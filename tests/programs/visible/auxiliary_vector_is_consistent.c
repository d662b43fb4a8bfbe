/* What the kernel tells a program at its start: getauxval(3). AT_SYSINFO_EHDR may be missing. */
#include "check.h"

#include <elf.h>
#include <link.h>
#include <sys/auxv.h>

extern char **environ;

int main(void)
{
    char **p = environ;
    while (*p != NULL)
        p++;
    int count = 0;
    for (const ElfW(auxv_t) *a = (const ElfW(auxv_t) *)(p + 1); a->a_type != AT_NULL; a++, count++)
        say("%lu: %lx\n", a->a_type, a->a_un.a_val);
    CHECK(count >= 10);
    CHECK(getauxval(AT_PAGESZ) == 4096);
    CHECK(getauxval(AT_UID) == getuid() && getauxval(AT_EGID) == getegid());
    const ElfW(Phdr) *ph = (const ElfW(Phdr) *)getauxval(AT_PHDR);
    CHECK(ph != NULL && getauxval(AT_PHENT) == sizeof *ph);
    CHECK(ph[0].p_type == PT_PHDR || ph[0].p_type == PT_LOAD);
    CHECK(strcmp((const char *)getauxval(AT_PLATFORM), "x86_64") == 0);
    say("executed as %s\n", strrchr((const char *)getauxval(AT_EXECFN), '/'));
    unsigned long vdso = getauxval(AT_SYSINFO_EHDR);
    if (vdso != 0)
        CHECK(memcmp((const void *)vdso, ELFMAG, SELFMAG) == 0);
    char bytes[1024];
    int fd = open("/proc/self/auxv", O_RDONLY);
    CHECK(fd >= 0 && read(fd, bytes, sizeof bytes) > 0);
    return 0;
}

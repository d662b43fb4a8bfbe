/* Code that made many calls is protected in another way, moved, mapped over: the bytes are those of
 * the file each time. */
#include "check.h"
#include "quick_call.h"

#include <link.h>
#include <sys/mman.h>

#define PAGE 4096

typedef long call_function(long number, long a, long b, long c);

/* Where quick_call stands in the file. */
static int find_offset(struct dl_phdr_info *info, size_t size, void *offset)
{
    (void)size;
    uintptr_t at = (uintptr_t)quick_call - info->dlpi_addr;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        if (p->p_type == PT_LOAD && at >= p->p_vaddr && at - p->p_vaddr < p->p_filesz)
            *(off_t *)offset = (off_t)(at - p->p_vaddr + p->p_offset);
    }
    return 1; /* the program itself is the first */
}

static void use(call_function *call)
{
    for (int i = 0; i < 10; i++)
        CHECK(call(SYS_getppid, 0, 0, 0) == getppid());
}

static void is_as_in_the_file(const void *code, const char *file_bytes)
{
    CHECK(memcmp(code, file_bytes, QUICK_CALL_SIZE) == 0);
}

int main(void)
{
    off_t offset = -1;
    dl_iterate_phdr(find_offset, &offset);
    CHECK(offset > 0 && offset % PAGE == 0);
    int fd = open("/proc/self/exe", O_RDONLY);
    char bytes[QUICK_CALL_SIZE];
    CHECK(pread(fd, bytes, sizeof bytes, offset) == sizeof bytes);

    /* the moves shall not hit what belongs to others */
    char *room = mmap(NULL, 256 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(room != MAP_FAILED);
    /* the whole end of the text, so that there is room behind it */
    char *code = mmap(room, 2 * PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, offset);
    CHECK(code == room);
    for (int round = 0; round < 3; round++) {
        use((call_function *)code);
        CHECK(mprotect(code, 2 * PAGE, PROT_READ | PROT_WRITE) == 0);
        is_as_in_the_file(code, bytes);
        CHECK(mprotect(code, 2 * PAGE, PROT_READ | PROT_EXEC) == 0);
        use((call_function *)code);
        char *moved =
            mremap(code, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, code + 64 * PAGE);
        CHECK(moved == code + 64 * PAGE);
        is_as_in_the_file(moved, bytes);
        use((call_function *)moved);
        code = mmap(moved, 2 * PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, offset);
        CHECK(code == moved);
        is_as_in_the_file(code, bytes);
        use((call_function *)code);
        CHECK(madvise(code, 2 * PAGE, MADV_DONTNEED) == 0);
        is_as_in_the_file(code, bytes);
    }
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        use((call_function *)code);
        CHECK(munmap(code, 2 * PAGE) == 0);
        _exit(3);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 3);
    use((call_function *)code);
    say("%d rounds, parent %d\n", 3, (int)getppid());
    return 0;
}

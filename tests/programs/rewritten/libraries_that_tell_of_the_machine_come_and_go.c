/* dlopen, dlclose and dlopen again of libraries with cpuid and rdtsc, also of one into whose code
 * the dynamic linker has to write; and code on the stack, where the system allows that. */
#include "telling.h"

#include <dlfcn.h>
#include <sys/personality.h>

static void check_library(const char *path)
{
    for (int i = 0; i < 3; i++) {
        void *library = dlopen(path, i == 1 ? RTLD_LAZY : RTLD_NOW);
        if (library == NULL)
            SKIP("%s", dlerror());
        void *f = dlsym(library, "library_tells");
        CHECK(f != NULL);
        check_tells(f);
        if (i == 2) {
            pid_t child = fork();
            CHECK(child >= 0);
            if (child == 0) {
                check_tells(f);
                CHECK(dlclose(library) == 0);
                _exit(0);
            }
            wait_for_success(child);
        }
        check_tells(f);
        CHECK(dlclose(library) == 0);
    }
}

static void on_the_stack(void)
{
    _Alignas(4096) uint8_t room[2 * PAGE];
    memset(room, 0xcc, sizeof room);
    memcpy(room + 64, telling_code, sizeof telling_code);
    CHECK(mprotect(room, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC) == 0);
    check_tells(room + 64);
    CHECK(mprotect(room, PAGE, PROT_READ | PROT_WRITE) == 0);
    CHECK(memcmp(room + 64, telling_code, sizeof telling_code) == 0);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        check_library(argv[i]);
    on_the_stack();
    return 0;
}

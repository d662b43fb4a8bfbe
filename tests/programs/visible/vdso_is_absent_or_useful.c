/* Programs that look for the vDSO by themselves must do without it, or find one that works:
 * vdso(7). A mapping named [vdso] without AT_SYSINFO_EHDR would confuse debuggers only. */
#include "check.h"

#include <dlfcn.h>
#include <link.h>
#include <sys/auxv.h>

static int each(struct dl_phdr_info *info, size_t size, void *data)
{
    (void)size;
    *(int *)data += 1;
    say("object \"%s\" with %d headers\n",
        strrchr(info->dlpi_name, '/') ? strrchr(info->dlpi_name, '/') : info->dlpi_name,
        info->dlpi_phnum);
    return 0;
}

int main(void)
{
    int objects = 0;
    dl_iterate_phdr(each, &objects);
    CHECK(objects >= 2);
    void *vdso = dlopen("linux-vdso.so.1", RTLD_LAZY | RTLD_NOLOAD);
    int (*get)(clockid_t, struct timespec *) = NULL;
    if (vdso != NULL) {
        void *symbol = dlvsym(vdso, "__vdso_clock_gettime", "LINUX_2.6");
        memcpy(&get, &symbol, sizeof symbol);
    }
    CHECK((getauxval(AT_SYSINFO_EHDR) != 0) == (get != NULL));
    struct timespec a = {0, 0}, b;
    if (get != NULL)
        CHECK(get(CLOCK_MONOTONIC, &a) == 0);
    CHECK(clock_gettime(CLOCK_MONOTONIC, &b) == 0 && b.tv_sec >= a.tv_sec);
    say("%ld.%09ld %ld.%09ld\n", (long)a.tv_sec, a.tv_nsec, (long)b.tv_sec, b.tv_nsec);
    return 0;
}

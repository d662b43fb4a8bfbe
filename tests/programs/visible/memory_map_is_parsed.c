/* /proc/self/maps, as runtimes read it to find their stack and libraries: each line makes sense,
 * the program's own addresses are in it: proc(5). */
#include "check.h"

static int global = 1;

int main(void)
{
    FILE *f = fopen("/proc/self/maps", "r");
    CHECK(f != NULL);
    char line[4096 + 200];
    unsigned long start, end, offset, inode, last = 0;
    char perms[8], device[16];
    int local = 0, count = 0;
    bool code = false, data = false, stack = false, heap_or_stack_named = false;
    while (fgets(line, sizeof line, f) != NULL) {
        CHECK(sscanf(line, "%lx-%lx %7s %lx %15s %lu", &start, &end, perms, &offset, device,
                     &inode) == 6);
        CHECK(start < end && start >= last);
        last = end;
        uintptr_t m = (uintptr_t)main, g = (uintptr_t)&global, l = (uintptr_t)&local;
        code |= m >= start && m < end && perms[2] == 'x';
        data |= g >= start && g < end && perms[1] == 'w';
        stack |= l >= start && l < end;
        heap_or_stack_named |= strstr(line, "[stack]") != NULL;
        CHECK(strstr(line, "reprise-stub") == NULL);
        say("%s", line);
        count++;
    }
    CHECK(code && data && stack && heap_or_stack_named);
    say("%d mappings\n", count);
    fclose(f);
    f = fopen("/proc/self/smaps", "r");
    if (f != NULL) {
        int lines = 0;
        while (fgets(line, sizeof line, f) != NULL)
            lines++;
        say("%d lines of smaps\n", lines);
    }
    return 0;
}

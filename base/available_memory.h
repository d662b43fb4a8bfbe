/* How much memory a program may take here before others suffer. */
#ifndef REPRISE_BASE_AVAILABLE_MEMORY_H
#define REPRISE_BASE_AVAILABLE_MEMORY_H

#include <stdint.h>

/* In bytes: the least of what the kernel calls available (MemAvailable of proc(5); without /proc
 * all memory that the machine has) and of what each control group around this process, of either
 * version, still lets it take. None of them is enough by itself: a container sees the memory of the
 * whole machine, and a group's limit may be far above what the machine has.
 * `root` stands before the names of files: "" but for tests. */
uint64_t available_memory(const char *root);

#endif

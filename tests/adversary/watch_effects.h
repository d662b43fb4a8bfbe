/* Sees what a replay left behind, whoever left it: files, processes. And what it takes while it
 * runs: memory, processes, processor time. */
#ifndef REPRISE_TESTS_ADVERSARY_WATCH_EFFECTS_H
#define REPRISE_TESTS_ADVERSARY_WATCH_EFFECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Makes an empty directory the root of this process, with nothing in it but a file and /proc, and
 * without a network. Where that is not to be had: its current directory. *ret_why: NULL, or why.
 * True: all files are watched. */
bool watch_effects_begin(const char *dir, const char **ret_why);

/* Removes the directory, for a process that has stayed outside of it. */
void watch_effects_end(const char *dir);

/* Whether the directory is as it was. */
bool watch_effects_files(char *what, size_t size);

/* Whether no child of this process is left, which inherits orphans. Those that end within some
 * seconds do not count; the others are ended. */
bool watch_effects_processes(char *what, size_t size);

/* What the replayer and its tasks take. */
struct usage {
    uint64_t bytes; /* of memory */
    size_t tasks;
    uint64_t of_replayer, of_tasks; /* processor time, in ns */
    bool wants_to_run;              /* some of them */
};
void watch_effects_usage(pid_t replayer, struct usage *ret);

#endif

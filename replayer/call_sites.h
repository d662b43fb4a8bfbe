/* The syscall instructions of one address space that were redirected to the fast stub. */
#ifndef REPRISE_REPLAYER_CALL_SITES_H
#define REPRISE_REPLAYER_CALL_SITES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A syscall instruction has two bytes, and becomes a short jump to five bytes of filler behind a
 * ret or jmp nearby, which become a jump to the end of the last page of the code's mapping, where
 * room was left over. So nothing moves: an instruction pointer that is saved anywhere stays right.
 *
 * Only code that is mapped privately from a file and cannot be written is changed. Whatever else
 * happens to such a mapping has to be announced by call_sites_touch. */
struct call_sites;

/* NULL without memory: then all calls stop. All other functions take NULL. */
struct call_sites *call_sites_new(void);
struct call_sites *call_sites_ref(struct call_sites *s);
/* For a copy of the address space. */
struct call_sites *call_sites_copy(const struct call_sites *s);
void call_sites_unref(struct call_sites *s);

/* Code was mapped that may be changed; start and end are page-aligned. */
void call_sites_add_code(struct call_sites *s, uint64_t start, uint64_t end);

/* A call came by a stop, ip being behind its instruction. The second time it is redirected. */
void call_sites_hit(struct call_sites *s, pid_t pid, uint64_t ip);

/* A range is about to be mapped, unmapped, protected, written ...: the code there becomes what it
 * was, and stays so. */
void call_sites_touch(struct call_sites *s, pid_t pid, uint64_t addr, uint64_t len);
/* The same for all code, for good. */
void call_sites_give_up(struct call_sites *s, pid_t pid);

/* In bytes that were read from addr on: puts what the program has there. */
void call_sites_undo(const struct call_sites *s, uint64_t addr, uint8_t *bytes, uint64_t len);

#endif

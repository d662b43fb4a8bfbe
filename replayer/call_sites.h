/* Which code of one address space may be, and is, mapped from a changed copy (code_files.h). */
#ifndef REPRISE_REPLAYER_CALL_SITES_H
#define REPRISE_REPLAYER_CALL_SITES_H

#include "replayer/replay_state.h"

/* NULL without memory: then all calls stop. All functions take NULL. */
struct call_sites *call_sites_new(void);
struct call_sites *call_sites_ref(struct call_sites *s);
/* For a copy of the address space; NULL also if memory is short. */
struct call_sites *call_sites_copy(const struct call_sites *s);
void call_sites_unref(struct call_sites *s);

struct code_file;

/* Whether code may be added. */
bool call_sites_has_room(const struct rtask *t);
/* The code was just mapped into the task, from its copy or from the original. */
void call_sites_add(struct rtask *t, const Reprise__Mapping *m, struct code_file *f, bool is_copy);

/* A call of the task came by a stop, ip being behind its instruction: when that happens again, the
 * code is mapped from a copy in which it is redirected. 0, or -errno noted in the replayer's err.
 */
int call_sites_hit(struct replayer *r, struct rtask *t, uint64_t ip, int64_t nr);

/* A range is about to be mapped, unmapped, protected, written ...: the code there becomes what it
 * was, and stays so. 0, or -errno noted in the replayer's err. */
int call_sites_touch(struct replayer *r, struct rtask *t, uint64_t addr, uint64_t len);
/* The code at addr becomes what it was, until a call from there stops again. */
int call_sites_lift(struct replayer *r, struct rtask *t, uint64_t addr);
/* All code becomes what it was, for good. */
int call_sites_give_up(struct replayer *r, struct rtask *t);

/* In bytes that were read from the task: puts what the program has there. */
void call_sites_undo(const struct rtask *t, uint64_t addr, uint8_t *bytes, uint64_t len);

#endif

/* What memory calls have made of an address space, as far as it costs and the kernel does not tell:
 * how many there were, and where memory is shared that is of no file. Tasks share it as they share
 * the address space. */
#ifndef REPRISE_REPLAYER_SPACE_USE_H
#define REPRISE_REPLAYER_SPACE_USE_H

#include <stdbool.h>
#include <stdint.h>

struct space_use;

/* NULL: there is no memory. */
struct space_use *space_use_new(void);
struct space_use *space_use_ref(struct space_use *u);
struct space_use *space_use_copy(const struct space_use *u);
void space_use_unref(struct space_use *u);

void space_use_note_call(struct space_use *u);
uint64_t space_use_calls(const struct space_use *u);

/* Memory that is shared and of no file was mapped there. */
void space_use_note_shared(struct space_use *u, uint64_t addr, uint64_t len);
/* Whether such memory may lie there. */
bool space_use_may_share(const struct space_use *u, uint64_t addr, uint64_t len);
/* Whether there ever was any. Takes NULL. */
bool space_use_shares(const struct space_use *u);

#endif

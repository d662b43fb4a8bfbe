/* Map operations of the event at hand: they live until it is written. */
#ifndef REPRISE_RECORDER_EMIT_MAP_H
#define REPRISE_RECORDER_EMIT_MAP_H

#include "recorder/emit.h"

/* Rounded up to whole pages. */
uint64_t emit_page_up(uint64_t v);
/* Appends an operation to the list. */
Reprise__MapOp *emit_map_op(struct recorder *r, Reprise__MapOp__Op kind, struct emit_list *map);
/* Appends the making of a mapping, which the caller completes. */
Reprise__Mapping *emit_mapping(struct recorder *r, uint64_t addr, uint64_t len, uint32_t prot,
                               uint32_t flags, struct emit_list *map);
/* Content of a mapping as the task sees it now; pages behind the end of a file read as nothing. */
void emit_mapping_content(struct recorder *r, struct task *t, Reprise__Mapping *m, uint64_t len);

#endif

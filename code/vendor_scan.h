/* The byte search: where something could be an instruction that vendors compute in different ways.
 * Private to code/. */
#ifndef REPRISE_CODE_VENDOR_SCAN_H
#define REPRISE_CODE_VENDOR_SCAN_H

#include <stddef.h>
#include <stdint.h>

/* The first place from `from` on that may be the mark of one (vendor_insn.h); len: there is none.
 * Never overlooks one. */
size_t vendor_scan_next(const uint8_t *code, size_t len, size_t from);

#endif

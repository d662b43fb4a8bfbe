/* Owns what each search looks for. */
#include "code/wanted.h"

#include "code/machine_code.h"
#include "code/scan.h"
#include "code/vendor_insn.h"
#include "code/vendor_scan.h"

static bool machine_begins(const uint8_t *code, size_t len, size_t start, size_t at)
{
    struct machine_insn insn;
    if (!machine_insn_at(code + start, len - start, &insn))
        return false;
    for (size_t i = start; i < at; i++)
        if (code[i] == 0x0f)
            return false; /* that is its opcode */
    return code[at] == 0x0f && at - start < insn.len;
}

static bool vendor_begins(const uint8_t *code, size_t len, size_t start, size_t at)
{
    enum vendor_insn insn;
    size_t mark;
    return vendor_insn_at(code + start, len - start, &insn, &mark) && mark == at - start;
}

const struct wanted wanted_machine = {scan_next, machine_begins};
const struct wanted wanted_vendor = {vendor_scan_next, vendor_begins};

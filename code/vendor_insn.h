/* Instructions whose results are not the same on CPUs of different vendors, though no feature of
 * CPUID tells: approximations (how good they are is defined, not which they are) and functions of
 * the x87. Intel SDM vol. 2 and vol. 1, 8.3.10 "Transcendental Instruction Accuracy".
 *
 * Of the approximations of AVX-512, Intel has published what they compute to the last bit, AMD only
 * how far they are off: they count, too. */
#ifndef REPRISE_CODE_VENDOR_INSN_H
#define REPRISE_CODE_VENDOR_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum vendor_insn {
    VENDOR_RSQRTPS, /* 0f 52; with f3: rsqrtss */
    VENDOR_RSQRTSS,
    VENDOR_RCPPS, /* 0f 53; with f3: rcpss */
    VENDOR_RCPSS,
    VENDOR_VRSQRTPS, /* the same behind VEX */
    VENDOR_VRSQRTSS,
    VENDOR_VRCPPS,
    VENDOR_VRCPSS,
    VENDOR_VRCP14PS, /* EVEX.66.0f38 4c to 4f; W1: of doubles */
    VENDOR_VRCP14PD,
    VENDOR_VRCP14SS,
    VENDOR_VRCP14SD,
    VENDOR_VRSQRT14PS,
    VENDOR_VRSQRT14PD,
    VENDOR_VRSQRT14SS,
    VENDOR_VRSQRT14SD,
    VENDOR_VRCPPH, /* EVEX.66.MAP6 4c to 4f */
    VENDOR_VRCPSH,
    VENDOR_VRSQRTPH,
    VENDOR_VRSQRTSH,
    VENDOR_F2XM1, /* d9 f0 */
    VENDOR_FYL2X,
    VENDOR_FPTAN,
    VENDOR_FPATAN,  /* d9 f3 */
    VENDOR_FYL2XP1, /* d9 f9 */
    VENDOR_FSINCOS, /* d9 fb */
    VENDOR_FSIN,    /* d9 fe */
    VENDOR_FCOS,    /* d9 ff */
    VENDOR_INSNS,
};

/* Whether the bytes at p, of which `len` are there, are such an instruction, behind any prefixes
 * that do not matter. ret_mark: where in them the byte is that scans look for: 0f, d9 or the first
 * one of VEX or EVEX. For bytes that are known to begin an instruction. */
bool vendor_insn_at(const uint8_t *p, size_t len, enum vendor_insn *ret, size_t *ret_mark);

/* "fsin"; for messages. */
const char *vendor_insn_name(enum vendor_insn insn);

/* The feature of CPUID without which it does not run, as task/cpu_features.h calls it; NULL: all
 * CPUs have it. */
const char *vendor_insn_needs(enum vendor_insn insn);

#endif

/* What a trace tells of the machine that it comes from. */
#ifndef REPRISE_REPLAYER_ORIGIN_H
#define REPRISE_REPLAYER_ORIGIN_H

#include "format/trace.pb-c.h"
#include "task/cpu_features.h"
#include "task/machine.h"

struct vendor_places;

#include <stdbool.h>
#include <stddef.h>

/* The level that the program was told of. */
enum cpu_level origin_level(const Reprise__Cpu *cpu);

/* Whether the program was offered the feature. cpu may be NULL: nothing is known of it. */
bool origin_offers(const Reprise__Cpu *cpu, const struct cpu_feature *feature);

/* Whose CPU it was. False: the trace does not tell. */
bool origin_identity(const Reprise__Cpu *cpu, struct cpu_identity *ret);

/* Whether it was one of another vendor than this one. */
bool origin_is_of_another_vendor(const Reprise__Header *header);

/* What may be the reason why this machine does something else than that of the trace, for people:
 * what either lacks, that they are of different make, and (places) which instructions then
 * compute something else. "" if nothing is known. header, summary and places may be NULL. */
#define ORIGIN_TEXT_MAX 1000
const char *origin_differences(const Reprise__Header *header, const Reprise__Summary *summary,
                               const struct vendor_places *places, const struct machine *here,
                               char buf[ORIGIN_TEXT_MAX]);

#endif

/* What a trace tells of the machine that it comes from. */
#ifndef REPRISE_REPLAYER_ORIGIN_H
#define REPRISE_REPLAYER_ORIGIN_H

#include "format/trace.pb-c.h"
#include "task/cpu_features.h"
#include "task/machine.h"

#include <stdbool.h>
#include <stddef.h>

/* The level that the program was told of. */
enum cpu_level origin_level(const Reprise__Cpu *cpu);

/* Whether the program was offered the feature. cpu may be NULL: nothing is known of it. */
bool origin_offers(const Reprise__Cpu *cpu, const struct cpu_feature *feature);

/* Whose CPU it was. False: the trace does not tell. */
bool origin_identity(const Reprise__Cpu *cpu, struct cpu_identity *ret);

/* What may be the reason why this machine does something else than that of the trace, for people:
 * what either lacks, and that they are of different make. "" if nothing is known. header and summary may
 * be NULL. */
#define ORIGIN_TEXT_MAX 800
const char *origin_differences(const Reprise__Header *header, const Reprise__Summary *summary,
                               const struct machine *here, char buf[ORIGIN_TEXT_MAX]);

#endif

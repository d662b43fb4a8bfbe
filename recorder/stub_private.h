/* What the files about calls without a stop share: stub_calls.c reads what the stub has noted,
 * stub_records.c makes events of it, stub_tell.c tells the stub what it has to know. */
#ifndef REPRISE_RECORDER_STUB_PRIVATE_H
#define REPRISE_RECORDER_STUB_PRIVATE_H

#include "recorder/call_stub.h"
#include "recorder/record_state.h"

struct stub_calls {
    struct call_table table;
    uint32_t n_devices;
    uint64_t devices[CALL_DEVICES];
    uint64_t now; /* CLOCK_MONOTONIC, as of the last look at records */
    struct syscall_call call;
    struct syscall_ranges in, out;
    _Alignas(8) uint8_t records[CALL_RECORDS_SIZE];
};

/* Logs what a record tells. `live`: it lacks what came out, which the task's memory has. */
void stub_record_log(struct recorder *r, struct task *t, const struct call_record *c, bool live);

/* Notes a device on which regular files never let anybody wait. */
void stub_tell_add_device(struct stub_calls *s, uint64_t dev);
/* All that a fresh stub has to know. False: the task is gone. */
bool stub_tell_all(struct recorder *r, struct task *t);

#endif

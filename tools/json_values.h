/* Values of JSON as all commands write them. What cannot be had for want of memory is NULL, which
 * json_put and json_add note in *failed. */
#ifndef REPRISE_TOOLS_JSON_VALUES_H
#define REPRISE_TOOLS_JSON_VALUES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Take over `value`. */
void json_put(json_t *object, const char *key, json_t *value, bool *failed);
void json_add(json_t *array, json_t *value, bool *failed);

/* An integer, or where readers that use doubles could not hold it a string of its digits. */
json_t *json_number(uint64_t n);
/* Bytes that are not UTF-8 become the four characters \xNN. */
json_t *json_bytes(const void *data, size_t len);
json_t *json_text(const char *text);
/* {"exit": 3}, or {"signal": 9, "name": "SIGKILL"} */
json_t *json_end(int wait_status, bool *failed);

#endif

/* Owns how numbers, bytes and ends are written in JSON. */
#include "tools/json_values.h"

#include "base/utf8.h"
#include "tools/text.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define EXACT_MAX (1ull << 53) /* larger integers are not exact in readers that use doubles */

void json_put(json_t *object, const char *key, json_t *value, bool *failed)
{
    if (json_object_set_new(object, key, value) != 0)
        *failed = true;
}

void json_add(json_t *array, json_t *value, bool *failed)
{
    if (json_array_append_new(array, value) != 0)
        *failed = true;
}

json_t *json_number(uint64_t n)
{
    if (n <= EXACT_MAX)
        return json_integer((json_int_t)n);
    char text[TEXT_MAX];
    snprintf(text, sizeof text, "%llu", (unsigned long long)n);
    return json_string(text);
}

json_t *json_bytes(const void *data, size_t len)
{
    struct buf b = {0};
    json_t *text = NULL;
    if (utf8_append(&b, data, len) == 0)
        text = json_stringn(b.len > 0 ? (const char *)b.data : "", b.len);
    buf_done(&b);
    return text;
}

json_t *json_text(const char *text)
{
    return json_bytes(text, strlen(text));
}

json_t *json_end(int wait_status, bool *failed)
{
    json_t *end = json_object();
    if (WIFSIGNALED(wait_status)) {
        char name[TEXT_MAX];
        text_status(wait_status, name);
        json_put(end, "signal", json_integer(WTERMSIG(wait_status)), failed);
        json_put(end, "name", json_string(name), failed);
    } else {
        json_put(end, "exit", json_integer(WEXITSTATUS(wait_status)), failed);
    }
    return end;
}

/* Owns what --version says. */
#include "tools/version.h"

#include "format/trace_reader.h"
#include "symbols/code_places.h"
#include "tools/output.h"

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>
#include <stdio.h>
#include <xxhash.h>
#include <zstd.h>

#ifdef REPRISE_STATIC
#define LINKED "static"
#else
#define LINKED "dynamic"
#endif
#ifdef __SANITIZE_ADDRESS__
#define SANITIZED " sanitizers"
#else
#define SANITIZED ""
#endif

int version_print(void)
{
    printf("%s\n", VERSION_STRING);
    printf("trace format: %d\n", TRACE_FORMAT_VERSION);
    printf("features: x86-64 process-trees paranoid cpu-baseline cpu-levels json " LINKED SANITIZED
           "%s\n",
           code_places_have_symbols() ? " symbols" : "");
    printf("libraries: zstd %s, protobuf-c %s, xxhash %u, jansson %s\n", ZSTD_versionString(),
           protobuf_c_version(), XXH_versionNumber(), JANSSON_VERSION);
    return output_finish();
}

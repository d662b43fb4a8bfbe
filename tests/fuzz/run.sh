#!/bin/sh
# run.sh SOURCE_DIR GENERATED_DIR WORK_DIR [libFuzzer options]: builds the fuzzer of the trace reader
# with clang and runs it on the golden traces. Exit status 77: this machine cannot.
set -eu
source=$1 generated=$2 work=$3
shift 3
[ $# -gt 0 ] || set -- -runs=20000 -max_total_time=60

clang=${CLANG:-clang}
sanitize="-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined"
mkdir -p "$work/corpus"
if ! command -v "$clang" >/dev/null; then
    echo "skipped: there is no $clang to build the fuzzer with"
    exit 77
fi
echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return d && n ? 0 : 0; }' \
    >"$work/probe.c"
if ! "$clang" $sanitize -o "$work/probe" "$work/probe.c" 2>"$work/probe.log"; then
    echo "skipped: $clang lacks the fuzzer's runtime (package libclang-rt-dev, libfuzzer-dev):"
    cat "$work/probe.log"
    exit 77
fi

fuzzer=$work/fuzz_trace_reader
newer=$(find "$source/base" "$source/format" "$source/tests/fuzz" "$source/tests/golden" \
    "$generated/format" -name '*.[ch]' -newer "$fuzzer" 2>/dev/null | head -n 1)
if [ ! -x "$fuzzer" ] || [ -n "$newer" ]; then
    "$clang" -std=gnu17 -D_GNU_SOURCE -O1 -g $sanitize \
        -I"$generated" -I"$source" -I"$source/tests/golden" -o "$fuzzer" \
        "$source"/base/*.c "$source"/format/*.c "$generated"/format/trace.pb-c.c \
        "$source/tests/golden/message_text.c" "$source/tests/fuzz/fuzz_trace_reader.c" \
        -lprotobuf-c -lzstd -lxxhash -lpthread
fi
cp "$source"/tests/golden/*.reprise "$work/corpus/"
cd "$work"
exec "$fuzzer" -max_len=65536 -rss_limit_mb=3000 -timeout=25 "$@" corpus

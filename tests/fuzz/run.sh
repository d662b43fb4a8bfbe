#!/bin/sh
# run.sh TARGET SOURCE_DIR GENERATED_DIR WORK_DIR MAKE_TRACE [libFuzzer options]: builds
# fuzz_TARGET.c with clang, and what it needs, and runs it on the golden traces and on one that
# MAKE_TRACE makes. Exit status 77: this machine cannot.
set -eu
target=$1 source=$2 generated=$3 work=$4 make_trace=$5
shift 5
[ $# -gt 0 ] || set -- -runs=20000 -max_total_time=60

# of PART FILES...: its sources.
of() {
    of=$source/$1
    shift
    printf "$of/%s.c " "$@"
}

mutator=$source/tests/fuzz/trace_mutator.c
seeds=
case $target in
trace_reader)
    parts="base format" libraries="" more="$source/tests/golden/message_text.c"
    ;;
views)
    parts="base format syscalls decode stat export" libraries="-lsqlite3 -lz -lm -ldl" more=
    ;;
diff)
    parts="base confine format syscalls decode diff" libraries=-ljansson
    more="$source/symbols/code_places.c $source/symbols/host_debug.c $source/symbols/no_symbols.c
        $source/symbols/symbol_reader.c $source/tools/diff_html.c
        $source/tools/diff_json.c $source/tools/diff_text.c $source/tools/json_values.c
        $source/tools/diff_view.c $source/tools/word_diff.c $source/tools/text.c"
    ;;
dump)
    parts="base format syscalls decode" libraries="" more=
    ;;
origin)
    parts="base confine format code" libraries=-lcapstone
    more=$(of replayer blame can_replay code_spans origin vendor_places vendor_reader)
    more="$more $(of task cpu cpu_features cpu_level cpu_flags machine)"
    more="$more $source/tests/fuzz/no_trials.c"
    ;;
code) # its input is a file that somebody mapped
    parts="base code" libraries="" more=
    mutator=
    seeds=$work/seed.so
    ;;
points) # its input is registers and code
    parts="base code" libraries=-lcapstone
    more=$(of replayer check_stub check_round check_place)
    more="$more $(of task landmark machine_insn memory_operand redirect redirect_book)"
    more="$more $(of task redirect_read rep_span)"
    seeds=$work/seed.so
    mutator=
    ;;
calls) # its input is no trace
    parts="base format syscalls decode" libraries="" more=
    mutator=
    ;;
*)
    echo "there is no fuzz_$target.c" >&2
    exit 2
    ;;
esac

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

sources="$source/tests/fuzz/fuzz_$target.c $mutator $more"
sources="$sources $generated/format/trace.pb-c.c"
folders="$source/tests/fuzz $source/tests/golden $generated/format"
for part in $parts; do
    sources="$sources $(find "$source/$part" -name '*.[cS]' | sort | tr '\n' ' ')"
    folders="$folders $source/$part"
done
fuzzer=$work/fuzz_$target
# shellcheck disable=SC2086 # lists
newer=$(find $folders -name '*.[chS]' -newer "$fuzzer" 2>/dev/null | head -n 1)
if [ ! -x "$fuzzer" ] || [ -n "$newer" ]; then
    # shellcheck disable=SC2086 # lists
    "$clang" -std=gnu17 -D_GNU_SOURCE -O1 -g $sanitize -I"$generated" -I"$source" \
        -I"$source/tests/golden" -I"$source/export" -I"$source/export/page" -o "$fuzzer" \
        $sources -lprotobuf-c -lzstd -lxxhash -lpthread $libraries
fi
"$clang" -shared -nostdlib -o "$work/seed.so" "$source/tests/fuzz/seed_code.S"
if [ -n "$mutator" ]; then
    cp "$source"/tests/golden/*.reprise "$work/corpus/"
    "$make_trace" "$work/corpus/made.reprise" 2
fi
for seed in $seeds; do
    cp "$seed" "$work/corpus/"
done
cd "$work"
exec "$fuzzer" -max_len=65536 -rss_limit_mb=3000 -timeout=25 "$@" corpus

#!/bin/bash
# Installs what is missing, builds reprise with gcc into build/ and runs all tests. Builds also with
# the sanitizers into build-sanitize/, to run the unit tests there, and with clang where it is
# installed, into build-clang/, for its warnings. Most tests run a second time with all abilities of
# the machine taken away that may be missing. For Debian and Ubuntu.
#
#   JOBS   how many compilers and tests at a time (number of CPUs)
set -euo pipefail

top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
# shellcheck source=scripts/packages.sh
. "$top/scripts/packages.sh"
jobs=${JOBS:-$(nproc)}
werror=OFF # compilers of the future warn of other things
[ -z "${CI:-}" ] || werror=ON
test_timeout=120 # seconds, for tests that set none
bare_tests='^(program|real|offline|bad_luck)\.|^cli\..*(record|replay|outlive|machine|level|cpu|debugger)'

# shellcheck disable=SC2086 # lists
install_packages $packages_to_build $packages_to_test || say "going on with what is there"
# shellcheck disable=SC2086
install_each $packages_to_test_programs $packages_to_test_machines

# build DIR CMAKE_OPTIONS...
build() {
    local dir=$top/$1
    shift
    say "== building into $dir"
    mkdir -p "$dir"
    if ! cmake -S "$top" -B "$dir" -DREPRISE_WERROR="$werror" "$@" >"$dir/build.log" 2>&1 ||
        ! cmake --build "$dir" --parallel "$jobs" >>"$dir/build.log" 2>&1; then
        tail -n 100 "$dir/build.log"
        return 1
    fi
}

# run_tests DIR CTEST_OPTIONS...
run_tests() {
    local dir=$top/$1
    shift
    (cd "$dir" && ctest --output-on-failure --timeout "$test_timeout" -j "$jobs" "$@" </dev/null)
}

build build
build build-sanitize -DREPRISE_SANITIZE=ON
if command -v clang >/dev/null; then
    build build-clang -DCMAKE_C_COMPILER=clang
fi

say "== unit tests with ASan and UBSan"
sanitized=0
run_tests build-sanitize -R '^unit\.' || sanitized=$?

# Those whose name ends in a word of their own are another way to run the one before them. What
# takes longer without abilities gets its time.
say "== programs, recorded and replayed without what a machine may lack"
bare=0
LIMIT=240 REPRISE_MACHINE=-all run_tests build -R "$bare_tests" \
    -E '\.(paranoid|bare|untrapped)$' || bare=$?

say "== all tests"
status=0
run_tests build || status=$?
if [ "$sanitized" -ne 0 ]; then
    say "FAILED: unit tests with the sanitizers; see above" >&2
    [ "$status" -ne 0 ] || status=$sanitized
fi
if [ "$bare" -ne 0 ]; then
    say "FAILED: tests without what a machine may lack; see above" >&2
    [ "$status" -ne 0 ] || status=$bare
fi
exit "$status"

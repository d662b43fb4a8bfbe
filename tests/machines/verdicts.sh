# shellcheck shell=bash disable=SC2154 # set by who sources it
# What became of each pair of machines and each program. To be sourced; needs $round, has_function and
# expected_end.
#
# $round/verdicts has lines of FROM, ON, PROGRAM, KIND, DETAIL, between tabs. ON is "-" for the recording
# itself. KIND is one of
#   ok
#   skipped           the program itself said that it has nothing to do there
#   refused           rightly: the program was offered what this machine lacks, and the message names it
#   wrongly refused   this machine has all that the level of the recording may offer
#   FAILED

# The features of x86-64-v3, by their names in /proc/cpuinfo. Other levels add to it or are parts of it.
features_v2="cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3"
features_v3="$features_v2 abm avx avx2 bmi1 bmi2 f16c fma movbe xsave"
features_v4="$features_v3 avx512bw avx512cd avx512dq avx512f avx512vl"

# flags_of PLACE: what /proc/cpuinfo tells there.
flags_of() {
    sed -n 's/^flags[^:]*: *//p;/^flags/q' "$round/places/$1/cpuinfo"
}

# offered_by PLACE: what a program recorded there may be told that there is. Without --cpu it is what a
# portable recording may need, whatever this reprise takes for its default.
offered_by() {
    local features
    case ${level:-portable} in
    host) features=$(flags_of "$1") ;;
    x86-64-v2) features=$features_v2 ;;
    x86-64-v4) features=$features_v4 ;;
    *) features=$features_v3 ;;
    esac
    both "$features" "$(flags_of "$1")"
}

# both "A" "B": the words that are in both. only "A" "B": those of A that are not in B.
both() {
    comm -12 <(words "$1") <(words "$2")
}
only() {
    comm -23 <(words "$1") <(words "$2")
}
words() {
    tr -s ' ' '\n' <<<"$1" | grep . | LC_ALL=C sort -u
}

# is_right_to_refuse FROM ON MESSAGE. Two features have other names in manuals than in /proc/cpuinfo.
is_right_to_refuse() {
    local feature
    for feature in $(only "$(offered_by "$1")" "$(flags_of "$2")"); do
        case $feature in
        pni) feature=sse3 ;;
        abm) feature=lzcnt ;;
        esac
        if grep -q -w -e "$feature" <<<"$3"; then
            return 0
        fi
    done
    return 1
}

# reprise_says FILE: its first line about itself.
reprise_says() {
    grep -a -m 1 '^reprise: ' "$1" | cut -c 10-400 | tr '\t' ' '
}

# verdict FROM ON PROGRAM KIND [DETAIL]
verdict() {
    printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "${5:-}" >>"$round/verdicts"
}

# judge_recording PLACE PROGRAM: fails if there is nothing to be replayed.
judge_recording() {
    local files=$round/recorded/$1/$2 status
    if [ ! -s "$files.status" ]; then
        verdict "$1" - "$2" FAILED "the machine gave no answer"
        return 1
    fi
    status=$(head -n 1 "$files.status")
    if [ "$status" = "$(expected_end "$2")" ] && ! grep -a -q '^reprise: ' "$files.err"; then
        verdict "$1" - "$2" ok
    elif [ "$status" = "exited 77" ]; then
        verdict "$1" - "$2" skipped "$(tail -n 1 "$files.out" | tr '\t' ' ')"
    else
        verdict "$1" - "$2" FAILED "recording: $status; $(reprise_says "$files.err" || tail -n 1 "$files.err")"
    fi
    [ -s "$files.reprise" ]
}

# judge_replay FROM ON PROGRAM
judge_replay() {
    local recorded=$round/recorded/$1/$3 replayed=$round/replayed/$1/$2/$3 status
    if [ ! -s "$replayed.status" ]; then
        verdict "$1" "$2" "$3" FAILED "the machine gave no answer"
        return
    fi
    status=$(head -n 1 "$replayed.status")
    if [ "$status" != "$(head -n 1 "$recorded.status")" ]; then
        judge_other_end "$1" "$2" "$3" "$status" "$(reprise_says "$replayed.err")"
    elif ! cmp -s "$recorded.out" "$replayed.out"; then
        verdict "$1" "$2" "$3" FAILED "the output differs"
    elif ! cmp -s <(grep -a -v '^reprise: ' "$recorded.err") "$replayed.err"; then
        verdict "$1" "$2" "$3" FAILED "the output to stderr differs; $(reprise_says "$replayed.err")"
    else
        verdict "$1" "$2" "$3" ok
    fi
}

# judge_other_end FROM ON PROGRAM STATUS MESSAGE
judge_other_end() {
    if [ "$4" != "exited 125" ] || ! is_refusal "$5"; then
        verdict "$1" "$2" "$3" FAILED "$4; $5"
    elif is_right_to_refuse "$1" "$2" "$5"; then
        verdict "$1" "$2" "$3" refused "$5"
    else
        verdict "$1" "$2" "$3" "wrongly refused" "$5"
    fi
}

# is_refusal MESSAGE: does it speak of the machine, or of something that went wrong?
is_refusal() {
    case $1 in
    "this CPU "* | "this machine "*) ;;
    *) return 1 ;;
    esac
}

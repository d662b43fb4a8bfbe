# shellcheck shell=bash disable=SC2154,SC2016 # set by who sources it; backticks of markdown
# The table of doc/MACHINES.md, from the verdicts of the last full round. To be sourced; needs $work
# and $top.

# Writes it between the two marks of the document.
table() {
    local document=$top/doc/MACHINES.md new=$work/MACHINES.md
    round=$work/all
    [ -s "$round/verdicts" ] || { say "there is no round yet: run.sh --all" >&2 && return 1; }
    {
        sed '/^<!-- begin/q' "$document"
        table_of_round
        sed -n '/^<!-- end/,$p' "$document"
    } >"$new" && cp "$new" "$document" && say "wrote $document"
}

table_of_round() {
    printf '\n`tests/machines/run.sh --all --table` with `%s` made this on %s:\n\n' \
        "$(tr -s ' ' <"$round/how" | sed 's/ $//')" "$(date -r "$round/verdicts" +%F)"
    table_of_places
    echo
    table_of_pairs
    echo
}

# The machines in the order in which the verdicts name them.
table_places() {
    awk -F '\t' '!seen[$1]++ { print $1 }' "$round/verdicts"
}

table_of_places() {
    local place
    echo '| machine | CPU | kernel |'
    echo '|---|---|---|'
    table_places | while read -r place; do
        printf '| %s | %s | %s |\n' "$place" \
            "$(sed -n 's/^model name[^:]*: *//p' "$round/places/$place/cpuinfo" | head -n 1)" \
            "$(cat "$round/places/$place/release")"
    done
}

# One row for each machine that recorded, one column for each that replayed. What is not "ok" has the
# number of a remark, which names the programs, and shows the message of the first: numbers in messages
# differ from program to program.
table_of_pairs() {
    awk -F '\t' '
    function remark(kind, text,    key) {
        key = text
        sub(/process [^)]*/, "", key)
        gsub(/0x[0-9a-f]+|[0-9.]+/, "", key)
        key = kind key
        if (!(key in number)) {
            number[key] = ++remarks
            gsub(/[|<>]/, " ", text)
            told[remarks] = kind ": " text
        }
        return number[key]
    }
    function cell(from, on,    text, i, kind, kinds, number_of_kinds, remarks_there, n, many, told_there) {
        if (!count[from, on])
            return ""
        text = good[from, on] == count[from, on] ? "ok" : good[from, on] + 0 " ok"
        number_of_kinds = split("skipped,refused,wrongly refused,FAILED", kinds, ",")
        for (kind = 1; kind <= number_of_kinds; kind++) {
            many = 0
            told_there = ""
            n = split(list_of[from, on, kinds[kind]], remarks_there, " ")
            for (i = 1; i <= n; i++) {
                many += times[from, on, remarks_there[i]]
                told_there = told_there (i == 1 ? "" : ", ") remarks_there[i]
            }
            if (many)
                text = text ", " many " " kinds[kind] " [" told_there "]"
        }
        return text
    }
    !seen[$1]++ { places[++place_count] = $1 }
    {
        count[$1, $2]++
        if ($4 == "ok") {
            good[$1, $2]++
        } else {
            r = remark($4, $5)
            if (!times[$1, $2, r]++)
                list_of[$1, $2, $4] = list_of[$1, $2, $4] " " r
            if (!named[r, $3]++ && ++names[r] <= 4)
                programs[r] = programs[r] ", " $3
        }
    }
    END {
        line = "| recorded on | recorded"
        rule = "|---|---"
        for (i = 1; i <= place_count; i++) {
            line = line " | on " places[i]
            rule = rule "|---"
        }
        print line " |"
        print rule "|"
        for (i = 1; i <= place_count; i++) {
            line = "| " places[i] " | " cell(places[i], "-")
            for (k = 1; k <= place_count; k++)
                line = line " | " cell(places[i], places[k])
            print line " |"
        }
        if (remarks)
            print ""
        for (r = 1; r <= remarks; r++)
            print "- [" r "] " told[r] " (" substr(programs[r], 3) (names[r] > 4 ? " and " names[r] - 4 " more" : "") ")"
    }' "$round/verdicts"
}

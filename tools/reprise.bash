# bash completion for reprise                                              -*- shell-script -*-

_reprise_options() {
    case $1 in
    record) echo "-o --output --force --data --cpu --slice --paranoid --no-patch -v --verbose --help" ;;
    replay) echo "-q --quiet --stats --no-patch --patience --memory --output --tasks --help" ;;
    ls) echo "--names --help" ;;
    rm) echo "--all --help" ;;
    info) echo "--json --help" ;;
    export) echo "--perfetto --html --pcap --sqlite --force --range --limit -s --string-limit --help" ;;
    dump) echo "-a -e -f -n -o -P -p -r -s -T -t -v -X -x -y -Z -z --events --follow --internal --json --range --help" ;;
    stat) echo "--by --sort --top --json --help" ;;
    diff) echo "--pass --fail --show-ignored --strict --json --html --help" ;;
    *) echo "--help" ;;
    esac
}

# The arguments that a long option wants; nothing: it is free, or takes none.
_reprise_values() {
    case $1:$2 in
    dump:-X) echo "abbrev raw verbose" ;;
    dump:-e) echo "trace=%file trace=%desc trace=%process trace=%network trace=%signal trace=%memory trace=%ipc trace=%creds status=failed status=successful signal=" ;;
    stat:--by) echo "syscall file peer process size all" ;;
    diff:--strict) echo "task-id fd address time random inode port temp-name dir-order usage proc environment schedule all" ;;
    stat:--sort) echo "time average max calls errors in out name" ;;
    esac
}

# Traces in the trace directory by name, and any other by path.
_reprise_traces() {
    local cur=$1 file
    mapfile -t COMPREPLY < <(compgen -W "$(command reprise ls --names 2>/dev/null) latest" -- "$cur")
    while IFS= read -r file; do
        if [[ -d $file || $file == *.reprise ]]; then
            COMPREPLY+=("$file")
        fi
    done < <(compgen -f -- "$cur")
    compopt -o filenames 2>/dev/null
}

# The place in COMP_WORDS of the program that is to be recorded, or nothing.
_reprise_program_at() {
    local i
    for ((i = 2; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --)
            echo $((i + 1))
            return
            ;;
        -o | --output | --data | --cpu | --slice | --patience | --memory | --tasks)
            ((i++))
            [[ ${COMP_WORDS[i]} == "=" ]] && ((i++))
            ;;
        -*) ;;
        *)
            echo "$i"
            return
            ;;
        esac
    done
}

_reprise_record() {
    local cur=$1 prev=$2 program
    program=$(_reprise_program_at)
    if [[ -n $program ]] && declare -F _comp_command_offset >/dev/null; then
        _comp_command_offset "$program"
        return
    elif [[ -n $program ]] && declare -F _command_offset >/dev/null; then
        _command_offset "$program"
        return
    elif [[ -n $program ]] && ((COMP_CWORD > program)); then
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        return
    fi
    [[ $prev == "=" ]] && prev=${COMP_WORDS[COMP_CWORD - 2]}
    [[ $cur == "=" ]] && cur=
    case $prev in
    -o | --output) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    --data) mapfile -t COMPREPLY < <(compgen -W "4096 all none" -- "$cur") ;;
    --cpu) mapfile -t COMPREPLY < <(compgen -W "portable host x86-64-v2 x86-64-v3 x86-64-v4" -- "$cur") ;;
    *)
        if [[ $cur == -* ]]; then
            mapfile -t COMPREPLY < <(compgen -W "$(_reprise_options record)" -- "$cur")
        else
            mapfile -t COMPREPLY < <(compgen -c -A directory -- "$cur")
        fi
        ;;
    esac
}

_reprise() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local commands="record replay ls info dump stat diff export check rm help"
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W "$commands --version --help" -- "$cur")
        return
    fi
    case ${COMP_WORDS[1]} in
    record) _reprise_record "$cur" "$prev" ;;
    help) mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur") ;;
    replay | diff | info | dump | stat | export | check | rm | ls)
        local values
        [[ $prev == "=" ]] && prev=${COMP_WORDS[COMP_CWORD - 2]}
        [[ $cur == "=" ]] && prev=${COMP_WORDS[COMP_CWORD - 1]} cur=
        values=$(_reprise_values "${COMP_WORDS[1]}" "$prev")
        if [[ $prev == --@(perfetto|html|pcap|sqlite) || $prev == -@(o|P) ]]; then
            mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        elif [[ -n $values ]]; then
            mapfile -t COMPREPLY < <(compgen -W "$values" -- "$cur")
        elif [[ $cur == -* ]]; then
            mapfile -t COMPREPLY < <(compgen -W "$(_reprise_options "${COMP_WORDS[1]}")" -- "$cur")
        elif [[ ${COMP_WORDS[1]} != ls ]]; then
            _reprise_traces "$cur"
        fi
        ;;
    esac
}

complete -F _reprise reprise

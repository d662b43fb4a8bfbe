#!/bin/bash
# reprise export: what other programs read, checked with these programs. make_trace.c makes traces of
# which all numbers are known.
. "$(dirname "$0")/lib.sh"
: "${MAKE_TRACE:?}"
export_dir=$(cd "$(dirname "$0")/../export" && pwd)
man_dir=$(cd "$(dirname "$0")/../../doc/man" && pwd)
python=/usr/bin/python3

_need() {
    local tool
    for tool in "$@"; do
        command -v "$tool" >/dev/null || skip "$tool is not installed"
    done
}

_export() {
    reprise export "$@"
    ok
}

_known_trace() {
    "$MAKE_TRACE" t "${1:-3}" || fail "make_trace failed"
}

_answer_is() {
    [ "$1" = "$2" ] || fail "it tells '$1', expected '$2'"
}

# A build of a few files by make -j2: fork, exec, pipes, signals, waits.
_record_make() {
    _need gcc make
    "$export_dir/../e2e/small_c_tree.sh" tree 6 || fail "no tree to build"
    record_to t make -s -C tree -j2
}

# A server in python, threads and all, and its client. Leaves what the client got in got.
_record_web() {
    [ -x $python ] || skip "python3 is not installed"
    _need curl
    mkdir www
    head -c 150000 /dev/urandom >www/file
    cat >web.sh <<'END'
/usr/bin/python3 -u -m http.server 0 --bind 127.0.0.1 --directory www >server.log 2>&1 &
server=$!
port=
for i in $(seq 200); do
    port=$(sed -n 's/^Serving HTTP on .* port \([0-9]*\).*/\1/p' server.log)
    [ -n "$port" ] && break
    sleep 0.05
done
curl -sS http://127.0.0.1:$port/file >got
curl -sS http://127.0.0.1:$port/nowhere >missing
exec 2>/dev/null
kill $server
wait $server
true
END
    record_to t sh web.sh
    same www/file got
}

# ---- the command ----

export_needs_to_know_into_what() {
    record_to t true
    reprise export t
    refused 125
    err_has -- '--perfetto, --html, --pcap or --sqlite'
    reprise export --perfetto p t t
    refused 125
    for range in x 5-3 - 1 1-2-3 ''; do
        reprise export --perfetto p --range "$range" t
        refused 125
    done
    for limit in 0 -1 x; do
        reprise export --html p --limit "$limit" t
        refused 125
    done
    absent p
}

export_does_not_overwrite_without_force() {
    _known_trace
    echo precious >p
    for form in perfetto html pcap sqlite; do
        reprise export --$form p t
        refused 125
        err_has 'p exists already; --force overwrites it'
        _answer_is "$(cat p)" precious
    done
    _export --force --perfetto p t
    jq -e . p >/dev/null || fail "--force did not overwrite it"
    mkdir d
    reprise export --force --perfetto d t
    refused 125
    err_has 'd: it is a directory'
    ln -s t link
    for itself in t link ./t; do
        reprise export --force --sqlite $itself t
        refused 125
        err_has 'the trace itself'
    done
    reprise check t
    ok
}

export_makes_files_that_only_their_owner_reads() {
    _known_trace
    umask 000
    _export --perfetto p --html h --pcap c --sqlite s t
    for file in p h c s; do
        _answer_is "$(stat -c %a $file)" 600
    done
    [ -z "$(find . -name '*.tmp')" ] || fail "something was left behind"
}

export_fails_clearly_where_it_cannot_write() {
    _known_trace 300
    for form in perfetto html pcap sqlite; do
        reprise export --$form no/such/directory t
        refused 125
        err_has 'no/such/directory: No such file'
        reprise export --$form /dev/full t
        refused 125
        err_has 'No space left on device|not to a pipe or device'
        # A file that may not grow stands for a disk that is full.
        run bash -c 'ulimit -f 8; exec "$0" export "$1" p t' "$REPRISE" "--$form"
        [ "$ended" = "exited 125" ] || fail "--$form with a full disk: it $ended"
        err_has 'p: File too large|cannot write the database'
        absent p
        [ -z "$(find . -name '*.tmp')" ] || fail "something was left behind"
    done
    mkdir closed
    chmod 555 closed
    [ "$(id -u)" = 0 ] && return
    reprise export --html closed/p t
    refused 125
    err_has 'closed/p: Permission denied'
}

export_ends_quietly_when_its_reader_goes() {
    _known_trace 3000
    for form in perfetto html pcap; do
        run bash -c '"$0" export "$1" - t | head -c 100 >/dev/null; exit "${PIPESTATUS[0]}"' \
            "$REPRISE" "--$form"
        ok
        err_is ""
    done
    reprise export --sqlite - t
    refused 125
    err_has 'a database goes to a file'
    mkfifo f
    run bash -c 'cat f >got & "$0" export --perfetto f t; wait' "$REPRISE"
    ok
    jq -e '.traceEvents | length > 1000' got >/dev/null || fail "nothing came through the fifo"
}

export_of_a_torn_trace_says_so() {
    _known_trace 30000
    head -c $(($(stat -c %s t) * 3 / 4)) t >"cut"
    _export --perfetto p --html h --pcap c --sqlite s cut
    err_has 'torn'
    jq -e '.traceEvents | length > 100' p >/dev/null || fail "the trace is empty"
    command -v sqlite3 >/dev/null || return 0
    _answer_is "$(sqlite3 s "SELECT value FROM trace WHERE key = 'torn'")" 1
}

export_survives_damage() {
    record_to t sh -c 'echo one | cat; ls / >/dev/null'
    local size at i
    size=$(stat -c %s t)
    for i in $(seq 1 24); do
        at=$((size - i * i * 170))
        [ $at -gt 100 ] || continue
        cp t flipped
        printf '%b' "\\x$(printf '%02x' $((0x$(xxd -s "$at" -l 1 -p t) ^ 0x55)))" |
            dd of=flipped bs=1 seek="$at" conv=notrunc status=none
        reprise export --force --perfetto p --html h --pcap c --sqlite s flipped
        case $ended in
        "exited 0") ;;
        "exited 125") err_has 'damaged|checksum|not a reprise trace' ;;
        *) fail "flipped at $at of $size: it $ended" ;;
        esac
        err_is_prefixed
    done
    printf 'no trace' >x
    reprise export --force --perfetto p x
    refused 125
    reprise export --force --perfetto p ./nothing
    refused 125
    err_has 'nothing.*No such file'
}

export_takes_a_range_of_events() {
    _known_trace
    _export --perfetto p --sqlite s --range 10-20 t
    jq -e '[.traceEvents[] | select(.args.event != null).args.event] |
        min >= 5 and max <= 20 and length <= 13' p >/dev/null || fail "events out of the range"
    $python "$export_dir/check_perfetto.py" p >counts || fail "not well-formed"
    _export --perfetto all --range 1- t
    _export --force --perfetto all --range -1000000 t
    _need sqlite3
    _answer_is "$(sqlite3 s "SELECT min(event) >= 5, max(event) FROM events")" '1|20'
}

# ---- --perfetto ----

perfetto_holds_what_a_known_trace_does() {
    [ -x $python ] || skip "python3 is not installed"
    _known_trace 5
    _export --perfetto p t
    $python "$export_dir/check_perfetto.py" p >counts || fail "not well-formed"
    _answer_is "$(jq -c '[.["flow fork", "flow wait", "flow signal", "flow pipe"]]' counts)" \
        '[1,1,1,6]'
    _answer_is "$(jq -c '[.traceEvents[] | select(.name == "connect").args["2 addr"]] | length' p)" 5
    _answer_is "$(jq -c '[.traceEvents[] | select(.cat == "error").args.result] | unique' p)" \
        '["-1 ENOENT (No such file or directory)"]'
    _answer_is "$(jq -c '[.traceEvents[] | select(.ph == "C" and .name == "bytes written").args.value] | max' p)" 95
    _answer_is "$(jq -c '[.traceEvents[] | select(.name == "process_name") | .args.name] | unique' p)" \
        '["talk"]'
    # A call of 500 ns that ended when its event was logged.
    _answer_is "$(jq -c 'first(.traceEvents[] | select(.name == "sendto")) | .dur' p)" 0.5
}

perfetto_of_make_is_well_formed() {
    [ -x $python ] || skip "python3 is not installed"
    _record_make
    _export --perfetto p t
    $python "$export_dir/check_perfetto.py" p >counts || fail "not well-formed"
    jq -e '.["flow fork"] > 10 and .["flow exec"] > 10 and .["flow wait"] > 10 and
        .["flow signal"] > 3 and .["flow pipe"] > 3' counts >/dev/null || fail "few arrows: $(cat counts)"
    # Every child that was waited for has an arrow from its exit.
    _answer_is "$(jq '.["flow wait"]' counts)" \
        "$(jq '[.traceEvents[] | select(.name == "wait4" and .cat != "error" and .args.result != "0")] | length' p)"
    # Every fork and exec has one.
    _answer_is "$(jq '.["flow exec"]' counts)" \
        "$(jq '[.traceEvents[] | select(.name == "execve" and .cat == "process")] | length' p)"
}

perfetto_of_a_web_server_is_well_formed() {
    _record_web
    _export --perfetto p t
    $python "$export_dir/check_perfetto.py" p >counts || fail "not well-formed"
    # Threads of the server belong to its process.
    jq -e '[.traceEvents[] | select(.ph == "M" and .name == "thread_name")] | group_by(.pid) |
        map(length) | max >= 2' p >/dev/null || fail "no process has threads"
    jq -e '[.traceEvents[] | select(.name == "SIGTERM")] | length == 1' p >/dev/null ||
        fail "the signal is missing"
    jq -e '.["flow socket"] > 4' counts >/dev/null || fail "no arrows between client and server"
    jq -e '.["flow signal"] >= 2' counts >/dev/null || fail "no arrow for kill"
}

# ---- --html ----

# in_browser PAGE SCRIPT [CHROMIUM_OPTIONS]: loads a copy of the page with the script in it, which
# sees the page's own names and returns an object; that is left in answer, as JSON.
_in_browser() {
    local page=$1 script=$2
    shift 2
    { cat "$page" && cat <<END; } >driven.html
<script>
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
async function drive() {
    while (!document.body.dataset.loaded && !document.body.dataset.failed)
        await sleep(20);
    $script
}
drive().catch((e) => ({ error: String(e) })).then((answer) => {
    const pre = document.createElement("pre");
    pre.id = "answer";
    pre.textContent = btoa(unescape(encodeURIComponent(JSON.stringify(answer))));
    document.body.replaceChildren(pre);
});
</script>
END
    run chromium --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage \
        --window-size=1400,900 --virtual-time-budget=30000 --user-data-dir="$work/chromium" \
        "$@" --dump-dom "file://$PWD/driven.html"
    ok
    sed -n 's/.*<pre id="answer">\([^<]*\)<.*/\1/p' out | base64 -d >answer
    [ -s answer ] || fail "the page did not answer"
    jq -e 'has("error") | not' answer >/dev/null || fail "$(cat answer)"
}

html_shows_a_known_trace_in_a_browser() {
    _need chromium
    _known_trace 400
    _export --html h t
    _in_browser h '
        const count = () => document.getElementById("count").textContent;
        const answer = { title: document.title, all: count() };
        const search = async (text) => {
            table.search.value = text;
            table.search.dispatchEvent(new Event("input"));
            await sleep(300);
            return count();
        };
        answer.elements = document.querySelectorAll("#table .row").length;
        answer.lanes = document.querySelectorAll(".lane").length;
        answer.words = await search("sendto get");
        answer.regex = await search("/^openat.*ENOENT/");
        answer.bad = await search("/(/");
        answer.none = await search("no such thing");
        await search("");
        document.getElementById("errors").click();
        answer.errors = count();
        document.getElementById("errors").click();
        document.querySelectorAll(".lane")[1].click();
        answer.child = count();
        document.getElementById("all-tasks").click();
        answer.again = count();
        document.querySelectorAll("#table .row")[3].click();
        answer.detail = document.getElementById("detail").textContent;
        answer.zoomed = timeline.to - timeline.from < trace.length;
        document.getElementById("fit").click();
        answer.whole = timeline.to - timeline.from === trace.length;
        table.box.scrollTop = 1e9;
        await sleep(100);
        answer.last = [...document.querySelectorAll("#table .row")].pop().textContent;
        const g = timeline.canvas.getContext("2d");
        const pixels = g.getImageData(0, 0, timeline.canvas.width, timeline.canvas.height).data;
        const colours = new Set();
        for (let i = 0; i < pixels.length; i += 4)
            colours.add(pixels[i] << 16 | pixels[i + 1] << 8 | pixels[i + 2]);
        answer.colours = colours.size;
        answer.links = trace.links.map((l) => l[0]).filter((k) => k !== "pipe").sort();
        answer.requests = performance.getEntriesByType("resource").length;
        return answer;'
    # Ten rows a round; eight of the child and who made it; birth, exec, pipe2, exit.
    _answer_is "$(jq -r .all answer)" "4,012 of 4,012 events"
    jq -e '.elements > 10 and .elements < 100 and .lanes == 2' answer >/dev/null ||
        fail "the table is not made of what can be seen: $(cat answer)"
    jq -e '(.words | startswith("400 of")) and (.regex | startswith("400 of")) and
        (.none | startswith("0 of")) and (.errors | startswith("400 of")) and
        (.bad | test("regular expression")) and (.child | test("^4 of .* only$"))' answer >/dev/null ||
        fail "searching: $(cat answer)"
    jq -e '.again == .all and .zoomed and .whole and (.last | test("exited")) and .colours > 5 and
        (.detail | test("pipe2")) and .requests == 0 and
        .links == ["fork", "signal", "wait"]' answer >/dev/null || fail "$(cat answer)"
}

html_takes_text_for_nothing_but_text() {
    _need chromium
    local evil='</script><img src=x onerror="document.title=1"><!--'
    record_to t sh -c 'echo "$1"; cat "$1" 2>/dev/null; printf "\377\0\033[31m"; true' "$evil" "$evil"
    _export --html h -s 200 t
    _in_browser h '
        await sleep(200);
        return { title: document.title, h1: document.getElementById("title").textContent,
                 images: document.images.length,
                 found: trace.args.filter((a) => a.includes("<img src=x")).length };'
    jq -e '.images == 0 and .found >= 2 and (.title | startswith("reprise: sh -c")) and
        (.h1 | contains("<img src=x onerror"))' answer >/dev/null || fail "$(cat answer)"
}

html_holds_a_hundred_thousand_events() {
    _need chromium
    _known_trace 10500
    _export --html h t
    [ "$(stat -c %s h)" -lt 8000000 ] || fail "the page has $(stat -c %s h) bytes"
    _in_browser h '
        const before = performance.now();
        for (let i = 0; i < 20; i++)
            drawTimeline();
        const drawn = performance.now();
        table.search.value = "hello world";
        filterTable();
        return { rows: trace.order.length, found: table.rows.length,
                 loaded: Number(document.body.dataset.loaded), draw: (drawn - before) / 20,
                 search: performance.now() - drawn };'
    jq -e '.rows > 105000 and .found == 22' answer >/dev/null || fail "$(cat answer)"
    echo "milliseconds: $(jq -c '{loaded, draw, search}' answer)"
    _export --force --html h --limit 1000 t
    err_has '[0-9]+ events do not fit into the page'
    _in_browser h 'return { rows: trace.order.length, notes: document.getElementById("notes").textContent };'
    jq -e '.rows == 1000 and (.notes | test("more events were left out"))' answer >/dev/null ||
        fail "$(cat answer)"
}

html_shows_real_programs() {
    _need chromium
    _record_make
    _export --html h t
    _in_browser h '
        const of = (kind) => trace.links.filter((l) => l[0] === kind).length;
        return { tasks: trace.tasks.length, roots: trace.roots.length, fork: of("fork"),
                 wait: of("wait"), lanes: tree.lanes.length,
                 names: [...new Set(trace.tasks.map((t) => t.name))] };'
    jq -e '.roots == 1 and .tasks == .lanes and .fork == .tasks - 1 and .wait == .fork and
        (.names | index("cc1") and index("make"))' answer >/dev/null || fail "$(cat answer)"
}

# ---- --sqlite ----

sqlite_holds_what_a_known_trace_does() {
    _need sqlite3
    _known_trace 5
    _export --sqlite s t
    _answer_is "$(sqlite3 s 'PRAGMA integrity_check; PRAGMA foreign_key_check')" ok
    _answer_is "$(sqlite3 s 'SELECT count(*), sum(error IS NOT NULL), sum(bytes_in), sum(bytes_out)
        FROM events WHERE kind = "syscall"')" '56|5|136|106'
    _answer_is "$(sqlite3 s 'SELECT pid, parent, exit_status, command FROM processes')" \
        "1001||0|talk to each
1002|1|3|talk to each"
    _answer_is "$(sqlite3 s 'SELECT f.kind, f.name, count(*) FROM files AS f JOIN events USING (file)
        WHERE f.kind <> "socket" GROUP BY file ORDER BY 1')" 'file|/etc/nowhere|5
pipe|pipe:#1|12'
    _answer_is "$(sqlite3 s 'SELECT DISTINCT peer FROM files WHERE peer IS NOT NULL')" '10.0.0.9:80'
    _answer_is "$(sqlite3 s 'SELECT name, value, text FROM arguments
        WHERE event = (SELECT event FROM events WHERE name = "sendto" LIMIT 1) AND position <= 3')" \
        'sockfd|5|5
buf|131072|"GET / HTTP/1.0\r\n\r\n"
size|18|18'
    _answer_is "$(sqlite3 s 'SELECT kind, count(*) FROM links GROUP BY kind')" 'fork|1
pipe|6
signal|1
wait|1'
}

sqlite_answers_the_queries_of_the_manual() {
    _need sqlite3
    _record_web
    _export --sqlite s t
    # The queries stand between .Bd and .Ed, each ended by a semicolon.
    awk '/^\.Ss Queries/ { on = 1 } /^\.Sh/ { on = 0 }
        on && /^\.Bd/ { text = 1; next } /^\.Ed/ { text = 0 } on && text' \
        "$man_dir/reprise-export.1" | sed 's/\\(aq/'"'"'/g; s/\\e/\\/g' >queries
    _answer_is "$(grep -c ';$' queries)" 5
    local n=0 query=
    while IFS= read -r line; do
        query="$query$line
"
        case $line in
        *\;)
            n=$((n + 1))
            sqlite3 s "$query" >"answer.$n" 2>"complaint.$n" || fail "query $n: $(cat "complaint.$n")"
            [ -s "answer.$n" ] || fail "query $n of the manual finds nothing: $query"
            query=
            ;;
        esac
    done <queries
    _answer_is "$n" 5
    _answer_is "$(sqlite3 s 'PRAGMA integrity_check')" ok
    _answer_is "$(sqlite3 s 'SELECT count(*) > 500 FROM events JOIN arguments USING (event)')" 1
}

# ---- --pcap ----

_tshark() {
    tshark -n -r "$@" 2>tshark.err
}

pcap_holds_what_a_known_trace_does() {
    _need tshark
    _known_trace 3
    _export --pcap c t
    _answer_is "$(_tshark c -Y http.request -T fields -e http.request.method -e ip.dst -e tcp.dstport)" \
        "GET	10.0.0.9	80
GET	10.0.0.9	80
GET	10.0.0.9	80"
    _answer_is "$(_tshark c -T fields -e tcp.stream | sort -un | wc -l)" 3
    _answer_is "$(_tshark c -Y 'frame.comment contains "sendto"' | wc -l)" 3
    _answer_is "$(_tshark c -c 1 -T fields -e frame.time_epoch | cut -c 1-10)" 1700000000
    _no_malformed c
}

_no_malformed() {
    _answer_is "$(_tshark "$1" -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE \
        -o udp.check_checksum:TRUE -Y '_ws.malformed || tcp.checksum.status == 0 ||
        ip.checksum.status == 0 || udp.checksum.status == 0 || tcp.analysis.lost_segment ||
        tcp.analysis.retransmission || tcp.analysis.ack_lost_segment')" ""
}

pcap_of_a_web_server_holds_the_file_once() {
    _need tshark
    _record_web
    _export --pcap c t
    _no_malformed c
    mkdir objects
    _tshark c -q --export-objects http,objects >/dev/null
    same objects/file www/file
    _answer_is "$(_tshark c -Y http.response -T fields -e http.response.code | tr '\n' ' ')" "200 404 "
    _answer_is "$(_tshark c -T fields -e tcp.stream | sort -un | wc -l)" 2
}

# Both ends in one process, so that their order is known.
pcap_of_all_kinds_of_sockets() {
    _need tshark
    [ -x $python ] || skip "python3 is not installed"
    cat >talk.py <<'END'
import os, select, socket
def udp(family, host):
    a, b = socket.socket(family, socket.SOCK_DGRAM), socket.socket(family, socket.SOCK_DGRAM)
    b.bind((host, 0))
    a.sendto(b"question", b.getsockname())
    data, whence = b.recvfrom(100)
    b.sendto(b"answer to " + data, whence)
    assert a.recvfrom(100)[0] == b"answer to question"
udp(socket.AF_INET, "127.0.0.1")
udp(socket.AF_INET6, "::1")
server = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
server.bind(("::1", 0)); server.listen()
client = socket.create_connection(server.getsockname()[:2])
end = server.accept()[0]
client.sendmsg([b"six ", b"over ", b"there"])
assert end.recv(100) == b"six over there"
with open("big", "rb") as f:
    os.sendfile(end.fileno(), f.fileno(), 0, 5000)
got = b""
while len(got) < 5000:
    got += client.recv(9000)
client.shutdown(socket.SHUT_WR); end.close(); client.close()
server = socket.socket(socket.AF_UNIX); server.bind("door"); server.listen()
client = socket.socket(socket.AF_UNIX); client.connect("door")
end = server.accept()[0]
client.sendall(b"knock knock"); assert end.recv(100) == b"knock knock"
end.sendall(b"who is there?"); assert client.recv(100) == b"who is there?"
# A port where nobody listens at first: the connection that fails is not taken for the one that does not.
server = socket.socket(); server.bind(("127.0.0.1", 0))
early = socket.socket(); early.setblocking(False)
early.connect_ex(server.getsockname()); select.select([], [early], [], 5); early.close()
server.listen()
client = socket.create_connection(server.getsockname())
end = server.accept()[0]
client.sendall(b"late"); assert end.recv(9) == b"late"
a, b = socket.socketpair(); a.sendall(b"pair"); assert b.recv(9) == b"pair"
END
    head -c 5000 /dev/urandom >big
    record_to t $python -I talk.py
    _export --pcap c t
    _no_malformed c
    _answer_is "$(_tshark c -Y udp -T fields -e data.data | xxd -r -p |
        sed 's/question/&\n/g')" "$(printf 'question\nanswer to question\nquestion\nanswer to question\n')"
    _answer_is "$(_tshark c -Y 'udp && ip' | wc -l) $(_tshark c -Y 'udp && ipv6' | wc -l)" "2 2"
    # The answer goes where the question came from.
    _answer_is "$(_tshark c -Y 'udp' -T fields -e udp.stream | sort -un | wc -l)" 2
    _answer_is "$(_tshark c -Y 'ipv6.dst == ::1 && tcp.payload' -T fields -e tcp.payload |
        head -n 1 | xxd -r -p)" "six over there"
    _tshark c -Y 'ipv6.dst == ::1 && tcp.len > 0 && tcp.len != 14' -T fields -e tcp.payload |
        xxd -r -p >sent
    same sent big
    tshark -N n -r c -Y 'tcp.payload && ipv6.addr == fd00::/16' -T fields -e ipv6.dst_host \
        -e tcp.payload 2>/dev/null | while read -r host payload; do
        echo "$host $(echo "$payload" | xxd -r -p)"
    done >unix
    _answer_is "$(awk '{ $1 = ""; print }' unix)" " knock knock
 who is there?
 pair"
    _answer_is "$(head -n 1 unix | cut -d' ' -f1)" door
    _answer_is "$(_tshark c -Y 'ip && tcp.payload' -T fields -e tcp.payload | xxd -r -p)" late
    _answer_is "$(_tshark c -Y 'ip && tcp.flags.syn == 1 && tcp.flags.ack == 0' | wc -l)" 1
}

pcap_marks_bytes_that_the_trace_lacks() {
    _need tshark
    [ -x $python ] || skip "python3 is not installed"
    # The other end is not recorded: what it got is known only as far as --data says.
    cat >sink.py <<'END'
import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
c = s.accept()[0]
n = 0
while n < 9000:
    n += len(c.recv(9000))
c.sendall(b"thanks")
END
    $python -u sink.py >port &
    local sink=$!
    for _ in $(seq 200); do
        [ -s port ] && break
        sleep 0.05
    done
    reprise record -o t --data=100 -- $python -I -c "
import socket
s = socket.create_connection(('127.0.0.1', $(cat port)))
s.sendall(b'z' * 9000)
assert s.recv(100) == b'thanks'"
    ok
    wait "$sink"
    _export --pcap c t
    _answer_is "$(_tshark c -Y 'tcp.len > 0' -T fields -e frame.len -e frame.cap_len)" "9040	140
46	46"
    # Both ends recorded: what the one did not keep the other received.
    cat >both.py <<'END'
import socket
s = socket.create_server(("127.0.0.1", 0))
c = socket.create_connection(s.getsockname())
e = s.accept()[0]
c.sendall(b"z" * 9000)
n = 0
while n < 9000:
    n += len(e.recv(9000))
END
    reprise record -o t --force --data=100 -- $python -I both.py
    ok
    _export --force --pcap c t
    _answer_is "$(_tshark c -Y 'tcp.len > 0' -T fields -e tcp.payload | tr -d '\n' | wc -c)" 18000
    _no_malformed c
}

# ---- size ----

ten_million_events_take_little_memory() {
    _need prlimit
    "$MAKE_TRACE" t 1000000 || fail "make_trace failed"
    for form in perfetto html pcap; do
        LIMIT=900 run prlimit --as=536870912 "$REPRISE" export --$form /dev/null t
        ok
    done
    LIMIT=900 run prlimit --as=536870912 "$REPRISE" stat --by=all t
    ok
    out_has '10009004 events|total'
    # The database takes disk for each event, but no more memory.
    LIMIT=900 run prlimit --as=536870912 "$REPRISE" export --sqlite s --range 9000000- t
    ok
}

run_test "$@"

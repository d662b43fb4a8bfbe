#!/bin/bash
# A browser: many processes of many threads, code made at run time, shared memory. See cases.sh for
# the options.
. "$(dirname "$0")/cases.sh"

case_chromium_prints_a_page() {
    need chromium
    cat >page.html <<'END'
<!doctype html>
<title>A page</title>
<p id="a"></p>
<script>
let sum = 0;
for (let i = 0; i < 1e6; i++) sum += Math.sqrt(i);
document.getElementById("a").textContent =
    ["made of", Math.random(), Date.now(), performance.now(), sum].join(" ");
</script>
END
    warns='0x8946.* is not fully known' # SIOCETHTOOL, of its network monitor
    record_and_replay chromium --headless --no-sandbox --disable-gpu "--user-data-dir=$work/tmp/profile" \
        --dump-dom "file://$work/record/page.html"
    grep -q 'made of 0\.[0-9]* [0-9]*' "$work/record.out" || fail "the page is not there"
}

run_case "$1"

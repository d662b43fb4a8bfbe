"""check_perfetto.py FILE: whether a Chrome trace has the form that its readers rely on.

Prints a JSON object of counts; exits with 1 and a message at the first fault."""
import collections
import json
import sys

KNOWN = set("XCMsf")


def fail(text):
    sys.exit(f"check_perfetto: {text}")


def nanoseconds(value):
    return round(value * 1000)


def check_nesting(slices):
    """Slices of a thread lie within one another or follow each other."""
    for (pid, tid), spans in slices.items():
        # Outer ones first where they begin together.
        spans.sort(key=lambda s: (s[0], -s[1]))
        stack = []
        for begin, end, name in spans:
            while stack and stack[-1][1] <= begin:
                stack.pop()
            if stack and end > stack[-1][1]:
                fail(f"{name} at {begin} of thread {tid} overlaps {stack[-1][2]} by half")
            stack.append((begin, end, name))


def check_flows(flows, slices):
    spans = {key: sorted(v) for key, v in slices.items()}
    for flow, ends in flows.items():
        if sorted(e["ph"] for e in ends) != ["f", "s"]:
            fail(f"flow {flow} lacks an end")
        start, finish = sorted(ends, key=lambda e: e["ph"] == "f")
        if start["name"] != finish["name"] or start["cat"] != finish["cat"]:
            fail(f"the ends of flow {flow} have different names")
        if start["ts"] > finish["ts"]:
            fail(f"flow {flow} goes back in time")
        for end in ends:
            at = nanoseconds(end["ts"])
            if not any(b <= at < e for b, e, _ in spans.get((end["pid"], end["tid"]), [])):
                fail(f"flow {flow} ({end['name']}) ends outside of any slice")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        events = json.load(file)["traceEvents"]
    slices, flows = collections.defaultdict(list), collections.defaultdict(list)
    named, counts = set(), collections.Counter()
    for e in events:
        if e["ph"] not in KNOWN:
            fail(f"unknown phase {e['ph']}")
        counts[e["ph"]] += 1
        if e["ph"] == "X":
            begin = nanoseconds(e["ts"])
            slices[e["pid"], e["tid"]].append((begin, begin + nanoseconds(e["dur"]), e["name"]))
        elif e["ph"] in "sf":
            counts["flow " + e["name"]] += e["ph"] == "s"
            flows[e["id"]].append(e)
        elif e["ph"] == "M":
            named.add((e["name"], e["pid"], e["tid"]))
        elif e["ph"] == "C" and not isinstance(e["args"]["value"], int):
            fail("a counter is no number")
    for pid, tid in slices:
        if ("thread_name", pid, tid) not in named or ("process_name", pid, pid) not in named:
            fail(f"thread {tid} of {pid} has no name")
    check_nesting(slices)
    check_flows(flows, slices)
    print(json.dumps(counts))


main()

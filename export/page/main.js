// Puts the parts together: load, draw, choose.
"use strict";

function byId(id) {
    return document.getElementById(id);
}

function showDetail(row) {
    const box = byId("detail"), list = document.createElement("dl");
    const line = document.createElement("pre");
    line.textContent = rowLine(row);
    const k = trace.task.v[row], task = trace.tasks[k];
    const facts = [
        ["event", trace.number.v[row]],
        ["task", `${task.name}, ${task.thread ? "thread" : "process"} ${task.tid}`],
        ["command", task.command],
        ["start", (trace.start.v[row] / 1e9).toFixed(9) + " s"],
        ["took", trace.flags.v[row] & FLAG_UNFINISHED ? "has not ended"
            : duration(trace.took.v[row])],
    ];
    for (const [name, value] of facts) {
        const dt = document.createElement("dt"), dd = document.createElement("dd");
        dt.textContent = name;
        dd.textContent = value;
        list.append(dt, dd);
    }
    for (const link of linksOf(row)) {
        const dt = document.createElement("dt"), dd = document.createElement("dd");
        dt.textContent = link.text;
        const a = document.createElement("a");
        a.textContent = `${taskName(trace.task.v[link.row])}: ${rowText(link.row).slice(0, 80)}`;
        a.onclick = () => choose(link.row, true);
        dd.append(a);
        list.append(dt, dd);
    }
    box.replaceChildren(line, list);
}

// The row of a task at a time, or -1.
function rowOf(k, time) {
    const rows = trace.byTask[k], i = bisect(rows, 0, (row) => rowEnd(row) >= time);
    return i < rows.length && trace.start.v[rows[i]] <= time ? rows[i] : -1;
}

const LINK_TEXT = {
    fork: ["makes", "made by"], wait: ["awaited by", "waited for"], signal: ["signals", "sent by"],
    pipe: ["read by", "written by"], socket: ["read by", "written by"],
};

function linksOf(row) {
    const found = [], k = trace.task.v[row], from = trace.start.v[row], to = rowEnd(row);
    for (const [kind, k1, t1, k2, t2] of trace.links) {
        const out = k1 === k && t1 >= from && t1 <= to, back = k2 === k && t2 >= from && t2 <= to;
        if ((!out && !back) || found.length >= 50)
            continue;
        const other = out ? rowOf(k2, t2) : rowOf(k1, t1);
        if (other >= 0 && other !== row)
            found.push({ row: other, text: (LINK_TEXT[kind] || [kind, kind])[out ? 0 : 1] });
    }
    return found;
}

function choose(row, scroll) {
    showDetail(row);
    pickInTable(row, scroll);
    showRow(row);
}

function tellAbout() {
    const head = trace.head, tasks = trace.tasks.filter((t) => !t.thread).length;
    document.title = `reprise: ${head.command}`;
    byId("title").textContent = head.command;
    byId("about").textContent = `${head.start} on ${head.host}, ${duration(trace.length, 1e6)}, ` +
        `${tasks.toLocaleString("en")} processes, ` +
        `${trace.end.events.toLocaleString("en")} events; ${trace.end.ended}`;
    byId("notes").textContent = trace.end.notes.join(" ");
    for (const name of CLASSES) {
        const span = document.createElement("span"), colour = document.createElement("i");
        colour.style.background = `var(--${name})`;
        span.append(colour, { desc: "descriptors", other: "others" }[name] || name);
        byId("legend").append(span);
    }
}

function startButtons() {
    byId("fit").onclick = () => setView(0, trace.length);
    byId("closer").onclick = () => zoom(0.5);
    byId("farther").onclick = () => zoom(2);
    byId("all-tasks").onclick = () => pickTask(-1);
    byId("arrows").onchange = (event) => {
        timeline.links = event.target.checked;
        askDraw();
    };
    document.addEventListener("keydown", (event) => {
        if (event.target.tagName === "INPUT" || event.ctrlKey || event.metaKey || event.altKey)
            return;
        const shift = (timeline.to - timeline.from) / 8;
        const actions = {
            "w": () => zoom(0.7), "s": () => zoom(1.4), "0": () => setView(0, trace.length),
            "a": () => setView(timeline.from - shift, timeline.to - shift),
            "d": () => setView(timeline.from + shift, timeline.to + shift),
            "/": () => table.search.focus(),
        };
        if (actions[event.key] === undefined)
            return;
        event.preventDefault();
        actions[event.key]();
    });
}

function startSplit() {
    const upper = byId("timeline");
    byId("split").addEventListener("pointerdown", (event) => {
        const from = event.clientY, height = upper.offsetHeight;
        const move = (e) => { upper.style.height = Math.max(90, height + e.clientY - from) + "px"; };
        const stop = () => {
            removeEventListener("pointermove", move);
            removeEventListener("pointerup", stop);
        };
        addEventListener("pointermove", move);
        addEventListener("pointerup", stop);
    });
    new ResizeObserver(drawTree).observe(tree.rows);
}

async function start() {
    await loadTrace((part) => {
        byId("about").textContent = `reading ... ${Math.round(part * 100)} %`;
    });
    tellAbout();
    startTree();
    tree.onPick = filterTable;
    tree.onMove = askDraw;
    timeline.onPick = (row) => choose(row, true);
    table.onPick = (row) => choose(row, false);
    startTimeline();
    startTable();
    startButtons();
    startSplit();
    document.body.dataset.loaded = Math.round(performance.now());
}

start().catch((error) => {
    byId("about").textContent = "";
    byId("notes").textContent = `This page cannot be shown: ${error.message}`;
    document.body.dataset.failed = error.message;
});

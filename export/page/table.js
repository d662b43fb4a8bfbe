// The table of events: those that the search, the task and the view leave, in the order of time.
// Only the rows that can be seen exist as elements.
"use strict";

const ROW_HEIGHT = 20;
const TABLE_HEIGHT_MAX = 8000000; // pixels: browsers stop short of 2^25

const table = {
    box: document.getElementById("table"),
    search: document.getElementById("search"),
    spacer: document.createElement("div"),
    head: document.createElement("div"),
    rows: [],       // what the filters left
    picked: -1,
    onPick: () => {},
};

// Words, all of which must be there, or /regular expression/; null: everything.
function matcherOf(text) {
    text = text.trim();
    if (text === "")
        return null;
    const pattern = /^\/(.*)\/(i?)$/.exec(text);
    if (pattern !== null) {
        const regex = new RegExp(pattern[1], pattern[2]);
        return (row) => regex.test(rowLine(row));
    }
    const words = text.toLowerCase().split(/\s+/);
    return (row) => {
        const line = `${rowLine(row)} ${taskName(trace.task.v[row])}`.toLowerCase();
        return words.every((word) => line.includes(word));
    };
}

function filterTable() {
    let matches;
    table.search.setCustomValidity("");
    try {
        matches = matcherOf(table.search.value);
    } catch (error) {
        table.search.setCustomValidity(error.message);
        document.getElementById("count").textContent = error.message;
        return;
    }
    const errors = document.getElementById("errors").checked;
    const inView = document.getElementById("in-view").checked;
    const from = timeline.from, to = timeline.to;
    const source = tree.picked < 0 ? trace.order : trace.byTask[tree.picked];
    const rows = [];
    for (const row of source) {
        if (errors && !(trace.flags.v[row] & FLAG_ERROR))
            continue;
        if (inView && (trace.start.v[row] > to || rowEnd(row) < from))
            continue;
        if (matches === null || matches(row))
            rows.push(row);
    }
    table.rows = rows;
    const all = document.getElementById("all-tasks");
    all.hidden = tree.picked < 0;
    document.getElementById("count").textContent =
        `${rows.length.toLocaleString("en")} of ${trace.order.length.toLocaleString("en")} events` +
        (tree.picked < 0 ? "" : `, of ${taskName(tree.picked)} only`);
    const height = Math.min((rows.length + 1) * ROW_HEIGHT, TABLE_HEIGHT_MAX);
    table.spacer.style.height = height + "px";
    drawTable();
}

// Where many rows do not fit into the height that an element can have, a pixel of the scroll bar
// stands for more than a pixel of the table.
function firstShown() {
    const whole = table.rows.length * ROW_HEIGHT + ROW_HEIGHT - table.box.clientHeight;
    const room = table.spacer.offsetHeight - table.box.clientHeight;
    const part = room > 0 ? Math.min(1, table.box.scrollTop / room) : 0;
    return Math.max(0, Math.floor(part * whole / ROW_HEIGHT));
}

function scrollToIndex(i) {
    const whole = table.rows.length * ROW_HEIGHT + ROW_HEIGHT - table.box.clientHeight;
    const room = table.spacer.offsetHeight - table.box.clientHeight;
    const middle = i * ROW_HEIGHT - table.box.clientHeight / 2;
    table.box.scrollTop = whole > 0 ? Math.max(0, middle / whole * room) : 0;
}

function cells(values) {
    return ["number", "time", "task", "text", "result", "took"]
        .map((name, i) => part(name, values[i]));
}

function rowElement(row, top) {
    const div = document.createElement("div"), flags = trace.flags.v[row];
    div.className = "row" + (flags & FLAG_ERROR ? " error" : "") +
        (flags & FLAG_MOMENT ? " moment" : "") + (row === table.picked ? " picked" : "");
    div.style.top = top + "px";
    div.setAttribute("role", "row");
    div.append(...cells([trace.number.v[row], (trace.start.v[row] / 1e9).toFixed(9),
        taskName(trace.task.v[row]), rowText(row).slice(0, 1000), trace.results[row].slice(0, 200),
        flags & FLAG_UNFINISHED ? "..." : flags & FLAG_MOMENT ? ""
            : shortDuration(trace.took.v[row])]));
    div.onclick = () => table.onPick(row);
    return div;
}

function drawTable() {
    const first = firstShown(), count = Math.ceil(table.box.clientHeight / ROW_HEIGHT);
    const last = Math.min(table.rows.length, first + count);
    const shown = [table.head, table.spacer];
    const compressed = table.spacer.offsetHeight < (table.rows.length + 1) * ROW_HEIGHT;
    const base = compressed ? table.box.scrollTop : first * ROW_HEIGHT;
    for (let i = first; i < last; i++)
        shown.push(rowElement(table.rows[i], base + ROW_HEIGHT + (i - first) * ROW_HEIGHT));
    table.box.replaceChildren(...shown);
}

function pickInTable(row, scroll) {
    table.picked = row;
    const i = table.rows.indexOf(row);
    if (scroll && i >= 0)
        scrollToIndex(i);
    drawTable();
}

function movePick(step) {
    const i = table.rows.indexOf(table.picked);
    const next = i < 0 ? firstShown() : Math.max(0, Math.min(table.rows.length - 1, i + step));
    if (table.rows.length === 0)
        return;
    table.onPick(table.rows[next]);
    const first = firstShown(), count = Math.floor(table.box.clientHeight / ROW_HEIGHT) - 1;
    if (next < first || next >= first + count)
        scrollToIndex(next);
}

function startTable() {
    table.head.className = "row head";
    table.head.append(...cells(["event", "seconds", "task", "call", "result", "took"]));
    table.spacer.style.cssText = "position:absolute;top:0;width:1px";
    let due = 0;
    const later = (delay) => () => {
        clearTimeout(due);
        due = setTimeout(filterTable, delay);
    };
    table.search.addEventListener("input", later(120));
    document.getElementById("errors").addEventListener("change", filterTable);
    document.getElementById("in-view").addEventListener("change", filterTable);
    timeline.onView = () => {
        if (document.getElementById("in-view").checked)
            later(120)();
    };
    table.box.addEventListener("scroll", drawTable);
    new ResizeObserver(drawTable).observe(table.box);
    table.box.addEventListener("keydown", (event) => {
        const page = Math.floor(table.box.clientHeight / ROW_HEIGHT) - 2;
        const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page }[event.key];
        if (step === undefined)
            return;
        event.preventDefault();
        movePick(step);
    });
    filterTable();
}

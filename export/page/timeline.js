// The picture of the run: a lane per task, time from left to right. Draws only what can be seen:
// calls that fall into one pixel are drawn as one, and the others are skipped by bisection.
"use strict";

const RULER_HEIGHT = 24;
const TRAFFIC_DRAWN = 400; // more arrows for bytes than that would hide the picture
const LINKS_DRAWN = 3000;

const timeline = {
    box: document.getElementById("picture"),
    canvas: document.getElementById("canvas"),
    tip: document.getElementById("tip"),
    from: 0, to: 1,     // ns
    picked: -1,         // row
    links: true,
    asked: false,       // a drawing is due
    colours: {},
    onPick: () => {},
    onView: () => {},
};

function readColours() {
    const style = getComputedStyle(document.documentElement);
    for (const name of [...CLASSES, "back", "fore", "dim", "line", "life", "link", "bad",
        "pick-line"])
        timeline.colours[name] = style.getPropertyValue("--" + name).trim();
}

function askDraw() {
    if (timeline.asked)
        return;
    timeline.asked = true;
    requestAnimationFrame(() => {
        timeline.asked = false;
        drawTimeline();
    });
}

function setView(from, to) {
    const width = Math.min(Math.max(to - from, 100), trace.length);
    from = Math.min(Math.max(from, 0), trace.length - width);
    timeline.from = from;
    timeline.to = from + width;
    askDraw();
    timeline.onView();
}

function zoom(factor, x = timeline.box.clientWidth / 2) {
    const at = timeline.from + (timeline.to - timeline.from) * x / timeline.box.clientWidth;
    setView(at - (at - timeline.from) * factor, at + (timeline.to - at) * factor);
}

function xOf(time) {
    return (time - timeline.from) / (timeline.to - timeline.from) * timeline.box.clientWidth;
}

function yOf(lane) {
    return RULER_HEIGHT + lane * LANE_HEIGHT - tree.rows.scrollTop;
}

// The first of `rows` from `low` on for which `past` holds; it holds for all that follow, too.
function bisect(rows, low, past) {
    let high = rows.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (past(rows[middle]))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

function rowEnd(row) {
    return trace.start.v[row] + trace.took.v[row];
}

function drawRuler(g, width) {
    const span = timeline.to - timeline.from;
    let step = Math.pow(10, Math.ceil(Math.log10(span / (width / 90))));
    if (step / 5 * (width / span) > 90)
        step /= 5;
    else if (step / 2 * (width / span) > 90)
        step /= 2;
    g.strokeStyle = timeline.colours.line;
    g.fillStyle = timeline.colours.dim;
    g.textBaseline = "middle";
    for (let t = Math.ceil(timeline.from / step) * step; t <= timeline.to; t += step) {
        const x = Math.round(xOf(t)) + 0.5;
        g.beginPath();
        g.moveTo(x, 0);
        g.lineTo(x, timeline.box.clientHeight);
        g.stroke();
        g.fillText(t === 0 ? "0" : duration(t, step), x + 4, RULER_HEIGHT / 2);
    }
}

function drawLife(g, task, y, width) {
    const x0 = Math.max(0, xOf(task.born)), x1 = Math.min(width, xOf(task.died));
    if (x1 < 0 || x0 > width)
        return;
    g.fillStyle = timeline.colours.life;
    g.fillRect(x0, y + 1, Math.max(1, x1 - x0), LANE_HEIGHT - 2);
}

function drawCall(g, row, x0, x1, y) {
    const flags = trace.flags.v[row];
    g.fillStyle = timeline.colours[CLASSES[trace.classes[trace.name.v[row]]]] ||
        timeline.colours.other;
    g.fillRect(x0, y + 3, Math.max(1, x1 - x0), LANE_HEIGHT - 6);
    if (flags & FLAG_ERROR) {
        g.fillStyle = timeline.colours.bad;
        g.fillRect(x0, y + LANE_HEIGHT - 4, Math.max(1, x1 - x0), 2);
    }
    if (x1 - x0 < 40)
        return;
    g.save();
    g.beginPath();
    g.rect(x0, y, x1 - x0 - 2, LANE_HEIGHT);
    g.clip();
    g.fillStyle = timeline.colours.fore;
    g.fillText(rowLine(row).slice(0, 300), Math.max(0, x0) + 4, y + LANE_HEIGHT / 2 + 0.5);
    g.restore();
}

function drawMoment(g, row, x, y) {
    g.fillStyle = timeline.colours[CLASSES[trace.classes[trace.name.v[row]]]];
    g.beginPath();
    g.moveTo(x - 4, y + 1);
    g.lineTo(x + 4, y + 1);
    g.lineTo(x, y + 8);
    g.fill();
}

function drawLane(g, lane, width) {
    const k = tree.lanes[lane], rows = trace.byTask[k], y = yOf(lane);
    drawLife(g, trace.tasks[k], y, width);
    let i = bisect(rows, 0, (row) => rowEnd(row) >= timeline.from);
    const moments = [];
    while (i < rows.length && trace.start.v[rows[i]] <= timeline.to) {
        const row = rows[i], x0 = Math.max(-5, xOf(trace.start.v[row]));
        const x1 = Math.min(width + 5, xOf(rowEnd(row)));
        if (trace.flags.v[row] & FLAG_MOMENT)
            moments.push([row, x0]);
        else
            drawCall(g, row, x0, x1, y);
        const next = timeline.from +
            (Math.floor(Math.max(x0, x1)) + 1) * (timeline.to - timeline.from) / width;
        i = x1 - x0 >= 1 ? i + 1 : bisect(rows, i + 1, (r) => rowEnd(r) >= next);
    }
    for (const [row, x] of moments)
        drawMoment(g, row, x, y);
}

// Where a link is to be drawn, or null: out of sight.
function placeOf([, k1, t1, k2, t2], height) {
    const lane1 = tree.laneOf.get(k1), lane2 = tree.laneOf.get(k2);
    if (lane1 === undefined || lane2 === undefined)
        return null;
    const x1 = xOf(t1), x2 = xOf(t2), width = timeline.box.clientWidth;
    const y1 = yOf(lane1) + LANE_HEIGHT / 2, y2 = yOf(lane2) + LANE_HEIGHT / 2;
    const away = (x1 < 0 && x2 < 0) || (x1 > width && x2 > width) || (y1 < 0 && y2 < 0) ||
        (y1 > height && y2 > height);
    return away ? null : [x1, y1, x2, y2];
}

function drawArrow(g, [x1, y1, x2, y2]) {
    const bend = Math.max(12, Math.abs(x2 - x1) / 3);
    g.beginPath();
    g.moveTo(x1, y1);
    g.bezierCurveTo(x1 + bend, y1, x2 - bend, y2, x2, y2);
    g.moveTo(x2 - 5, y2 - 3);
    g.lineTo(x2, y2);
    g.lineTo(x2 - 5, y2 + 3);
    g.stroke();
}

function touches(row, [, k1, t1, k2, t2]) {
    const k = trace.task.v[row], from = trace.start.v[row], to = rowEnd(row);
    return (k1 === k && t1 >= from && t1 <= to) || (k2 === k && t2 >= from && t2 <= to);
}

// Arrows between tasks, those for bytes only when they are few, and those of the chosen row.
function drawLinks(g, height) {
    const drawn = [], traffic = [], chosen = [];
    for (const link of trace.links) {
        const place = placeOf(link, height);
        if (place === null)
            continue;
        if (timeline.picked >= 0 && touches(timeline.picked, link))
            chosen.push(place);
        else if (link[0] !== "pipe" && link[0] !== "socket")
            drawn.push(place);
        else if (traffic.length <= TRAFFIC_DRAWN)
            traffic.push(place);
    }
    if (traffic.length <= TRAFFIC_DRAWN)
        drawn.push(...traffic);
    g.strokeStyle = timeline.colours.link;
    g.globalAlpha = 0.6;
    for (const place of drawn.slice(0, LINKS_DRAWN))
        drawArrow(g, place);
    g.globalAlpha = 1;
    g.strokeStyle = timeline.colours["pick-line"];
    g.lineWidth = 2;
    for (const place of chosen.slice(0, LINKS_DRAWN))
        drawArrow(g, place);
    g.lineWidth = 1;
}

function drawPicked(g) {
    const row = timeline.picked, lane = row < 0 ? undefined : tree.laneOf.get(trace.task.v[row]);
    if (lane === undefined)
        return;
    const x0 = xOf(trace.start.v[row]), x1 = xOf(rowEnd(row));
    g.strokeStyle = timeline.colours["pick-line"];
    g.lineWidth = 2;
    g.strokeRect(x0 - 1, yOf(lane) + 1, Math.max(3, x1 - x0 + 2), LANE_HEIGHT - 2);
    g.lineWidth = 1;
}

function drawTimeline() {
    const { box, canvas } = timeline, width = box.clientWidth, height = box.clientHeight;
    const ratio = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
        canvas.width = Math.round(width * ratio);
        canvas.height = Math.round(height * ratio);
    }
    const g = canvas.getContext("2d");
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.clearRect(0, 0, width, height);
    g.font = "11px ui-monospace, monospace";
    drawRuler(g, width);
    g.save();
    g.beginPath();
    g.rect(0, RULER_HEIGHT, width, height - RULER_HEIGHT);
    g.clip();
    const first = Math.floor(tree.rows.scrollTop / LANE_HEIGHT);
    const last = Math.min(tree.lanes.length, first + Math.ceil(height / LANE_HEIGHT) + 1);
    for (let lane = first; lane < last; lane++)
        drawLane(g, lane, width);
    if (timeline.links)
        drawLinks(g, height);
    drawPicked(g);
    g.restore();
}

// The row at a place of the picture, or -1; within 3 pixels the nearest.
function rowAt(x, y) {
    const lane = Math.floor((y - RULER_HEIGHT + tree.rows.scrollTop) / LANE_HEIGHT);
    if (y < RULER_HEIGHT || lane < 0 || lane >= tree.lanes.length)
        return -1;
    const rows = trace.byTask[tree.lanes[lane]];
    const pixel = (timeline.to - timeline.from) / timeline.box.clientWidth;
    const time = timeline.from + x * pixel;
    const i = bisect(rows, 0, (row) => rowEnd(row) >= time);
    let best = -1, least = 3 * pixel;
    for (const j of [i - 1, i, i + 1]) {
        if (j < 0 || j >= rows.length)
            continue;
        const away = Math.max(trace.start.v[rows[j]] - time, time - rowEnd(rows[j]), 0);
        if (away < least) {
            least = away;
            best = rows[j];
        }
    }
    return best;
}

function showTip(event) {
    const box = timeline.box.getBoundingClientRect();
    const row = rowAt(event.clientX - box.left, event.clientY - box.top);
    timeline.tip.hidden = row < 0;
    if (row < 0)
        return;
    timeline.tip.textContent = `${taskName(trace.task.v[row])}  ${rowLine(row).slice(0, 400)}  ` +
        shortDuration(trace.took.v[row]);
    const tip = timeline.tip;
    tip.style.left = Math.max(0, Math.min(event.clientX + 12,
        window.innerWidth - tip.offsetWidth - 8)) + "px";
    tip.style.top = event.clientY + 18 + "px";
}

// Shows the row in the middle, zoomed so that it can be seen.
function showRow(row) {
    const width = timeline.to - timeline.from;
    const start = trace.start.v[row], took = trace.took.v[row];
    showLane(trace.task.v[row]);
    timeline.picked = row;
    if (took > width || took < width / 2000) {
        const span = Math.max(took * 20, 20000);
        setView(start + took / 2 - span / 2, start + took / 2 + span / 2);
    } else if (start < timeline.from || start + took > timeline.to) {
        setView(start + took / 2 - width / 2, start + took / 2 + width / 2);
    } else {
        askDraw();
    }
}

function startDragging() {
    const { box, canvas } = timeline;
    let last = null, moved = 0;
    canvas.addEventListener("pointerdown", (event) => {
        last = event;
        moved = 0;
        canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
        if (last === null) {
            showTip(event);
            return;
        }
        const dx = event.clientX - last.clientX, dy = event.clientY - last.clientY;
        moved += Math.abs(dx) + Math.abs(dy);
        last = event;
        if (moved < 4)
            return;
        timeline.tip.hidden = true;
        const shift = dx * (timeline.to - timeline.from) / box.clientWidth;
        tree.rows.scrollTop -= dy;
        setView(timeline.from - shift, timeline.to - shift);
    });
    canvas.addEventListener("pointerup", (event) => {
        if (last !== null && moved < 4) {
            const area = box.getBoundingClientRect();
            const row = rowAt(event.clientX - area.left, event.clientY - area.top);
            if (row >= 0)
                timeline.onPick(row);
        }
        last = null;
    });
    canvas.addEventListener("pointerleave", () => { timeline.tip.hidden = true; });
}

function startTimeline() {
    readColours();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
        readColours();
        askDraw();
    });
    new ResizeObserver(askDraw).observe(timeline.box);
    timeline.canvas.addEventListener("wheel", (event) => {
        event.preventDefault();
        const width = timeline.to - timeline.from;
        if (event.shiftKey) {
            const shift = (event.deltaY || event.deltaX) / timeline.box.clientWidth * width;
            setView(timeline.from + shift, timeline.to + shift);
        } else {
            zoom(Math.exp(event.deltaY / 400),
                event.clientX - timeline.box.getBoundingClientRect().left);
        }
    }, { passive: false });
    startDragging();
    setView(0, trace.length);
}

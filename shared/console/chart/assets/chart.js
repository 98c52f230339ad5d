// A crosshair for charts: under the pointer, or by the arrow keys where a chart has
// the focus. It reads the chart's own table and the places of its points, so that
// nothing stands twice in a page. Charts of one group move together.

const SVG = "http://www.w3.org/2000/svg";

function enliven(figure) {
  const frame = figure.querySelector(".chart__frame");
  const hits = [...figure.querySelectorAll(".chart__hits rect")];
  if (!frame || !hits.length) return;
  if (figure.chart?.cross.isConnected && figure.chart.hits[0] === hits[0] && figure.chart.hits.length === hits.length) {
    return freshen(figure, hits);
  }
  const first = !figure.chart;
  figure.chart = { figure, hits, frame, index: -1, ...parts(figure, frame) };
  freshen(figure, hits);
  if (first) listen(figure);
}

// freshen does again what the server's markup undoes when it replaces attributes.
function freshen(figure, hits) {
  figure.dataset.live = "";
  figure.tabIndex = 0;
  figure.setAttribute("aria-keyshortcuts", "ArrowLeft ArrowRight Home End");
  figure.chart.rows = null;
  quietTitles(figure, hits);
}

// listen is on the figure, which stays when its content is replaced.
function listen(figure) {
  const over = (event) => {
    if (event.target.closest(".chart__svg")) together(figure.chart, nearest(figure.chart, event));
  };
  figure.addEventListener("pointermove", over);
  figure.addEventListener("pointerdown", over);
  figure.addEventListener("pointerleave", () => together(figure.chart, -1));
  figure.addEventListener("keydown", (event) => step(figure.chart, event));
  figure.addEventListener("blur", () => together(figure.chart, -1));
}

// parts are what is drawn over the chart.
function parts(figure, frame) {
  const cross = document.createElementNS(SVG, "line");
  cross.setAttribute("class", "chart__cross");
  cross.setAttribute("visibility", "hidden");
  cross.setAttribute("y2", frame.getAttribute("height"));
  frame.append(cross);
  return { cross, dots: [], readout: figure.querySelector(".chart__readout") };
}

// The browser's own tooltips would cover what the crosshair tells.
function quietTitles(figure, hits) {
  for (const hit of hits) {
    const title = hit.querySelector("title");
    if (title) title.remove();
  }
  const svg = figure.querySelector(".chart__svg");
  const title = svg.querySelector(":scope > title");
  if (!title) return;
  svg.setAttribute("aria-label", title.textContent);
  svg.removeAttribute("aria-labelledby");
  const desc = svg.querySelector(":scope > desc");
  if (desc) svg.setAttribute("aria-describedby", desc.id);
  title.remove();
}

function nearest(chart, event) {
  const box = chart.frame.ownerSVGElement.getBoundingClientRect();
  const at = (100 * (event.clientX - box.left)) / box.width;
  let best = -1;
  let distance = Infinity;
  chart.hits.forEach((hit, i) => {
    const away = Math.abs(Number(hit.dataset.x) - at);
    if (away < distance) [best, distance] = [i, away];
  });
  const width = parseFloat(chart.hits[best].getAttribute("width"));
  return distance <= Math.max(width, 1.5) ? best : -1;
}

function step(chart, event) {
  const last = chart.hits.length - 1;
  const to = {
    ArrowLeft: Math.max(chart.index - 1, 0),
    ArrowRight: Math.min(chart.index + 1, last),
    Home: 0,
    End: last,
    Escape: -1,
  }[event.key];
  if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.target !== chart.figure) return;
  event.preventDefault();
  event.stopPropagation();
  together(chart, to);
}

// together shows a place in all charts of the group, found by its position.
function together(chart, index) {
  const x = index < 0 ? null : chart.hits[index].dataset.x;
  const group = chart.figure.dataset.group;
  const charts = group ? [...document.querySelectorAll("[data-live][data-group]")].filter((f) => f.dataset.group === group) : [chart.figure];
  for (const figure of charts) {
    const other = figure.chart;
    if (!other) continue;
    show(other, x === null ? -1 : other === chart ? index : other.hits.findIndex((hit) => hit.dataset.x === x), x);
  }
}

function show(chart, index, x) {
  chart.index = index;
  chart.cross.setAttribute("visibility", x === null ? "hidden" : "visible");
  if (x !== null) {
    chart.cross.setAttribute("x1", x + "%");
    chart.cross.setAttribute("x2", x + "%");
  }
  drawDots(chart, index);
  tell(chart, index, x);
}

function drawDots(chart, index) {
  const heights = index < 0 ? [] : chart.hits[index].dataset.y.split(" ");
  heights.forEach((y, i) => {
    if (!chart.dots[i]) {
      chart.dots[i] = document.createElementNS(SVG, "circle");
      chart.dots[i].setAttribute("class", `chart__dot chart--${(i % 6) + 1}`);
      chart.dots[i].setAttribute("r", "4");
      chart.frame.append(chart.dots[i]);
    }
    chart.dots[i].setAttribute("visibility", y === "-" ? "hidden" : "visible");
    if (y === "-") return;
    chart.dots[i].setAttribute("cx", chart.hits[index].dataset.x + "%");
    chart.dots[i].setAttribute("cy", y);
  });
  chart.dots.slice(heights.length).forEach((dot) => dot.setAttribute("visibility", "hidden"));
}

function tell(chart, index, x) {
  if (!chart.readout) return;
  chart.readout.replaceChildren();
  if (x === null) return;
  if (index < 0) {
    chart.readout.append("no data");
    return;
  }
  chart.rows ??= [...chart.figure.querySelectorAll(".chart__data tbody tr")];
  chart.heads = [...chart.figure.querySelectorAll(".chart__data thead th")].slice(1).map((th) => th.textContent);
  const row = chart.rows[index];
  if (!row) return;
  const [time, ...cells] = row.children;
  chart.readout.append(time.textContent);
  cells.forEach((cell, i) => {
    const name = document.createElement("span");
    const value = document.createElement("b");
    name.textContent = chart.heads.length > 1 ? `${chart.heads[i]} ` : "";
    value.textContent = cell.textContent;
    chart.readout.append(" ", name, value);
  });
}

function enlivenAll(root) {
  if (root.matches?.("[data-chart=lines]")) enliven(root);
  root.querySelectorAll?.("[data-chart=lines]").forEach(enliven);
}

enlivenAll(document);
// Parts of the page that are fetched later have charts too.
document.addEventListener("delfos:update", (event) => enlivenAll(event.target));

// The calendar: what is under the pointer, moving by keys, selecting a range by
// dragging or with Shift, and what changes meanwhile. And a day's keys and logs.

import { announce, isCurrent, poll, refresh, toast } from "./site.js";

/* The calendar */

function startCalendar(root) {
  const live = document.getElementById("live-part");
  const years = document.getElementById("years");
  const tell = document.getElementById("years-tell");
  const cells = new Map(); // of all days: date → link
  for (const link of years.querySelectorAll(".cells a")) cells.set(dateOf(link), link);
  const dates = [...cells.keys()].sort();
  let shown = readCodes();
  let anchor = "";
  let drag = null;

  const query = () => new URLSearchParams(location.search);
  const selection = () => {
    const from = query().get("from") || query().get("to");
    return from ? [from, query().get("to") || from] : null;
  };

  rove(selection()?.[0] ?? dates.at(-1));
  anchor = selection()?.[0] ?? "";

  /* What one sees is in the URL */

  function go(search, push = true) {
    const url = location.pathname + (search ? "?" + search : "");
    if (push && url !== location.pathname + location.search) history.pushState(null, "", url);
    document.getElementById("plan")?.remove();
    follow(selection());
    live.dataset.poll = "/partitions/live" + (search ? "?" + search : "");
    const now = query();
    for (const name of ["data", "attempt"]) {
      if (now.get(name)) years.dataset[name] = now.get(name);
      else delete years.dataset[name];
    }
    paint(selection());
    return refresh(live);
  }

  function select(from, to) {
    const [a, b] = from <= to ? [from, to] : [to, from];
    const next = query();
    for (const name of ["plan", "order", "max_concurrency"]) next.delete(name);
    next.set("from", a);
    next.set("to", b);
    announce(a === b ? `${a} selected` : `${a} to ${b} selected`);
    return go(next.toString());
  }

  /** follow has whoever is quicker than the answer plan for what is selected now. */
  function follow(range) {
    if (!range) return;
    const [from, to] = range;
    for (const field of live.querySelectorAll("[data-plan] [name=from]")) field.value = from;
    for (const field of live.querySelectorAll("[data-plan] [name=to]")) field.value = to;
  }

  // A plan is seen before it runs. What does something at once waits until what it is done
  // to is what one sees.
  live.addEventListener("submit", (event) => {
    if (event.target.method !== "post" || isCurrent(live)) return;
    event.preventDefault();
    event.stopPropagation();
    toast("The selection has just changed, so nothing was done. Look at it again.", "bad", 12_000);
  });

  function clear() {
    const next = query();
    for (const name of ["from", "to", "plan", "order", "max_concurrency"]) next.delete(name);
    anchor = "";
    return go(next.toString());
  }

  addEventListener("popstate", () => {
    if (query().has("plan")) location.reload(); // a plan comes with its page
    else go(location.search.slice(1), false);
  });

  /** paint marks the selected days, in the years and in the month. */
  function paint(range) {
    const [from, to] = range ? [...range].sort() : ["~", ""];
    for (const [date, link] of cells) link.classList.toggle("sel", date >= from && date <= to);
    for (const link of live.querySelectorAll("a.day")) link.classList.toggle("sel", dateOf(link) >= from && dateOf(link) <= to);
  }

  /* What changed */

  live.addEventListener("delfos:update", () => {
    const fresh = readCodes();
    const another = fresh.first !== shown.first || fresh.last !== shown.last; // a day has ended
    if (another && !drag && !isWritten()) return location.reload();
    if (fresh.first !== shown.first) return;
    const start = Date.parse(fresh.first);
    const touched = new Set();
    for (let i = 0; i < fresh.codes.length; i++) {
      if (fresh.codes[i] === shown.codes[i]) continue;
      const date = new Date(start + i * 86_400_000).toISOString().slice(0, 10);
      const link = cells.get(date);
      if (!link) continue;
      restate(link, date, fresh.codes.charCodeAt(i) - 97);
      touched.add(link.closest(".year"));
    }
    touched.forEach(recount);
    shown = { ...shown, codes: fresh.codes };
    if (!drag) paint(selection());
  });

  /** isWritten tells that a person has typed something, which loading the page would lose. */
  function isWritten() {
    return [...document.querySelectorAll("#main input:not([type=hidden])")].some((field) => field.value !== field.defaultValue);
  }

  function readCodes() {
    const data = document.getElementById("codes");
    return { codes: data.value, first: data.dataset.first, last: data.dataset.last };
  }

  /* Under the pointer */

  years.addEventListener("pointerover", (event) => {
    say(event.target.closest(".cells a"));
  });
  years.addEventListener("pointerleave", () => say(null));
  years.addEventListener("focusin", (event) => say(event.target.closest(".cells a")));
  years.addEventListener("focusout", () => say(null));

  function say(link, text = link && `${weekday(dateOf(link))} ${link.title}`) {
    tell.hidden = !text;
    tell.textContent = text ?? "";
  }

  /* Selecting by the pointer */

  const dayAt = (event) => {
    const link = document.elementFromPoint(event.clientX, event.clientY)?.closest(".cells a, a.day");
    return link && root.contains(link) ? dateOf(link) : "";
  };

  root.addEventListener("pointerdown", (event) => {
    const link = event.target.closest(".cells a, a.day");
    if (!link || event.button !== 0 || event.pointerType === "touch" || event.shiftKey || event.ctrlKey || event.metaKey) return;
    drag = { from: dateOf(link), to: dateOf(link), moved: false };
  });
  root.addEventListener("pointermove", (event) => {
    if (!drag || event.buttons !== 1) return;
    const date = dayAt(event);
    if (!date || date === drag.to) return;
    drag.moved = true;
    drag.to = date;
    root.classList.add("selecting");
    paint([drag.from, drag.to]);
    say(null, [drag.from, drag.to].sort().join(" – "));
  });
  addEventListener("pointerup", () => {
    if (!drag) return;
    const { from, to, moved } = drag;
    drag = null;
    root.classList.remove("selecting");
    if (!moved) return;
    // The click that ends the dragging opens nothing.
    const still = (event) => event.preventDefault();
    addEventListener("click", still, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", still, { capture: true }), 50);
    anchor = from;
    select(from, to);
  });
  addEventListener("pointercancel", () => {
    drag = null;
    root.classList.remove("selecting");
    paint(selection());
  });
  root.addEventListener("dragstart", (event) => {
    if (event.target.closest(".cells a, a.day")) event.preventDefault();
  });
  root.addEventListener("click", (event) => {
    const link = event.target.closest(".cells a, a.day");
    if (link && event.shiftKey) {
      event.preventDefault();
      const date = dateOf(link);
      anchor ||= date;
      rove(date, true);
      return select(anchor, date);
    }
    const view = event.target.closest("a[data-view]");
    if (!view || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(new URL(view.href).search.slice(1));
  });

  /* By keys: in the years a column is a week, in the month a row is */

  root.addEventListener("keydown", (event) => {
    const link = event.target.closest(".cells a, a.day");
    if (!link || event.ctrlKey || event.metaKey || event.altKey) return;
    const date = dateOf(link);
    const inYears = Boolean(link.closest(".cells"));
    const [along, across] = inYears ? [7, 1] : [1, 7];
    const steps = { ArrowLeft: -along, ArrowRight: along, ArrowUp: -across, ArrowDown: across, PageUp: -28, PageDown: 28 };
    if (event.key === " ") {
      event.preventDefault();
      anchor = date;
      return select(date, date);
    }
    let to = "";
    if (event.key in steps) to = clamp(moved(date, steps[event.key]));
    else if (event.key === "Home") to = dates[0];
    else if (event.key === "End") to = dates.at(-1);
    else return;
    event.preventDefault();
    event.stopPropagation();
    focus(to, inYears);
    if (!event.shiftKey) return;
    anchor ||= date;
    if (!selection()) anchor = date;
    select(anchor, to);
  });

  const clamp = (date) => (date < dates[0] ? dates[0] : date > dates.at(-1) ? dates.at(-1) : date);

  function focus(date, inYears) {
    if (inYears) return rove(date, true);
    const link = [...live.querySelectorAll("a.day")].find((each) => dateOf(each) === date);
    if (link) return link.focus();
    const next = query();
    next.set("month", date.slice(0, 7));
    go(next.toString()).then(() => [...live.querySelectorAll("a.day")].find((each) => dateOf(each) === date)?.focus());
  }

  /** rove leaves one cell in the order of the tabulator. */
  function rove(date, take = false) {
    if (!rove.done) for (const link of cells.values()) link.tabIndex = -1;
    rove.done = true;
    if (rove.at) rove.at.tabIndex = -1;
    const link = cells.get(date) ?? cells.get(dates.at(-1));
    if (!link) return;
    rove.at = link;
    link.tabIndex = 0;
    if (take) link.focus();
  }

  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, select, textarea, dialog")) return;
    if (event.key === "c" && selection()) clear();
    else if (event.key === "d") document.getElementById("jump").focus();
    else return;
    event.preventDefault();
  });

  document.getElementById("plan")?.focus({ preventScroll: location.hash !== "#plan" });
}

const dateOf = (link) => link.getAttribute("href").slice(-10);
const moved = (date, days) => new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10);
const weekday = (date) => new Intl.DateTimeFormat("en", { weekday: "short", timeZone: "UTC" }).format(Date.parse(date));

const dataWords = ["missing", "materialized", "stale", "waived"];
const attemptWords = ["", "", ", last attempt failed", ", running now", ", last attempt queued", ", last attempt cancelled"];

/** restate gives a cell its new state. */
function restate(link, date, code) {
  const [data, attempt] = [Math.floor(code / 6), code % 6];
  const kept = [...link.classList].filter((name) => name.length > 1);
  link.className = ["omsw"[data], "ndfrqc"[attempt], ...kept].join(" ");
  link.title = `${date} ${dataWords[data]}${attemptWords[attempt]}`;
}

/** recount tells anew how a year stands. */
function recount(year) {
  const all = [...year.querySelectorAll(".cells a")];
  const good = all.filter((link) => link.matches(".m, .w")).length;
  const failed = all.filter((link) => link.matches(".f")).length;
  const sum = year.querySelector(".year__sum");
  sum.replaceChildren(good === all.length ? "complete" : `${good} of ${all.length}`);
  if (!failed) return;
  const bad = document.createElement("b");
  bad.className = "bad";
  bad.textContent = `${failed} failed`;
  sum.append(document.createElement("br"), bad);
}

/* One day */

function startDay(root) {
  const live = document.getElementById("live-part");
  const curves = document.getElementById("curves");
  const generation = () => live.querySelector("[data-generation]")?.dataset.generation;
  let seen = generation();
  live.addEventListener("delfos:update", () => {
    if (generation() === seen) return;
    seen = generation();
    refresh(curves);
  });

  root.addEventListener("toggle", (event) => {
    const details = event.target.closest("details[data-log]");
    const place = details?.querySelector("[data-keep]");
    if (!details?.open || place.dataset.poll) return;
    place.dataset.poll = details.dataset.log;
    place.dataset.every = "2000";
    place.dataset.now = "";
    poll(place);
  }, true);
}

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, select, textarea, dialog")) return;
  const to = { "[": "[data-previous]", "]": "[data-next]", u: "[data-up]" }[event.key];
  const link = to && document.querySelector(to);
  if (!link) return;
  event.preventDefault();
  location.assign(link.href);
});

/* Start, after all that it uses */

const calendar = document.querySelector(".calendar");
if (calendar) startCalendar(calendar);
const oneday = document.querySelector(".oneday");
if (oneday) startDay(oneday);

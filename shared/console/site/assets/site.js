// The core module: live parts, forms, keys, theme, dialogs. Pages work without it.
//
// In HTML:
//   data-poll="/url" data-every="2000"  a part that is asked for again; data-final within it ends that
//   data-now                            on such a part: asks at once, for what was not ready with the page
//   data-keep                           an element that polling leaves alone
//   data-ago, data-since                on <time>: "3 min ago", or a count of what has passed
//   data-copy="text" or "#id"           a button that copies
//   data-open="id", data-close          buttons of dialogs; data-menu on a <details> that closes like a menu
//   data-confirm="text"                 on a form or its button: asks first (data-confirm-yes names the button)
//   data-async                          on a form: sends it without leaving, then polls; data-done="text" says so
//   data-autosubmit                     on a form that filters: sends it on every change
//   data-search                         the field that "/" goes to
//   data-row                            on the link of a row, for j and k
//
// Modules of pages: import { poll, refresh, toast, announce, send } from "./site.js";
// a part that has changed dispatches "delfos:update", which bubbles.

const root = document.documentElement;

/* Live parts */

const parts = new Map(); // element → { url, every, tag, failures, timer, busy }
const slowest = 60_000;
let lost = false; // what one sees may be old

/** poll makes an element a live part; elements with data-poll are from the start. */
export function poll(element) {
  if (parts.has(element) || element.querySelector("[data-final]")) return;
  const every = Math.max(Number(element.dataset.every) || 5000, 500);
  const part = { url: element.dataset.poll, every, tag: "", failures: 0, timer: 0, busy: false };
  parts.set(element, part);
  plan(element, part, element.dataset.now === undefined ? every : 0);
  show();
}

/** refresh asks for one part, or for all, at once. */
export function refresh(element) {
  if (!element) return Promise.all([...parts.keys()].map((each) => refresh(each)));
  const part = parts.get(element);
  if (!part) return Promise.resolve();
  clearTimeout(part.timer);
  return ask(element, part);
}

function plan(element, part, wait) {
  clearTimeout(part.timer);
  if (document.hidden) return;
  // A little chance keeps many browsers from asking at once.
  part.timer = setTimeout(() => ask(element, part), wait * (0.95 + Math.random() * 0.1));
}

async function ask(element, part) {
  if (part.busy) return;
  if (!element.isConnected) {
    parts.delete(element);
    return;
  }
  part.busy = true;
  part.url = element.dataset.poll || part.url;
  const url = part.url;
  try {
    const headers = { "Delfos-Fragment": "1" };
    if (part.tag && part.asked === url) headers["If-None-Match"] = part.tag;
    const response = await fetch(url, { headers, cache: "no-store", signal: AbortSignal.timeout(25_000) });
    if (response.status === 401) return signedOut();
    if (response.status === 404 || response.status === 400) return gone(element, await response.text());
    if (!response.ok && response.status !== 304) throw new Error(`status ${response.status}`);
    if (response.status !== 304) {
      const text = await response.text();
      if (element.dataset.poll && element.dataset.poll !== url) return; // it has moved on meanwhile
      part.tag = response.headers.get("ETag") || "";
      part.asked = url;
      swap(element, text);
    }
    part.failures = 0;
  } catch {
    part.failures++;
  } finally {
    part.busy = false;
    if (element.querySelector("[data-final]")) parts.delete(element);
    if (parts.has(element)) plan(element, part, Math.min(part.every * 2 ** part.failures, slowest));
    show();
  }
}

/** gone shows what there is now in the part's place: asking again would not help. */
function gone(element, text) {
  parts.delete(element);
  element.innerHTML = text;
}

function signedOut() {
  parts.clear();
  show();
  toast("You are signed out. Reload the page to sign in again.", "bad", 0);
}

/** show says in the layout whether what one sees is live. */
function show() {
  const live = document.getElementById("live");
  if (!live) return;
  live.hidden = parts.size === 0;
  const failing = [...parts.values()].some((part) => part.failures > 1);
  const state = failing ? "lost" : document.hidden ? "paused" : "on";
  if (live.dataset.state !== state) {
    live.dataset.state = state;
    live.querySelector(".live__text").textContent = { lost: "Disconnected, trying again", paused: "Paused", on: "Live" }[state];
    live.title = failing ? "What you see may be old. It is asked for again, ever more rarely, up to once a minute." : "What you see follows the pipeline.";
  }
  for (const [element, part] of parts) element.classList.toggle("is-stale", part.failures > 1);
  if (lost && !failing && parts.size) announce("Connected again");
  lost = failing;
}

document.addEventListener("visibilitychange", () => {
  for (const [element, part] of parts) {
    if (document.hidden) clearTimeout(part.timer);
    else refresh(element);
  }
  show();
});
window.addEventListener("online", () => refresh());

/* Swapping without a flicker: what is the same stays the same element. */

function swap(element, html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  if (!morphChildren(element, fresh.content)) return;
  dress(element);
  element.dispatchEvent(new CustomEvent("delfos:update", { bubbles: true }));
}

const keyOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node.id || node.dataset?.key || "" : "");

function alike(a, b) {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);
}

/** morphChildren makes the children of one those of the other, and tells whether any changed. */
function morphChildren(to, from) {
  let changed = false;
  const keyed = new Map();
  for (const child of to.childNodes) if (keyOf(child)) keyed.set(keyOf(child), child);
  let here = to.firstChild;
  for (const wanted of [...from.childNodes]) {
    const known = keyOf(wanted) && keyed.get(keyOf(wanted));
    if (known && known !== here && alike(known, wanted) && known.parentNode === to) {
      to.insertBefore(known, here);
      here = known;
      changed = true;
    }
    if (here && alike(here, wanted)) {
      changed = morph(here, wanted) || changed;
      here = here.nextSibling;
    } else {
      to.insertBefore(wanted, here);
      changed = true;
    }
  }
  while (here) {
    const next = here.nextSibling;
    here.remove();
    here = next;
    changed = true;
  }
  return changed;
}

function morph(to, from) {
  if (to.nodeType !== Node.ELEMENT_NODE) {
    if (to.nodeValue === from.nodeValue) return false;
    to.nodeValue = from.nodeValue;
    return true;
  }
  if (to.hasAttribute("data-keep")) return false;
  if (to.dataset?.text !== undefined && to.nodeName === "TIME") restore(to);
  if (to.isEqualNode(from)) return false;
  const changed = morphAttributes(to, from);
  if (to.nodeName === "TEXTAREA" || to.nodeName === "SELECT") return changed; // what a person chose stays
  return morphChildren(to, from) || changed;
}

// What a person does to an element is not undone by the server's.
const own = { DETAILS: ["open"], DIALOG: ["open"], INPUT: ["value", "checked"], BUTTON: ["aria-busy", "disabled"] };

function morphAttributes(to, from) {
  let changed = false;
  const kept = own[to.nodeName] ?? [];
  for (const { name, value } of [...from.attributes]) {
    if (to.getAttribute(name) !== value && !kept.includes(name)) {
      to.setAttribute(name, value);
      changed = true;
    }
  }
  for (const { name } of [...to.attributes]) {
    if (!from.hasAttribute(name) && !kept.includes(name)) {
      to.removeAttribute(name);
      changed = true;
    }
  }
  return changed;
}

/* Times */

function restore(time) {
  time.textContent = time.dataset.text;
  delete time.dataset.text;
}

function passed(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const two = (n) => String(n).padStart(2, "0");
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${two(Math.floor(seconds / 60) % 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor(seconds / 3600) % 24} h`;
}

function distance(milliseconds) {
  const seconds = Math.abs(milliseconds) / 1000;
  if (seconds < 45) return milliseconds < 0 ? "in under a minute" : "just now";
  const [n, unit] =
    seconds < 3600 ? [Math.round(seconds / 60), "min"]
    : seconds < 36 * 3600 ? [Math.round(seconds / 3600), "h"]
    : [Math.round(seconds / 86_400), "days"];
  return milliseconds < 0 ? `in ${n} ${unit}` : `${n} ${unit} ago`;
}

function tick(within = document) {
  const now = Date.now();
  for (const time of within.querySelectorAll("time[data-ago], time[data-since]")) {
    const since = now - Date.parse(time.dateTime);
    const text = time.hasAttribute("data-ago") ? distance(since) : passed(since);
    time.dataset.text ??= time.textContent;
    if (time.textContent !== text) time.textContent = text;
  }
}

/* Forms */

/** send posts a form and gives what the server answers: { redirect }, or throws { title, detail }. */
export async function send(form, submitter) {
  const body = new URLSearchParams(new FormData(form, submitter));
  let response;
  try {
    response = await fetch(submitter?.hasAttribute("formaction") ? submitter.formAction : form.action, {
      method: "POST", body, headers: { Accept: "application/json" }, signal: AbortSignal.timeout(30_000),
    });
  } catch {
    throw { title: "The console cannot be reached", detail: "Whether it was done is not known. Look at the page in a moment." };
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw { title: answer.title ?? "This did not work", detail: answer.detail ?? "", status: response.status };
  return answer;
}

/** sure asks before something is done. */
export function sure(text, yes = "Yes", danger = false) {
  const dialog = document.getElementById("confirm");
  document.getElementById("confirm-text").textContent = text;
  const button = document.getElementById("confirm-yes");
  button.textContent = yes;
  button.classList.toggle("button--danger", danger);
  button.classList.toggle("button--primary", !danger);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((answer) => dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true }));
}

const sent = new WeakSet(); // forms whose question has been answered

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const button = event.submitter;
  if (form.method === "dialog") return;
  const question = button?.dataset.confirm ?? form.dataset.confirm;
  if (question && !sent.has(form)) {
    event.preventDefault();
    const danger = button?.classList.contains("button--danger") ?? false;
    if (!(await sure(question, button?.dataset.confirmYes ?? form.dataset.confirmYes ?? button?.textContent.trim(), danger))) return;
    sent.add(form);
    form.requestSubmit(button);
    return;
  }
  sent.delete(form);
  if (form.method !== "post") return;
  if (form.dataset.busy !== undefined) return event.preventDefault(); // once is enough
  const done = busy(form, button);
  if (form.dataset.async === undefined) return;
  event.preventDefault();
  try {
    const { redirect } = await send(form, button);
    if (form.dataset.done) toast(form.dataset.done);
    const to = new URL(redirect, location.href);
    if (to.pathname !== location.pathname) location.assign(to);
    else await refresh();
  } catch (problem) {
    toast([problem.title, problem.detail].filter(Boolean).join(". "), "bad", 12_000);
  } finally {
    done();
  }
});

/** busy shows that a form is under way, and gives what ends that. */
function busy(form, button) {
  form.dataset.busy = "";
  // The button's own name and value are of what is sent, so it is disabled only after.
  button?.setAttribute("aria-busy", "true");
  return () => {
    delete form.dataset.busy;
    button?.removeAttribute("aria-busy");
  };
}

// Back from the browser's memory of pages, a form is ready again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-busy]")) delete form.dataset.busy;
  for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  refresh();
});

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form?.dataset.autosubmit !== undefined && event.target.checkValidity()) form.requestSubmit();
});

/* Saying things */

/** toast says something for some seconds; 0 keeps it. */
export function toast(text, kind = "", milliseconds = 5000) {
  const box = document.getElementById("toasts");
  const line = document.createElement("div");
  line.className = kind ? `toast toast--${kind}` : "toast";
  line.textContent = text;
  box.append(line);
  if (milliseconds) setTimeout(() => line.remove(), milliseconds);
  line.addEventListener("click", () => line.remove());
}

/** announce says something to those who listen to the page. */
export function announce(text) {
  const line = document.createElement("span");
  line.className = "visually-hidden";
  line.textContent = text;
  document.getElementById("toasts").append(line);
  setTimeout(() => line.remove(), 5000);
}

/* Clicks */

document.addEventListener("click", async (event) => {
  const target = event.target.closest?.("[data-copy], [data-open], [data-close], [data-theme-toggle]");
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  if (event.target.nodeName === "DIALOG" && outside(event)) event.target.close();
  if (!target) return;
  if (target.dataset.copy !== undefined) await copy(target);
  else if (target.dataset.open !== undefined) document.getElementById(target.dataset.open)?.showModal();
  else if (target.dataset.close !== undefined) target.closest("dialog")?.close();
  else turnTheme();
});

/** outside tells that a click on a dialog was beside it, on its backdrop. */
function outside(event) {
  const box = event.target.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}

async function copy(button) {
  const what = button.dataset.copy;
  const text = what.startsWith("#") ? document.querySelector(what)?.textContent ?? "" : what;
  try {
    await navigator.clipboard.writeText(text.trim());
    toast("Copied");
  } catch {
    toast("The browser does not let this page copy. Select the text instead.", "bad");
  }
}

/* Theme */

const themes = ["system", "light", "dark"];

function turnTheme() {
  const now = root.dataset.theme ?? "system";
  const next = themes[(themes.indexOf(now) + 1) % themes.length];
  if (next === "system") delete root.dataset.theme;
  else root.dataset.theme = next;
  try {
    if (next === "system") localStorage.removeItem("delfos-theme");
    else localStorage.setItem("delfos-theme", next);
  } catch {
    // It holds for this page.
  }
  toast({ system: "Theme: as the system", light: "Theme: light", dark: "Theme: dark" }[next], "", 1500);
}

/* Keys */

let leader = 0; // when "g" was pressed

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) menu.open = false;
    if (writing(event.target)) event.target.blur();
    return;
  }
  if (writing(event.target) || document.querySelector("dialog[open]")) return;
  if (Date.now() - leader < 1200) {
    leader = 0;
    const item = document.querySelector(`.nav [data-key="${CSS.escape(event.key)}"]`);
    if (item) {
      event.preventDefault();
      location.assign(item.href);
    }
    return;
  }
  const action = keys[event.key];
  if (action && action() !== false) event.preventDefault();
});

const writing = (target) => target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

const keys = {
  g: () => { leader = Date.now(); },
  "?": () => document.getElementById("help")?.showModal(),
  "/": () => focusOn(document.querySelector("[data-search]")),
  t: turnTheme,
  j: () => row(1),
  k: () => row(-1),
};

function focusOn(element) {
  if (!element) return false;
  element.focus();
  element.select?.();
}

/** row moves the focus by rows. */
function row(step) {
  const rows = [...document.querySelectorAll("[data-row]")].filter((each) => each.getClientRects().length);
  if (!rows.length) return false;
  const at = rows.indexOf(document.activeElement?.closest?.("tr, li")?.querySelector("[data-row]") ?? document.activeElement);
  const next = rows[Math.min(Math.max(at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step, 0), rows.length - 1)];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

/* Start */

/** dress does to new content what the start does to the page. */
function dress(within) {
  tick(within);
  for (const element of within.querySelectorAll("[data-poll]")) poll(element);
}

for (const button of document.querySelectorAll("[data-theme-toggle], [data-open]")) button.hidden = false;
dress(document);
setInterval(() => { if (!document.hidden) tick(); }, 1000);

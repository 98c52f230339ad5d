// Live parts: asks for them again, and says in the layout whether what one sees is live.

import { morphChildren } from "./morph.js";
import { announce, toast } from "./say.js";
import { tick } from "./times.js";

const parts = new Map(); // element → { url, every, tag, asked, failures, timer, asking, next }
const slowest = 60_000;
let lost = false; // what one sees may be old

/** poll makes an element a live part; elements with data-poll are from the start. */
export function poll(element) {
  if (parts.has(element) || final(element)) return;
  const every = Math.max(Number(element.dataset.every) || 5000, 500);
  const url = element.dataset.poll;
  const part = { url, every, tag: element.dataset.etag ?? "", asked: url, failures: 0, timer: 0, asking: null, next: null };
  parts.set(element, part);
  plan(element, part, element.dataset.now === undefined ? every : 0);
  show();
}

/** refresh asks for one part, or for all, at once, and is done when that is answered. */
export function refresh(element) {
  if (!element) return Promise.all([...parts.keys()].map((each) => refresh(each)));
  const part = parts.get(element);
  if (!part) return Promise.resolve();
  if (!part.asking) return ask(element, part);
  // What is under way may be of before.
  part.next ??= part.asking.then(() => {
    part.next = null;
    return ask(element, part);
  });
  return part.next;
}

/** isCurrent tells that a part shows what its address is of now, and not of before. */
export function isCurrent(element) {
  const part = parts.get(element);
  return !part || part.asked === (element.dataset.poll || part.url);
}

/** final tells that a part, and not one within it, changes no more. */
function final(element) {
  return [...element.querySelectorAll("[data-final]")].some((end) => end.closest("[data-poll]") === element);
}

function plan(element, part, wait) {
  clearTimeout(part.timer);
  if (document.hidden) return;
  // A little chance keeps many browsers from asking at once.
  part.timer = setTimeout(() => ask(element, part), wait * (0.95 + Math.random() * 0.1));
}

function ask(element, part) {
  clearTimeout(part.timer);
  if (!element.isConnected) parts.delete(element);
  if (parts.get(element) !== part) return Promise.resolve();
  part.asking ??= answer(element, part).then(() => {
    part.asking = null;
    if (parts.get(element) === part && final(element)) parts.delete(element);
    if (parts.get(element) === part) plan(element, part, Math.min(part.every * 2 ** part.failures, slowest));
    show();
  });
  return part.asking;
}

async function answer(element, part) {
  part.url = element.dataset.poll || part.url;
  const url = part.url;
  const movedOn = () => element.dataset.poll && element.dataset.poll !== url;
  try {
    const headers = { "Delfos-Fragment": "1" };
    if (part.tag && part.asked === url) headers["If-None-Match"] = part.tag;
    const response = await fetch(url, { headers, cache: "no-store", signal: AbortSignal.timeout(25_000) });
    if (response.status === 401) return signedOut();
    const text = response.status === 304 ? "" : await response.text();
    if (movedOn()) return;
    if (response.status === 404 || response.status === 400) return gone(element, text);
    if (!response.ok && response.status !== 304) throw new Error(`status ${response.status}`);
    if (response.status !== 304) {
      part.tag = response.headers.get("ETag") || "";
      part.asked = url;
      swap(element, text);
    }
    part.failures = 0;
  } catch {
    part.failures++;
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

function swap(element, html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  if (!morphChildren(element, fresh.content)) return;
  dress(element);
  element.dispatchEvent(new CustomEvent("delfos:update", { bubbles: true }));
}

/** dress does to new content what the start does to the page. */
export function dress(within) {
  tick(within);
  for (const element of within.querySelectorAll("[data-poll]")) poll(element);
}

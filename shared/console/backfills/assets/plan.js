// The page of a new backfill: the plan follows what one types, and the fields and the
// JSON follow each other. Without it, the buttons do.
import { toast } from "./site.js";

const form = document.getElementById("plan-form");
const shown = document.getElementById("plan");
if (form && shown) start();

function start() {
  const json = form.elements.namedItem("request");
  let source = "form"; // what was changed last
  let timer = 0;
  let asking = null;

  form.addEventListener("input", (event) => {
    if (event.target.name === "name") {
      keepName();
      return;
    }
    if (event.target === json) {
      source = "json";
      fill(form, json.value);
    } else {
      source = "form";
      json.value = textOf(form);
    }
    outdated();
    timer = setTimeout(plan, 350);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    source = event.submitter?.value === "json" ? "json" : "form";
    plan();
  });

  /** outdated takes back what is shown, and what is asked for: it is not what the form says. */
  function outdated() {
    clearTimeout(timer);
    asking?.abort();
    asking = null;
    shown.classList.add("is-stale");
    for (const button of shown.querySelectorAll(".plan-launch button")) button.disabled = true;
  }

  /** keepName has Launch send the name that the form has now: it is no part of the plan. */
  function keepName() {
    for (const name of shown.querySelectorAll("[data-launch-name]")) name.value = form.elements.namedItem("name").value;
  }

  async function plan() {
    outdated();
    const mine = (asking = new AbortController());
    const body = new URLSearchParams(new FormData(form));
    body.set("use", source);
    shown.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(form.action, { method: "POST", body, headers: { "Delfos-Fragment": "1" }, signal: mine.signal });
      const text = await response.text();
      if (mine !== asking) return;
      shown.innerHTML = text;
      keepName();
      shown.classList.remove("is-stale");
    } catch (error) {
      if (mine !== asking || error.name === "AbortError") return;
      toast("The console cannot be reached: the plan is an old one. Change something to try again.", "bad");
    } finally {
      if (mine === asking || asking === null) {
        shown.removeAttribute("aria-busy");
        delete form.dataset.busy;
        for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
      }
    }
  }

  plan();
}

/** textOf writes the fields as the request that the server makes of them. */
function textOf(form) {
  const get = (name) => form.elements.namedItem(name).value.trim();
  const number = (text) => (/^\d+$/.test(text) ? Number(text) : text);
  const range = get("range");
  const request = {};
  if (range === "days" && get("from")) request.from = get("from");
  if (range === "days" && get("to")) request.to = get("to");
  if (range === "last" && get("last_days")) request.last_days = number(get("last_days"));
  if (get("select") !== "missing") request.select = get("select");
  if (get("order") !== "oldest") request.order = get("order");
  if (get("max_concurrency")) request.max_concurrency = number(get("max_concurrency"));
  if (get("reason")) request.reason = get("reason");
  return JSON.stringify(request, null, 2);
}

/** fill sets the fields as the request says; text that is none leaves them. */
function fill(form, text) {
  let request;
  try {
    request = JSON.parse(text);
  } catch {
    return;
  }
  if (typeof request !== "object" || request === null || Array.isArray(request)) return;
  const set = (name, value) => { form.elements.namedItem(name).value = value ?? ""; };
  set("range", request.last_days !== undefined ? "last" : request.from !== undefined || request.to !== undefined ? "days" : "all");
  set("from", request.from);
  set("to", request.to);
  set("last_days", request.last_days);
  set("select", request.select ?? "missing");
  set("order", request.order ?? "oldest");
  set("max_concurrency", request.max_concurrency);
  set("reason", request.reason);
}

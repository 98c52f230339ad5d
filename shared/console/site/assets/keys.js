// Keys, clicks and the theme.

import { toast } from "./say.js";

const root = document.documentElement;

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

let leader = -Infinity; // when "g" was pressed

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) menu.open = false;
    if (writing(event.target)) event.target.blur();
    return;
  }
  if (writing(event.target) || document.querySelector("dialog[open]")) return;
  // By the key's own time: a page that is busy hears of it late.
  if (event.timeStamp - leader < 1200) {
    leader = -Infinity;
    const item = document.querySelector(`.nav [data-key="${CSS.escape(event.key)}"]`);
    if (item) {
      event.preventDefault();
      location.assign(item.href);
    }
    return;
  }
  const action = keys[event.key];
  if (action && action(event) !== false) event.preventDefault();
});

const writing = (target) => target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

const keys = {
  g: (event) => { leader = event.timeStamp; },
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

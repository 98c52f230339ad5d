// Says things to people, and asks them.

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

// Forms: asks first, sends once, and without leaving where that is wanted.

import { refresh } from "./live.js";
import { sure, toast } from "./say.js";

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

const agreed = new WeakSet(); // forms whose question has just been answered by yes

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const button = event.submitter;
  if (form.method === "dialog") return;
  const question = button?.dataset.confirm ?? form.dataset.confirm;
  if (question && !agreed.has(form)) {
    event.preventDefault();
    return ask(form, button, question);
  }
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

/** ask sends a form once its question is answered by yes, and only as it was asked about. */
async function ask(form, button, question) {
  const danger = button?.classList.contains("button--danger") ?? false;
  const asked = wouldSend(form, button);
  if (!(await sure(question, button?.dataset.confirmYes ?? form.dataset.confirmYes ?? button?.textContent.trim(), danger))) return;
  if (wouldSend(form, button) !== asked) {
    toast("This has changed while you were asked, so nothing was done. Look at it again.", "bad", 12_000);
    return;
  }
  agreed.add(form);
  form.requestSubmit(button);
  agreed.delete(form);
}

/** wouldSend tells what a form would do, and to what; "" where it is on the page no more. */
function wouldSend(form, button) {
  if (!form.isConnected || (button && button.form !== form)) return "";
  return [form.action, button?.dataset.confirm ?? form.dataset.confirm, new URLSearchParams(new FormData(form, button))].join("\n");
}

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

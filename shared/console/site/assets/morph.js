// Makes a live part what the server says it is now without a flicker: what is the same
// stays the same element, with its focus, its scrolling and what a person did to it.

const keyOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node.id || node.dataset?.key || "" : "");

// What does something else is another element: whoever has pressed on a button or typed
// into a field is not to find that it has become a different one.
const doesOf = { FORM: "action", INPUT: "name", SELECT: "name", TEXTAREA: "name" };

function alike(a, b) {
  const does = doesOf[a.nodeName];
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b) &&
    (!does || a.getAttribute(does) === b.getAttribute(does));
}

/** morphChildren makes the children of one those of the other, and tells whether any changed. */
export function morphChildren(to, from) {
  let changed = false;
  const keyed = new Map();
  for (const child of to.childNodes) if (keyOf(child)) keyed.set(keyOf(child), child);
  let here = to.firstChild;
  for (const wanted of [...from.childNodes]) {
    const known = keyOf(wanted) && keyed.get(keyOf(wanted));
    if (known && known !== here && alike(known, wanted) && known.parentNode === to) {
      move(to, known, here);
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

/** move puts a child elsewhere; where the browser can, with the focus that is in it. */
function move(parent, child, before) {
  if (parent.moveBefore) parent.moveBefore(child, before);
  else parent.insertBefore(child, before);
}

function morph(to, from) {
  if (to.nodeType !== Node.ELEMENT_NODE) {
    if (to.nodeValue === from.nodeValue) return false;
    to.nodeValue = from.nodeValue;
    return true;
  }
  if (to.hasAttribute("data-keep")) return false;
  if (to.nodeName === "TIME" && to.dataset.text !== undefined) {
    if (to.dataset.text === from.textContent && to.dateTime === from.dateTime && to.title === from.title) return false;
    restore(to);
  }
  if (to.isEqualNode(from)) return false;
  const changed = morphAttributes(to, from);
  if (to.nodeName === "TEXTAREA" || to.nodeName === "SELECT") return changed; // what a person chose stays
  return morphChildren(to, from) || changed;
}

// What a person does to an element is not undone by the server's. What was typed into a
// field is no attribute, and stays by itself; hidden fields have to follow. A form that is
// under way stays so, or it would be sent twice.
const own = { DETAILS: ["open"], DIALOG: ["open"], INPUT: ["checked"], FORM: ["data-busy"], BUTTON: ["aria-busy"] };

/** keeps are the attributes that stay as they are. */
function keeps(element) {
  if (element === document.activeElement && element.nodeName === "INPUT") return ["value", "checked"];
  // A button that is disabled loses the focus; until then the server refuses what it sends.
  if (element === document.activeElement && element.nodeName === "BUTTON") return ["aria-busy", "disabled"];
  return own[element.nodeName] ?? [];
}

function morphAttributes(to, from) {
  let changed = false;
  const kept = keeps(to);
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

function restore(time) {
  time.textContent = time.dataset.text;
  delete time.dataset.text;
}

// The core module: live parts, forms, keys, theme, dialogs. Pages work without it.
//
// In HTML:
//   data-poll="/url" data-every="2000"  a part that is asked for again; data-final within it ends that
//   data-etag="…"                       on such a part: the tag of what the page came with
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
// Modules of pages: import { poll, refresh, isCurrent, toast, announce, send } from "./site.js";
// a part that has changed dispatches "delfos:update", which bubbles.

import "./keys.js";
import { dress } from "./live.js";
import { tick } from "./times.js";

export { send } from "./forms.js";
export { isCurrent, poll, refresh } from "./live.js";
export { announce, sure, toast } from "./say.js";

for (const button of document.querySelectorAll("[data-theme-toggle], [data-open]")) button.hidden = false;
dress(document);
setInterval(() => { if (!document.hidden) tick(); }, 1000);

// Keeps "3 min ago" and counts of what has passed true.

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

/** tick rewrites the times within an element, or on the page. */
export function tick(within = document) {
  const now = Date.now();
  for (const time of within.querySelectorAll("time[data-ago], time[data-since]")) {
    const since = now - Date.parse(time.dateTime);
    const text = time.hasAttribute("data-ago") ? distance(since) : passed(since);
    time.dataset.text ??= time.textContent;
    if (time.textContent !== text) time.textContent = text;
  }
}

"use strict";
// Keeps an open page up to date, and gives it keys. Pages work without it.
const $ = (id) => document.getElementById(id);
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
document.cookie = `zone=${encodeURIComponent(zone)}; Path=/; SameSite=Strict; Max-Age=31536000`;

// Makes old what fresh is; focus, scrolling and typed text stay.
function patch(old, fresh) {
  if (old.nodeName !== fresh.nodeName) return old.replaceWith(fresh);
  if (old.nodeType !== 1) { if (old.data !== fresh.data) old.data = fresh.data; return; }
  if (old === document.activeElement && old.form) return;
  for (const { name, value } of fresh.attributes) {
    if (name !== "open" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    if (name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  let at = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    const same = child.id && [...old.children].find((one) => one.id === child.id);
    if (same && same !== at) { old.insertBefore(same, at); patch(same, child); }
    else if (!at || (at.id && at.id !== child.id)) old.insertBefore(child, at);
    else { const next = at.nextSibling; patch(at, child); at = next; }
  }
  while (at) { const next = at.nextSibling; at.remove(); at = next; }
}

let busy = false, again = false;
async function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  try {
    const answer = await fetch(location.href, { headers: { "X-Fragment": "main" } });
    if (answer.status === 401) return location.reload();
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
    patch($("main"), fresh);
    document.title = fresh.dataset.title;
    $("zone").textContent = fresh.dataset.zone;
  } catch { /* The stream tells. */ } finally {
    busy = false;
    if (again) { again = false; refresh(); }
  }
}

// A hidden page holds no connection: a browser has six for all pages.
let stream = null;
function follow() {
  if (document.hidden) { stream?.close(); stream = null; return; }
  if (stream) return;
  stream = new EventSource(document.body.dataset.live);
  stream.onopen = () => { $("lost").hidden = true; refresh(); };
  stream.addEventListener("changed", refresh);
  stream.onerror = () => {
    const lost = $("lost"), now = new Date().toTimeString().slice(0, 5);
    if (lost.hidden) lost.textContent = `Not connected to the bridge since ${now}; what you see is of then.`;
    lost.hidden = false;
    if (stream?.readyState !== 2) return;
    stream = null;
    refresh();
    setTimeout(follow, 5000);
  };
}
document.addEventListener("visibilitychange", follow);
follow();
setInterval(() => { if (stream?.readyState === 1) refresh(); }, 30000);

// Filters act as they are chosen.
let later;
document.addEventListener("input", ({ target }) => {
  const form = target.form;
  if (!form?.matches("[data-live]")) return;
  clearTimeout(later);
  later = setTimeout(() => {
    const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    history.replaceState(null, "", `${form.getAttribute("action")}?${query}`);
    refresh();
  }, 200);
});

// Keys, for whoever wants them.
const on = $("keys-on");
on.checked = localStorage.keys !== "off";
on.onchange = () => { localStorage.keys = on.checked ? "on" : "off"; };
$("show-keys").hidden = false;
$("show-keys").onclick = () => $("keys").showModal();
let going = 0;
document.addEventListener("keydown", (event) => {
  const { key, target, timeStamp } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, select, textarea, dialog")) return;
  if (!on.checked) return;
  const go = (name) => document.querySelector(`[data-key="${CSS.escape(name)}"]`)?.click();
  if (key === "?") $("keys").showModal();
  else if (key === "/") { event.preventDefault(); if ($("search")) $("search").focus(); else go("a"); }
  else if (timeStamp < going) go(key);
  going = key === "g" ? timeStamp + 1500 : 0;
});

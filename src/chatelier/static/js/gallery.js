// Many pictures by mouse, finger and keyboard. Without this each has its checkbox and the buttons work all the same.
const bar = document.getElementById("selection");
const boxes = () => [...document.querySelectorAll(".tile__pick input")];
const chosen = () => boxes().filter((box) => box.checked);
const links = () => [...document.querySelectorAll(".tile > a")];
let anchor = null; // where a range begins
let place = -1; // how many stay before the tile that has the focus, in case that goes

function tell() {
  const count = chosen().length;
  bar.querySelector(".selection__count").value = `${count} selected`;
}

function pick(box, on, range) {
  const all = boxes();
  const [from, to] = [all.indexOf(range ? anchor : box), all.indexOf(box)].sort((one, other) => one - other);
  for (const one of from < 0 ? [box] : all.slice(from, to + 1)) one.checked = on;
  anchor = box;
  tell();
}

// How many stand beside each other: those as high as the first.
function columns(all) {
  const top = all[0].getBoundingClientRect().top;
  const next = all.findIndex((one) => Math.abs(one.getBoundingClientRect().top - top) > 4);
  return next < 0 ? all.length : next;
}

function move(key, extend) {
  const all = links();
  if (!all.length) return;
  const here = all.indexOf(document.activeElement.closest?.(".tile")?.querySelector("a"));
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns(all), ArrowDown: columns(all) }[key];
  const there = here < 0 ? 0 : here + step;
  if (!all[there]) return;
  if (extend && here >= 0) {
    anchor ??= boxes()[here];
    pick(boxes()[there], true, true);
  }
  all[there].focus();
  all[there].scrollIntoView({ block: "nearest" });
}

function press(action) {
  const button = bar.querySelector(`button[formaction="/gallery/${action}"]`);
  if (!button) return;
  const here = document.activeElement.closest(".tile")?.querySelector(".tile__pick input");
  if (!chosen().length && here) here.checked = true;
  place = here ? boxes().slice(0, boxes().indexOf(here)).filter((box) => !box.checked).length : -1;
  if (chosen().length) button.click();
}

const KEYS = {
  x: () => {
    const box = document.activeElement.closest(".tile")?.querySelector(".tile__pick input");
    if (box) pick(box, !box.checked, false);
  },
  f: () => press("favourites"),
  Delete: () => press(bar.querySelector('[formaction="/gallery/purge"]') ? "purge" : "trash"),
  r: () => press("restoration"),
  "/": () => document.querySelector("#wanted input[type=search]").focus(),
  Escape: () => clear(),
};

function clear() {
  for (const box of chosen()) box.checked = false;
  anchor = null;
  tell();
}

function onKey(event) {
  const typing = event.target.matches("input:not([type=checkbox]), select, textarea");
  if (typing || event.altKey || document.querySelector("dialog[open], :popover-open")) return;
  if (event.ctrlKey || event.metaKey) {
    if (event.key !== "a") return;
    event.preventDefault();
    for (const box of boxes()) box.checked = true;
    return tell();
  }
  if (event.key.startsWith("Arrow")) {
    event.preventDefault();
    return move(event.key, event.shiftKey);
  }
  const act = KEYS[event.key] ?? KEYS[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
}

if (bar) {
  tell();
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    const box = event.target.closest(".tile__pick input");
    if (box) pick(box, box.checked, event.shiftKey && anchor);
  });
  bar.addEventListener("reset", (event) => {
    event.preventDefault();
    clear();
  });
  // What was acted on is done with; tiles may have gone.
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    if (ctx.target?.id === "notice" && ctx.response?.status < 400) clear();
    tell();
    if (place >= 0 && document.activeElement === document.body) links().slice(0, place + 1).at(-1)?.focus();
  });
}

// The picture closely: wheel, two fingers, buttons and keys zoom; dragging and arrows move. Without this the link opens the file.
const dialog = document.getElementById("zoom");
const stage = dialog?.querySelector(".zoom__stage");
const picture = stage?.querySelector("img");
const MOST = 8;
const view = { scale: 1, x: 0, y: 0 };
const fingers = new Map();

const wide = () => stage.clientWidth / picture.width;
const fitting = () => Math.min(1, wide(), stage.clientHeight / picture.height);
const within = (value, low, high) => Math.min(Math.max(value, low), high);

// The picture never leaves the stage: centred where it is smaller, edge to edge where it is larger.
function held(offset, length, room) {
  return length <= room ? (room - length) / 2 : within(offset, room - length, 0);
}

function show() {
  view.x = held(view.x, picture.width * view.scale, stage.clientWidth);
  view.y = held(view.y, picture.height * view.scale, stage.clientHeight);
  picture.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
  dialog.querySelector(".zoom__scale").value = `${Math.round(view.scale * 100)} %`;
}

function fit() {
  view.scale = fitting();
  show();
}

// What lies under the point stays there.
function zoom(factor, x = stage.clientWidth / 2, y = stage.clientHeight / 2) {
  const scale = within(view.scale * factor, fitting(), MOST);
  view.x = x - ((x - view.x) * scale) / view.scale;
  view.y = y - ((y - view.y) * scale) / view.scale;
  view.scale = scale;
  show();
}

function shift(x, y) {
  view.x += x;
  view.y += y;
  show();
}

const STEPS = { in: () => zoom(1.5), out: () => zoom(1 / 1.5), fit, close: () => dialog.close() };
const KEYS = {
  "+": STEPS.in,
  "=": STEPS.in,
  "-": STEPS.out,
  0: fit,
  1: () => zoom(1 / view.scale),
  ArrowLeft: () => shift(80, 0),
  ArrowRight: () => shift(-80, 0),
  ArrowUp: () => shift(0, 80),
  ArrowDown: () => shift(0, -80),
};

function open() {
  dialog.showModal();
  stage.focus();
  fit();
}

// One finger or the mouse moves, two also zoom by how far they are apart.
function drag(event) {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
  fingers.set(event.pointerId, event);
  if (!other) return shift(event.clientX - before.clientX, event.clientY - before.clientY);
  const apart = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
  zoom(apart(event) / Math.max(1, apart(before)), (event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2);
}

if (dialog) {
  document.querySelector("[data-zoom]").addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  dialog.addEventListener("click", (event) => STEPS[event.target.closest("[data-step]")?.dataset.step]?.());
  dialog.addEventListener("keydown", (event) => {
    if (!KEYS[event.key] || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(-event.deltaY / 400), event.clientX, event.clientY);
  });
  stage.addEventListener("dblclick", (event) => zoom(view.scale < 1 ? 1 / view.scale : 2, event.clientX, event.clientY));
  stage.addEventListener("pointerdown", (event) => {
    stage.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, event);
  });
  stage.addEventListener("pointermove", drag);
  for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, (event) => fingers.delete(event.pointerId));
  addEventListener("resize", () => dialog.open && fit());
  document.addEventListener("keydown", (event) => {
    if (dialog.open || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
    if (event.key.toLowerCase() === "z") open();
    const next = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
    if (next) document.querySelector(`a[rel=${next}]`)?.click();
  });
}

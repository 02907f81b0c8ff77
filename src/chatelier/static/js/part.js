// Marks the part of a picture that may change: brush, rectangle and eraser by mouse, pen and finger; a rectangle by keys.
const form = document.getElementById("part");
const canvas = form?.querySelector("canvas");
const pen = canvas?.getContext("2d");
const frame = form?.querySelector(".part__frame");
const marked = document.getElementById("part-marked");
const LONGEST = 1024; // pixels of the mask that is sent; the server makes it as large as the picture
const NOTHING = "Nothing is marked. Mark the part that may change first.";
const STEP = 0.02; // of the picture, for each key
const marks = []; // in shares of the picture, the oldest first
const held = { x: 0.35, y: 0.35, wide: 0.3, tall: 0.3 }; // the rectangle that keys move
let tool = "brush";
let current = null;

const within = (value, low, high) => Math.min(Math.max(value, low), high);
const at = (event) => {
  const sides = canvas.getBoundingClientRect();
  return [within((event.clientX - sides.x) / sides.width, 0, 1), within((event.clientY - sides.y) / sides.height, 0, 1)];
};

function stroke(brush, mark, color, wide, tall) {
  brush.globalCompositeOperation = (mark.tool === "eraser") !== (color === "") ? "destination-out" : "source-over";
  brush.fillStyle = brush.strokeStyle = color || "#000";
  const points = mark.points.map(([x, y]) => [x * wide, y * tall]);
  const [[x, y], [right, bottom]] = [points[0], points.at(-1)];
  if (mark.tool === "box") return brush.fillRect(Math.min(x, right), Math.min(y, bottom), Math.abs(right - x), Math.abs(bottom - y));
  brush.lineCap = brush.lineJoin = "round";
  brush.lineWidth = mark.size * Math.min(wide, tall);
  brush.beginPath();
  brush.moveTo(x + 0.1, y); // a line without length would not show
  for (const point of points) brush.lineTo(...point);
  brush.stroke();
}

function draw() {
  pen.clearRect(0, 0, canvas.width, canvas.height);
  const color = getComputedStyle(canvas).getPropertyValue("color");
  for (const mark of current ? [...marks, current] : marks) stroke(pen, mark, color, canvas.width, canvas.height);
}

// How much is marked, in whole per cent; at least 1 where anything is.
function share() {
  const small = Object.assign(document.createElement("canvas"), { width: 100, height: 100 }).getContext("2d");
  small.drawImage(canvas, 0, 0, 100, 100);
  const pixels = small.getImageData(0, 0, 100, 100).data;
  let count = 0;
  for (let byte = 3; byte < pixels.length; byte += 4) count += pixels[byte] > 127;
  return count && Math.max(1, Math.round(count / 100));
}

function changed() {
  draw();
  const part = share();
  marked.textContent = part ? `${part} % of the picture is marked. The rest stays as it is.` : NOTHING;
  for (const button of form.querySelectorAll("[data-undo], [data-clear]")) button.disabled = !marks.length;
  return part;
}

// The mask: all of it stays but what is marked.
function mask() {
  const scale = Math.min(1, LONGEST / Math.max(canvas.width, canvas.height));
  const [width, height] = [Math.round(canvas.width * scale), Math.round(canvas.height * scale)];
  const sheet = Object.assign(document.createElement("canvas"), { width, height });
  const brush = sheet.getContext("2d");
  brush.fillRect(0, 0, width, height);
  for (const mark of marks) stroke(brush, mark, "", width, height);
  return sheet.toDataURL("image/png");
}

function choose(name) {
  tool = name;
  for (const button of form.querySelectorAll("[data-tool]")) button.setAttribute("aria-pressed", button.dataset.tool === name);
}

const size = () => form.elements.size.valueAsNumber / 100;
const undo = () => marks.pop() && changed();
const clear = () => marks.splice(0) && changed();

function end(event) {
  if (!current || event.pointerId !== current.pointer) return;
  const whole = event.type === "pointerup"; // a second finger zooms: what the first began does not count
  if (whole) marks.push(current);
  current = null;
  changed();
}

function show() {
  const sides = { left: held.x, top: held.y, width: held.wide, height: held.tall };
  for (const [name, value] of Object.entries(sides)) frame.style[name] = `${value * 100}%`;
  frame.hidden = false;
}

function move(x, y, sizes) {
  if (sizes) Object.assign(held, { wide: within(held.wide + x, STEP, 1 - held.x), tall: within(held.tall + y, STEP, 1 - held.y) });
  else Object.assign(held, { x: within(held.x + x, 0, 1 - held.wide), y: within(held.y + y, 0, 1 - held.tall) });
  show();
}

function keep() {
  if (frame.hidden) return show();
  const points = [[held.x, held.y], [held.x + held.wide, held.y + held.tall]];
  marks.push({ tool: "box", size: 0, points });
  changed();
}

const ARROWS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
const KEYS = { Enter: keep, " ": keep, Backspace: undo, b: () => choose("brush"), r: () => choose("box"), e: () => choose("eraser") };

if (form) {
  canvas.hidden = marked.hidden = form.querySelector(".part__tools").hidden = document.getElementById("part-keys").hidden = false;
  form.querySelector(".part__file").remove();
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button || current) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    frame.hidden = true;
    current = { tool, size: size(), points: [at(event), at(event)], pointer: event.pointerId };
    draw();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (current?.pointer !== event.pointerId) return;
    current.points.push(at(event));
    draw();
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, end);
  canvas.addEventListener("blur", () => (frame.hidden = true));
  canvas.addEventListener("keydown", (event) => {
    const undoes = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
    const does = undoes ? undo : ARROWS[event.key] ? () => move(...ARROWS[event.key], event.shiftKey) : KEYS[event.key];
    if (!does || (!undoes && (event.ctrlKey || event.metaKey || event.altKey))) return;
    event.preventDefault();
    does();
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.tool) choose(button.dataset.tool);
    else if (button?.matches("[data-undo]")) undo();
    else if (button?.matches("[data-clear]")) clear();
  });
  // Before htmx reads the form: with nothing marked it stays here.
  form.addEventListener("submit", (event) => {
    form.elements.drawn.value = mask();
    if (changed()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    document.getElementById("notice").replaceChildren();
    document.dispatchEvent(new CustomEvent("composer:problem", { detail: NOTHING }));
  }, true);
}

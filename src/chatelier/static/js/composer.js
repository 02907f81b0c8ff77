// The typed text is never lost: kept across reloads and errors, cleared only when the server has taken it.
const box = () => document.getElementById("text");
const place = () => `draft:${box().form.getAttribute("action")}`;

function keep() {
  if (box().value) sessionStorage.setItem(place(), box().value);
  else sessionStorage.removeItem(place());
  if (!CSS.supports("field-sizing", "content")) grow(box());
}

function grow(area) {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight}px`;
}

if (box()) {
  box().value ||= sessionStorage.getItem(place()) ?? "";
  if (box().value) keep();
}

document.addEventListener("input", (event) => event.target === box() && keep());

document.addEventListener("keydown", (event) => {
  if (event.target !== box() || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (box().value.trim()) box().form.requestSubmit();
});

// What was typed while the message was on its way stays.
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  const sent = ctx.sourceElement.id === "composer" && ctx.response.status < 400 && ctx.request.body;
  if (!sent || sent.has("example")) return;
  const typed = sent.get("text");
  sessionStorage.removeItem(place());
  if (box().value.startsWith(typed)) box().value = box().value.slice(typed.length);
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => ctx.sourceElement?.id === "composer" && keep());

// The chip that says what a message will do, while it is written; a click or Alt+I chooses another.
const PAUSE = 50; // milliseconds after the last key
const form = () => document.getElementById("composer");
let timer;
let asked;

function ask() {
  clearTimeout(timer);
  timer = setTimeout(look, PAUSE);
}

async function look() {
  asked?.abort();
  const place = document.getElementById("decision");
  if (!form() || !place) return;
  if (!form().elements.text.value.trim()) return place.replaceChildren();
  asked = new AbortController();
  const [body, signal] = [new URLSearchParams(new FormData(form())), asked.signal];
  body.delete("file");
  try {
    const response = await fetch(form().dataset.decision, { method: "POST", body, signal, headers: { "HX-Request": "true" } });
    if (!response.ok || signal.aborted) return;
    const text = await response.text();
    if (form()?.elements.text.value.trim()) htmx.swap({ text, target: "#decision", swap: "outerMorph", sourceElement: document.body });
  } catch {
    // The message itself will say when the server cannot be reached.
  }
}

function choose() {
  const kinds = ["chat", "generate", ...(document.querySelector("#messages [data-image], #targets .target") ? ["edit"] : [])];
  const now = document.getElementById("decision").dataset.kind;
  const at = kinds.indexOf(now === "again" ? "edit" : now);
  form().elements.intent.value = kinds[(at + 1) % kinds.length];
  look();
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-leave-style]")) return;
  form().elements.leave_style.value = "1";
  form().elements.text.focus();
  look();
});

document.addEventListener("input", (event) => form()?.contains(event.target) && ask());
document.addEventListener("composer:changed", ask);

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-decide]")) return;
  choose();
  form().elements.text.focus();
});

document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.code !== "KeyI" || !form()?.elements.text.value.trim()) return;
  event.preventDefault();
  choose();
});

if (form()?.elements.text.value) ask();

// What is chosen stays for the next message, also on the next page, until it is reset; the button says what it is.
const PLACE = "options";
const part = () => document.getElementById("option-fields");
const fields = () => [...(part()?.querySelectorAll("[name]") ?? [])];
const kept = () => JSON.parse(sessionStorage.getItem(PLACE) ?? "[]");

function words(field) {
  if (field.name === "n") return `${field.value} images`;
  const text = field.selectedOptions ? field.selectedOptions[0].text : field.value;
  return field.name.startsWith("extra.") ? `${field.name.slice(6)} ${text}` : text;
}

function keep() {
  const said = fields().filter((field) => field.value);
  sessionStorage.setItem(PLACE, JSON.stringify(said.map((field) => [field.name, field.value, words(field)])));
}

// Until the fields are looked at, and so loaded, what was chosen is in their place.
function restore() {
  if (!part() || fields().length) return;
  for (const [name, value] of kept()) {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    field.setAttribute("form", "composer");
    part().append(field);
  }
}

function say() {
  const button = document.querySelector(".options-button");
  if (!button) return;
  const said = kept().map(([, , text]) => text);
  button.toggleAttribute("data-chosen", said.length > 0);
  button.querySelector(".options-said").textContent = said.join(" · ") || "Options";
}

function changed() {
  if (part()?.querySelector("select")) keep();
  restore();
  say();
  document.dispatchEvent(new CustomEvent("composer:changed"));
}

document.addEventListener("change", (event) => event.target.closest("#option-fields") && changed());
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (["option-fields", "main"].includes(ctx.target?.id) || !part()?.querySelector("[name]")) changed();
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-options-reset]")) return;
  for (const field of fields()) field.value = "";
  fields()[0].dispatchEvent(new Event("change", { bubbles: true }));
});

restore();
say();

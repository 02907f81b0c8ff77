// Commands and flags offered while they are typed: arrows choose, Enter or Tab takes, Escape sends the list away.
const box = () => document.getElementById("text");
const list = () => document.getElementById("completion");
const shown = () => [...list().children].filter((option) => !option.hidden);
const COMMAND = /^\/[a-z]*$/i;
const FLAG = /^\/[a-z]+\s.*\s(--[a-z]*)$/is;

function part() {
  const before = box().value.slice(0, box().selectionStart);
  return COMMAND.test(before) ? before : (before.match(FLAG)?.[1] ?? "");
}

function offer() {
  const typed = part().toLowerCase();
  for (const option of list().children) {
    const name = option.dataset.insert;
    option.hidden = !typed || !name.startsWith(typed) || name === typed;
  }
  list().hidden = !shown().length;
  choose(shown()[0]);
}

function choose(option) {
  for (const other of list().children) other.setAttribute("aria-selected", other === option);
  if (option) box().setAttribute("aria-activedescendant", option.id);
  else box().removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

function take(option) {
  const [at, typed] = [box().selectionStart, part()];
  box().setRangeText(`${option.dataset.insert} `, at - typed.length, at, "end");
  box().dispatchEvent(new Event("input", { bubbles: true }));
  box().focus();
}

document.addEventListener("input", (event) => event.target === box() && offer());
document.addEventListener("focusout", (event) => event.target === box() && setTimeout(() => list() && (list().hidden = true), 150));
document.addEventListener("pointerdown", (event) => {
  const option = event.target.closest("#completion [data-insert]");
  if (!option) return;
  event.preventDefault();
  take(option);
});

// Before the composer's own keys: what is taken here is not sent.
document.addEventListener(
  "keydown",
  (event) => {
    if (event.target !== box() || list().hidden || event.isComposing) return;
    const options = shown();
    const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) choose(options[(at + step + options.length) % options.length]);
    else if (event.key === "Enter" || event.key === "Tab") take(options[at]);
    else if (event.key === "Escape") list().hidden = true;
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);

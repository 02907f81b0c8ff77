// Two versions one over the other: the slider says how much of the first is seen. Without scripts they stand side by side.
const pair = document.querySelector("[data-comparison]");
const tools = document.querySelector("[data-comparison-tools]");

if (pair) {
  const [button, slider] = [tools.querySelector("[data-overlay]"), tools.querySelector("label")];
  const range = slider.querySelector("input");
  const show = () => pair.style.setProperty("--seen", `${range.value}%`);
  tools.hidden = false;
  button.addEventListener("click", () => {
    const over = pair.toggleAttribute("data-over");
    button.setAttribute("aria-pressed", over);
    slider.hidden = !over;
    if (over) range.focus();
    show();
  });
  range.addEventListener("input", show);
  pair.addEventListener("pointermove", (event) => {
    if (!pair.hasAttribute("data-over") || !event.buttons) return;
    const box = pair.getBoundingClientRect();
    range.value = (100 * (event.clientX - box.left)) / box.width;
    show();
  });
}

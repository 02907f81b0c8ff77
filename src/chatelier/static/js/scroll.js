// The talk is laid out from its end, so the newest words stay in view by themselves; this adds what that cannot do.
const talk = () => document.getElementById("talk");
const isAtEnd = () => Math.abs(talk().scrollTop) < 120;

function toEnd() {
  talk().scrollTo({ top: 0 });
}

function offer() {
  const button = document.getElementById("latest");
  if (button) button.hidden = !talk() || isAtEnd();
}

document.addEventListener("scroll", (event) => event.target === talk() && offer(), true);
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.sourceElement?.closest?.("form") && ctx.target?.id === "messages" && ctx.response?.status < 400) toEnd();
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("#latest")) return;
  event.preventDefault();
  toEnd();
});

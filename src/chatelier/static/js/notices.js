// Notices that can be sent away, and the one that no server can send: that it was not reached.
const LOST = "Connection lost: this was not sent. What you typed is kept; try again in a moment.";
const ODD = "The server gave an answer that makes no sense here. Try again in a moment.";

function notice(words) {
  const part = document.getElementById("notice-template").content.cloneNode(true);
  part.querySelector("p").textContent = words;
  document.getElementById("notice")?.replaceChildren(part);
}

document.addEventListener("htmx:error", ({ detail: { ctx } }) => ctx?.sourceElement && !ctx.response && notice(LOST));

// Our errors say where they belong; a proxy's page in between must not land in the talk.
document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  if (ctx.hx.retarget) return;
  ctx.hx.reswap = "none";
  notice(ODD);
});

document.addEventListener("composer:problem", ({ detail }) => notice(detail));

document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".notice").remove());

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-back]") || !document.referrer.startsWith(location.origin)) return;
  event.preventDefault();
  history.back();
});

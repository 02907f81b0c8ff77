// Tells those who listen instead of look what has become of the pictures and answers they were waiting for.
let waiting = new Set();

function tell() {
  const running = new Set([...document.querySelectorAll("#messages [data-running]")].map((message) => message.id));
  const over = [...waiting].find((id) => !running.has(id));
  waiting = running;
  const message = document.getElementById(over);
  if (!message) return;
  const card = message.querySelector(".generation")?.getAttribute("aria-label");
  document.getElementById("news").textContent = card ?? message.querySelector(".prose")?.textContent.slice(0, 400);
}

tell();
document.addEventListener("htmx:after:swap", tell);

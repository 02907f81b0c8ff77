// Buttons that copy: only where the browser can, which over plain http it mostly cannot.
const DONE = "Copied";

async function png(address) {
  const blob = await (await fetch(address)).blob();
  if (blob.type === "image/png") return blob;
  const bitmap = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  return canvas.convertToBlob({ type: "image/png" });
}

const WAYS = {
  copy: (id) => navigator.clipboard.writeText(document.getElementById(id).value),
  copyText: (path) => navigator.clipboard.writeText(new URL(path, location.href).href),
  copyImage: (address) => navigator.clipboard.write([new ClipboardItem({ "image/png": png(address) })]),
};

// On a button without visible words its sign changes colour, and its title says the rest.
function tell(button, words) {
  const label = button.querySelector("span");
  if (label.textContent === words) return;
  const before = [label.textContent, button.title];
  label.textContent = button.title = words;
  button.setAttribute("aria-pressed", "true");
  setTimeout(() => {
    [label.textContent, button.title] = before;
    button.removeAttribute("aria-pressed");
  }, 1500);
}

for (const button of document.querySelectorAll("[data-copy], [data-copy-text], [data-copy-image]")) {
  const [way, what] = Object.entries(button.dataset).find(([name]) => WAYS[name]);
  button.hidden = !navigator.clipboard || (way === "copyImage" && !window.ClipboardItem);
  button.addEventListener("click", async () => {
    try {
      await WAYS[way](what);
      tell(button, DONE);
    } catch {
      tell(button, "Not allowed here");
    }
  });
}

document.getElementById("new-link")?.select();

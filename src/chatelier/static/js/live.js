// Follows the open thread. One stream per page, while it is seen or something runs in it; polling while no stream
// stands; a sentence while the server cannot be reached. Why not htmx's own extension: docs/decisions/0004.
// All windows of a browser share six connections to a host: were all of them streams, nothing else would get
// through. So the first four windows have one, each with a lease that it renews when it hears something.
const STREAMS = 4;
const LEASE = 20000; // longer than the silence between two signs of life of the server
const MINE = `stream:${Date.now()}-${Math.random()}`;
const POLL = 3000;
const SILENCE = 35000; // longer than two signs of life of the server
const LOST = "Connection lost, retrying…";
const OVER = {
  401: "Your sign-in has ended. Sign in again to go on; what you typed is kept.",
  404: "This thread is no longer here. It was deleted.",
};

class Live {
  over = false;
  stands = false;
  heard = 0;
  wake = () => {};

  constructor(base, revision) {
    this.base = base;
    this.revision = revision;
    this.timer = setInterval(() => this.look(), POLL);
    this.run();
  }

  get wanted() {
    return !document.hidden || document.querySelector("#messages [data-running]") !== null;
  }

  async run() {
    let wait = 500;
    while (!this.over) {
      if (this.wanted) {
        const heard = this.heard;
        if (lease()) await this.listen().catch((error) => this.failed(error));
        this.stands = false;
        localStorage.removeItem(MINE);
        wait = heard === this.heard ? Math.min(wait * 2, 16000) : 500;
      }
      const pause = this.wanted ? wait * (0.75 + Math.random() / 2) : 2 ** 30;
      await new Promise((resolve) => {
        this.wake = resolve;
        setTimeout(resolve, pause);
      });
    }
  }

  async listen() {
    this.cut = new AbortController();
    const headers = { Accept: "text/event-stream", "Last-Event-ID": this.revision };
    const response = await fetch(`${this.base}/events`, { headers, signal: this.cut.signal, cache: "no-store" });
    if (!response.ok) return this.refused(response.status);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ""; !this.over; ) {
      const { value, done } = await reader.read();
      if (done) return;
      this.reached();
      this.stands = true;
      const events = (text + value).split("\n\n");
      text = events.pop();
      for (const event of events) await this.take(event);
      if (!this.wanted || !lease()) this.cut.abort();
    }
  }

  async take(event) {
    const said = {};
    for (const [, name, value] of event.matchAll(/^(\w+): ?(.*)$/gm)) said[name] = name in said ? `${said[name]}\n${value}` : value;
    if (said.event === "gone") return this.poll();
    await this.draw(said.data);
    this.revision = said.id ?? this.revision;
  }

  look() {
    if (this.stands && Date.now() - this.heard > SILENCE) this.cut.abort();
    if (!this.stands && this.wanted) this.poll().catch((error) => this.failed(error));
  }

  async poll() {
    const response = await fetch(`${this.base}/changes?after=${this.revision}`, { cache: "no-store" });
    if (!response.ok) return this.refused(response.status);
    this.reached();
    await this.draw(await response.text());
    this.revision = response.headers.get("Thread-Revision") ?? this.revision;
  }

  async draw(text) {
    if (text && !this.over) await htmx.swap({ text, target: "#messages", swap: "upsert", sourceElement: document.body });
  }

  reached() {
    this.heard = Date.now();
    say("");
  }

  failed(error) {
    if (error.name !== "AbortError" && !this.over) say(LOST);
  }

  refused(status) {
    if (!(status in OVER)) return;
    this.end();
    say(OVER[status]);
  }

  end() {
    this.over = true;
    clearInterval(this.timer);
    this.cut?.abort();
    localStorage.removeItem(MINE);
    this.wake();
  }
}

function lease() {
  const now = Date.now();
  localStorage.setItem(MINE, now);
  const held = Object.keys(localStorage).filter((key) => key.startsWith("stream:"));
  for (const key of held) if (now - localStorage.getItem(key) > LEASE) localStorage.removeItem(key);
  return held.sort().indexOf(MINE) < STREAMS;
}

function say(words) {
  const line = document.getElementById("connection");
  if (!line || line.textContent === words) return;
  line.textContent = words;
  line.hidden = !words;
}

let live;

function follow() {
  const place = document.querySelector("[data-live]");
  if (live?.base === place?.dataset.live) return;
  live?.end();
  live = place && new Live(place.dataset.live, place.dataset.revision);
}

follow();
document.addEventListener("htmx:after:swap", follow);
document.addEventListener("visibilitychange", () => (live?.wanted ? live.wake() : live?.cut?.abort()));
addEventListener("online", () => live?.wake());
addEventListener("offline", () => (live?.cut?.abort(), say(live && !live.over ? LOST : "")));
addEventListener("pagehide", () => live?.end());
addEventListener("pageshow", (event) => {
  if (event.persisted && live) live = new Live(live.base, live.revision);
});

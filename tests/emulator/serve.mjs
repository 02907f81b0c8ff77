// Serves the emulator on a free loopback port until standard input ends; tells its address on standard output.
// What it answers is chosen by the words it is asked with. Started in the folder that holds its package.
import { createRequire } from "node:module";

const { LLMock } = createRequire(`${process.cwd()}/`)("@copilotkit/aimock");

const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const picture = { image: { b64Json: PIXEL } };
const failing = (status, code, more = {}) => ({ error: { message: `a fault: ${code}`, type: "fault", code }, status, ...more });
const always = (rate) => ({ chaos: { [rate]: 1 } });

const mock = new LLMock({ port: 0, logLevel: "silent" });
for (const [words, answer, options] of [
  ["busy", failing(429, "rate_limit_exceeded", { retryAfter: 7 })],
  ["forbidden", failing(400, "moderation_blocked")],
  ["garbled", picture, always("malformedRate")],
  ["broken", picture, always("disconnectRate")],
  ["dropped", picture, always("dropRate")],
  ["a fox", picture],
]) {
  mock.on({ userMessage: words, endpoint: "image" }, answer, options);
}
for (const [words, answer, options] of [
  ["busy", failing(429, "rate_limit_exceeded", { retryAfter: 7 })],
  ["garbled", { content: "never" }, always("malformedRate")],
  ["broken", { content: "never" }, always("disconnectRate")],
  ["paint", { toolCalls: [{ name: "generate_image", arguments: JSON.stringify({ prompt: "a fox" }) }] }],
  ["hello", { content: "Good evening to you", usage: { prompt_tokens: 9, completion_tokens: 4 } }],
]) {
  mock.on({ userMessage: words, endpoint: "chat" }, answer, options);
}
mock.onModerate("poison", { flagged: true, categories: { violence: true } });
mock.onModerate(/.*/, { flagged: false, categories: {} });

await mock.start();
console.log(mock.url);
process.stdin.resume().on("end", () => process.exit(0));

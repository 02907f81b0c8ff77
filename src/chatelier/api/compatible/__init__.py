"""The OpenAI-compatible door: what programs that speak OpenAI's protocol ask for becomes messages, generations and
images like any other, with the same limits, prices and gallery. Protocol: the API reference of OpenAI, as of 2026."""

"""A scripted chat provider, shipped for tests and demonstrations. It answers with the words it was given.

Marks in the last message script it: ``[[slow 3]]`` seconds, ``[[hang]]``, ``[[429 2]]``, ``[[500]]``, ``[[flaky]]``,
``[[refuse]]``, ``[[bad-request]]``, ``[[unreachable]]``, ``[[dies]]`` after some words, ``[[empty]]``,
``[[long 500]]`` words, ``[[markdown http://…]]`` a rich sample with hostile parts that point at this address.
Where tools are offered: ``[[paint a fox]]``, ``[[change 2 make it night]]`` (0: no picture named), and
``[[call name arguments]]`` word for word; with ``[[only]]`` nothing is said beside them.
Asked for a document it answers ``[[document {…}]]``, without square brackets; ``[[document-slow 9]]`` seconds late.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from chatelier.providers.base import ChatDelta, ChatEvent, ChatRequest, ChatResult, ProviderError, ToolCall
from chatelier.providers.fake_script import Failures, Faults, Journal, Script, faults_of, without_marks

_SAMPLE = """\
# Colours of the evening

Some **bold**, *slanted* and `plain` words, and a [link](https://example.org/ "title").

1. first
2. second
   - deeper

| pigment | hue |
| --- | --- |
| ochre | yellow |

```python
print("<b>not bold</b>")
```

> A quoted line.

<script>fetch("{0}/script")</script>
<img src="{0}/tag.png" onerror="alert(1)">
![inline]({0}/inline.png) ![reference][far]
<link rel="prefetch" href="{0}/prefetch"><style>body{{background:url({0}/style.png)}}</style>
[a trap](javascript:alert(1)) <a href="javascript:alert(2)" onclick="alert(3)">another</a>
<iframe src="{0}/frame"></iframe><img srcset="{0}/set.png 1x"><svg onload="alert(4)"></svg>

[far]: {0}/reference.png
"""


class FakeTalker:
    """``delay`` is in seconds and comes before each word. ``journal`` as with FakePainter."""

    name = "fake"
    label = "Scripted fake (for tests)"
    default_model = "fake-talk-1"
    max_tokens: int | None = None
    image_tokens = 0

    def __init__(
        self,
        *,
        free: bool = True,
        tools: bool = False,
        note: str = "",
        script: Script | None = None,
        journal: Path | None = None,
        delay: float = 0.0,
    ) -> None:
        self.free = free
        self.tools = tools
        self.note = note
        self._script = script
        self._journal = Journal(journal)
        self._delay = delay
        self._failures = Failures()

    async def reply(self, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
        text = next((message.text for message in reversed(request.messages) if message.role == "user"), "")
        images = [image.label for message in request.messages for image in message.images]
        told = {"prompt": text, "user_ref": request.user_ref, "tools": [tool.name for tool in request.tools]}
        told |= {"images": images} if images else {}
        kind = "document" if request.schema else "chat"
        call = await asyncio.to_thread(self._journal.start, kind=kind, **told)
        outcome = "cancelled"
        try:
            async with aclosing(self._play(text, request)) as events:
                async for event in events:
                    outcome = "succeeded" if isinstance(event, ChatResult) else outcome
                    yield event
        except ProviderError as error:
            outcome = error.kind
            raise
        finally:
            self._journal.end(call, outcome)

    async def close(self) -> None:
        return None

    async def _play(self, text: str, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
        faults = faults_of(text, self._script)
        if request.schema:
            await asyncio.sleep(faults.number("document-slow", 0))
            document = faults.word("document", "{}")
            yield ChatDelta(text=document)
            yield ChatResult(model=self.default_model, request_id="fake", usage=_counted(text, document))
            return
        self._failures.refuse(faults)
        calls = _calls(faults) if request.tools else []
        words = _answer(text, faults).split(" ") if not calls or "only" not in faults else []
        pause = faults.number("slow", 3) / len(words) if "slow" in faults else self._delay
        for index, word in enumerate(words):
            if index == len(words) // 2:
                self._failures.break_off(text, faults)
                if "hang" in faults:
                    await asyncio.Event().wait()
            if pause:
                await asyncio.sleep(pause)
            if word or index:
                yield ChatDelta(text=word if index == 0 else f" {word}")
        for call in calls:
            yield call
        yield ChatResult(model=self.default_model, request_id="fake", usage=_counted(text, " ".join(words)))


def _counted(text: str, answer: str) -> dict[str, int]:
    return {"prompt_tokens": len(text.split()), "completion_tokens": len(answer.split())}


def _calls(faults: Faults) -> list[ToolCall]:
    calls = []
    if "paint" in faults:
        calls.append(ToolCall(name="generate_image", arguments=json.dumps({"prompt": faults.word("paint")})))
    if "change" in faults:
        handle, _, instruction = faults.word("change").partition(" ")
        images = [int(handle)] if int(handle) else []
        arguments = json.dumps({"instruction": instruction, "images": images})
        calls.append(ToolCall(name="edit_image", arguments=arguments))
    if "call" in faults:
        name, _, arguments = faults.word("call").partition(" ")
        calls.append(ToolCall(name=name, arguments=arguments))
    return calls


def _answer(text: str, faults: Faults) -> str:
    if "empty" in faults:
        return ""
    if "long" in faults:
        return " ".join(f"word{index}" for index in range(int(faults.number("long", 500))))
    if "markdown" in faults:
        return _SAMPLE.format(faults.word("markdown", "http://canary.invalid"))
    said = without_marks(text)
    return f"You said: {said} And that is all that a scripted fake can say about it."

"""One decision for one message: chat, a new image, or a change to one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from chatelier.domain.intent import (
    back,
    bare,
    changes,
    consent,
    context,
    contradictions,
    odds,
    pointing,
    prompts,
    references,
    requests,
    subjects,
)
from chatelier.domain.intent.commands import VARIES, Command, read_command
from chatelier.domain.intent.context import Focus
from chatelier.domain.intent.flags import Flagged, take_flags
from chatelier.domain.intent.model import MAX_INSTRUCTION, MAX_PROMPT, Answer, Decision, Intent, Turn
from chatelier.domain.intent.odds import Understood
from chatelier.domain.intent.reading import LONGEST, Reading, has_no_spaces, read_text
from chatelier.domain.intent.requests import Request
from chatelier.domain.intent.rewrite import changed
from chatelier.domain.intent.signs import Place, signs, signs_without_spaces
from chatelier.domain.intent.suggestions import bare_subject, suggestion
from chatelier.domain.intent.wishes import Scene, Wish, end_of_wish, find_wish
from chatelier.domain.intent.wording import options_in_words
from chatelier.domain.options import Options
from chatelier.errors import Invalid, NoSourceImage

FRESH = 4  # words that were not said before; fewer point at what was
UNSURE = 0.8  # a request that the grammar is no surer of may be overruled more easily
IMAGES_SEEN = 6  # images whose prompts tell what "the fox" may mean
PROMPT_SCAN = 600  # characters read of each
ONLY_HANDLES = re.compile(r"\A(?:#\d+|and|[\s,&])+\Z", re.IGNORECASE)
SHOWN = re.compile(r"\b(?:this|that|these|those)\s+\w+", re.IGNORECASE)
POINTS_BACK = re.compile(r"\b(?:davon|daraus|damit|eso|esto|ello|ça|cela|isso|disso|nisso|dele|dela)\b", re.IGNORECASE)
GENERAL = re.compile(
    r"\w+\s+(?:scene|moment|image|picture|idea|place|thing|situation|description|dream)", re.IGNORECASE
)


def decide(
    text: str, history: Sequence[Turn] = (), *, current_handle: int | None = None, forced: Intent | None = None
) -> Decision:
    """What is meant by ``text`` after ``history`` (oldest first). ``forced``: the person chose the intent by a click.

    Raises Invalid for commands and flags that cannot be understood, NoSourceImage for an edit without its image.
    """
    if forced is Intent.CHAT:
        return Decision(kind=Intent.CHAT, confidence=1.0, reason="You chose chat.")
    text = text.strip()
    thread = Thread(history, current_handle)
    command = read_command(text)
    if command and isinstance(command.intent, Answer):
        return _answered(command)
    if command:
        return thread.commanded(command, forced)
    if forced is None and back.is_step_back(text) and thread.may_step_back(text):
        return thread.stepped_back(text)
    told = take_flags(text, strict=False)
    decision = thread.chosen(told.text, forced) if forced else thread.understood(told.text, flagged=told.text != text)
    return decision if decision.kind is Intent.CHAT else thread.completed(decision, told)


class Thread:
    """The talk so far, read as far as a decision needs it."""

    def __init__(self, history: Sequence[Turn], current_handle: int | None) -> None:
        self.history = history
        self.current_handle = current_handle
        self.focus = context.focus(history)
        self.image = references.current_image(history, current_handle)

    def may_step_back(self, text: str) -> bool:
        """ "Go back" may speak of anything, unless an image is talked about or the words name one."""
        return self.image is not None and ("#" in text or context.image_is_near(self.history))

    def stepped_back(self, text: str) -> Decision:
        assert self.image is not None
        target = back.step_back(text, self.history, self.image)
        return Decision(
            kind=Intent.EDIT,
            prompt=target.text,
            target_handles=(target.handle,) if target.handle else (),
            confidence=0.9,
            reason=f"It sounds like going back to {f'#{target.handle}' if target.handle else 'an earlier image'}.",
            answer=Answer.RESTORE,
        )

    def commanded(self, command: Command, forced: Intent | None) -> Decision:
        flagged = take_flags(command.rest, strict=True)
        words = flagged.text
        kind = forced or Intent(command.intent)
        told = ONLY_HANDLES.sub("", words)
        reason = f"You used /{command.name}."
        if kind is Intent.GENERATE:
            decision = self._generate_by_command(words, command)
        else:
            decision = self._edit(read_text(words), words, variation=command.name in VARIES and not told.strip())
        decision = self.completed(decision, flagged)
        return replace(decision, confidence=1.0, reason=reason, command=command.name, suggestion="")

    def completed(self, decision: Decision, told: Flagged) -> Decision:
        """With the flags; what cannot be done as it was said is refused, now that it is known that it is no talk."""
        if told.clash:
            raise told.clash
        contradictions.check(told.text, told.options)
        if len(decision.prompt) > MAX_PROMPT:
            raise Invalid(
                f"That is too long for a prompt, which has up to {MAX_PROMPT:,} characters. Shorten it.",
                fields={"text": f"at most {MAX_PROMPT} characters"},
            )
        if decision.kind is Intent.EDIT and not decision.answer:
            references.check_named(read_text(told.text).sentences, self.history)
        return replace(decision, options=decision.options.merged(told.options))

    def chosen(self, words: str, forced: Intent) -> Decision:
        """The intent is given; the best prompt for it."""
        reading = read_text(words)
        wish = find_wish(reading, self._scene())
        if forced is Intent.EDIT:
            start = wish.change.start if wish and wish.change else 0
            varies = bool(wish and wish.change and wish.change.variation)
            decision = self._edit(reading, words[start:], variation=varies)
            return replace(decision, confidence=1.0, reason="You chose to change an image.")
        read = self._generate(reading, wish) if wish and wish.request else None
        decision = read or self._generated(prompts.tidy(words) or words.strip(), words)
        return replace(decision, confidence=1.0, reason="You chose a new image.", suggestion="")

    def understood(self, words: str, *, flagged: bool) -> Decision:
        """The intent is read from plain words: the grammar's answer, unless the odds are clearly against it."""
        if len(words) > LONGEST or "```" in words:
            return Decision(kind=Intent.CHAT, confidence=0.95, reason="It is long, so I read it as talk.")
        reading = read_text(words)
        if flagged and not reading.sentences and self.image and self.place().near:
            return self._edit(reading, words, variation=True)  # "--ar 1:1", under an image
        agreed = self._agreed(words)
        if agreed:
            return agreed
        decision = self._without_spaces(words) if has_no_spaces(words) else self._read(reading, words, flagged)
        understood = self._understood(reading, decision)
        decision = self._pointed(decision, reading)
        meant, likely = odds.likely(signs_of(words, self, reading), decision.kind, understood=understood)
        if meant is not decision.kind:
            decision = self._meant(reading, meant) or decision
        return replace(decision, confidence=round(min(likely, decision.confidence), 2))

    def _pointed(self, decision: Decision, reading: Reading) -> Decision:
        if decision.kind is not Intent.GENERATE or self.focus is not Focus.TEXT:
            return decision
        prompt = pointing.completed(decision.prompt, reading.text, self.history)
        return replace(decision, prompt=prompt, subject=prompts.subject(prompt))

    def _agreed(self, words: str) -> Decision | None:
        """A yes to an offer of a picture, or of a change to the one just shown."""
        proposed = consent.proposed(words, self.history)
        if proposed:
            return self._generated(proposed, words, reason="You said yes to a picture.")
        if not consent.consents(words, self.history):
            return None
        if consent.follows_an_image(self.history):
            change = consent.offered_change(self.history)
            return self._edit(read_text(change), change, variation=False) if change else None
        said = context.antecedent(self.history) if consent.offers_a_picture(self.history) else ""
        return self._generated(said, words, reason="You said yes to a picture.") if said else None

    def _understood(self, reading: Reading, decision: Decision) -> Understood:
        """How well the grammar did: talk when a verb of talk says so, or a question is answered."""
        first = reading.sentences[0] if reading.sentences else None
        if first is None:
            return Understood.BARELY
        if decision.kind is Intent.CHAT:
            if context.is_reaction(reading.sentences):
                return Understood.BEYOND_DOUBT
            if self.focus is not Focus.IMAGE and context.is_asked(self.history) and bare.is_prompt(reading):
                return Understood.BEYOND_DOUBT
            return Understood.WELL if requests.is_talk(first) else Understood.BARELY
        if decision.kind is Intent.EDIT:
            return Understood.BEYOND_DOUBT if changes.names_the_image(first) else Understood.WELL
        return Understood.WELL if decision.confidence > UNSURE else Understood.BARELY

    def _meant(self, reading: Reading, meant: Intent) -> Decision | None:
        """What the odds say against the grammar; None when it cannot be done."""
        if meant is Intent.CHAT:
            return self._chat(reading)
        if meant is Intent.EDIT:
            meant_here = self.place().near or any(re.search("[n#]", part.marks) for part in reading.sentences)
            return self._edit(reading, reading.text, variation=False) if self.image and meant_here else None
        described = self._loosely_described(reading)
        return self._generated(described, reading.text) if described else None

    def _read(self, reading: Reading, words: str, flagged: bool) -> Decision:
        """What the grammar reads."""
        if self.image is not None and references.POINTED.match(words) and context.image_is_near(self.history):
            return self._edit(reading, words, variation=False)
        wish = find_wish(reading, self._scene())
        decision = None
        if wish and wish.change:
            told = subjects.instruction(words, wish.change.start)
            decision = self._edit(reading, told, variation=wish.change.variation)
        elif wish:
            decision = self._generate(reading, wish)
        elif context.invites(self.history) or self._describes(reading, flagged):
            decision = self._bare(reading, words)
        return decision or self._chat(reading)

    def place(self) -> Place:
        near = self.image is not None and context.image_is_near(self.history)
        focus = self.focus.value if self.image is None or self.focus is Focus.IMAGE else f"text, image {near:d}"
        return Place(f"{focus}{', invited' if context.invites(self.history) else ''}", near, self._scene().seen)

    def _loosely_described(self, reading: Reading) -> str:
        """The subject of a request that the grammar could not take apart: all that was said, and what it points at."""
        described = prompts.unwrapped(reading.text)
        words = [token.word for sentence in reading.sentences for token in sentence.tokens if token.mark in "xvKJNOT"]
        if self.focus is not Focus.TEXT:
            return described if words or has_no_spaces(reading.text) else ""
        position = references.position(reading.sentences) or pointing.position(reading.text)
        item = context.listed(self.history, position) if position else ""
        fresh = [word for word in words if not context.mentioned(self.history, [word])]
        points = len(fresh) < FRESH or any("o" in sentence.marks for sentence in reading.sentences)
        points = points or bool(POINTS_BACK.search(reading.text))
        said = item or (context.antecedent(self.history) if points else "")
        return said if said and len(fresh) < 2 else ", ".join(filter(None, (described, said)))

    def _describes(self, reading: Reading, flagged: bool) -> bool:
        """A bare prompt. After a text it is an answer, or more of the text, unless pictures are talked about."""
        heard = self.focus is not Focus.TEXT or bool(context.carried_style(self.history))
        return heard and not context.is_asked(self.history) and bare.is_prompt(reading, flagged=flagged)

    def _bare(self, reading: Reading, words: str) -> Decision | None:
        described = prompts.tidy(bare_subject(reading))
        if not described:
            return None
        style = context.carried_style(self.history) if self.focus is Focus.TEXT else ""
        described = f"{described}, {style} style" if style and style.lower() not in described.lower() else described
        return self._generated(described, words, reason="You described a picture.")

    def _without_spaces(self, words: str) -> Decision:
        """Chinese and Japanese."""
        from chatelier.domain.intent import cjk  # its patterns cost a fifth of the start, and few need them

        meant = cjk.meaning(words, image_in_focus=self.focus is Focus.IMAGE)
        if meant is None:
            named = context.invites(self.history) and not re.search("[?？]", words)
            return self._generated(prompts.tidy(words), words) if named else self._chat(read_text(words))
        if meant.kind is Intent.EDIT:
            return self._edit(read_text(words), meant.instruction, variation=meant.variation)
        subject = meant.subject or context.antecedent(self.history)
        return self._generated(prompts.tidy(subject), words) if subject else self._chat(read_text(words))

    def _chat(self, reading: Reading) -> Decision:
        offer = suggestion(reading)
        return Decision(
            kind=Intent.CHAT,
            confidence=0.6 if offer else 0.9,
            reason="It could also be a picture." if offer else "It reads as talk.",
            suggestion=offer,
        )

    def _scene(self) -> Scene:
        last = self.history[-1].text if self.history and self.history[-1].kind == "text" else ""
        prompts_here = [turn.text[:PROMPT_SCAN] for turn in references.images(self.history)[-IMAGES_SEEN:]]
        return Scene(
            image_in_focus=self.focus is Focus.IMAGE,
            image_near=self.image is not None and context.image_is_near(self.history),
            images=self.image is not None,
            seen=references.word_forms(" ".join(prompts_here)),
            fresh=references.word_forms(last[:PROMPT_SCAN]) if self.image else frozenset(),
        )

    def _generate(self, reading: Reading, wish: Wish) -> Decision | None:
        request = wish.request
        assert request is not None
        if request.weak and not context.about_pictures(self.history):
            return None
        if request.known and not context.mentioned(self.history, subjects.name(reading, request)):
            return None
        described = self._described(reading, wish)
        if not described:
            return None
        reason = "You asked for a picture."
        if request.pointing:
            reason = "You asked to see what we talked about."
        decision = self._generated(described, reading.text, reason=reason)
        options = decision.options.merged(Options(n=request.count)) if request.count else decision.options
        return replace(
            decision, confidence=min(request.sure, 0.8) if request.pointing else request.sure, options=options
        )

    def _described(self, reading: Reading, wish: Wish) -> str:
        """The subject in the person's own words, or what they point at."""
        request = wish.request
        assert request is not None
        if request.start is not None:
            end = request.end or end_of_wish(reading, wish.index, request.start)
            return self._with_antecedent(reading, wish, request, prompts.tidy(reading.text[request.start : end]))
        following = subjects.after_colon(reading, wish)
        subject = following or self._pointed_at(reading, wish)
        if not subject or following:
            return subject
        extra = reading.text[request.extra : end_of_wish(reading, wish.index, request.extra)] if request.extra else ""
        return ", ".join(filter(None, (subject, prompts.tidy(request.art), prompts.tidy(extra))))

    def _pointed_at(self, reading: Reading, wish: Wish) -> str:
        position = references.position(reading.sentences)
        names = references.nouns(reading.sentences)
        item = context.listed(self.history, position) if position else context.listed_with(self.history, names)
        return item or subjects.earlier(wish.before) or context.antecedent(self.history, names)

    def _with_antecedent(self, reading: Reading, wish: Wish, request: Request, described: str) -> str:
        """ "my character" needs what was said about it; a style spoken of earlier carries on."""
        names = references.nouns(reading.sentences) or subjects.name(reading, request)
        shown = SHOWN.search(described)
        said = subjects.earlier(wish.before) if shown else ""
        if not said and self.focus is Focus.TEXT and (shown or context.mentioned(self.history, names)):
            said = context.antecedent(self.history, names)
        if said:
            return said if shown and GENERAL.fullmatch(described) else f"{described}, {said}"
        style = context.carried_style(self.history) if self.focus is not Focus.IMAGE else ""
        return f"{described}, {style} style" if style and style.lower() not in described.lower() else described

    def _generated(self, prompt: str, words: str, *, reason: str = "You asked for a picture.") -> Decision:
        if not prompt.strip():
            raise Invalid(
                "Say what the picture should show, as in /imagine a fox in the snow.", fields={"text": "empty"}
            )
        return Decision(
            kind=Intent.GENERATE,
            prompt=prompt,
            subject=prompts.subject(prompt),
            options=options_in_words(words),
            confidence=0.95,
            reason=reason,
        )

    def _generate_by_command(self, words: str, command: Command) -> Decision:
        prompt = " ".join(words.split())
        if not prompt:
            prompt = context.antecedent(self.history)
        if not prompt:
            raise Invalid(
                f"Say what to paint after /{command.name}, for example: /{command.name} a fox in the snow",
                fields={"text": "empty"},
            )
        return self._generated(prompt, words)

    def _edit(self, reading: Reading, instruction: str, *, variation: bool) -> Decision:
        target = references.find_target(reading.sentences, self.history, self.current_handle)
        told = (
            ""
            if variation
            else prompts.tidy(references.without_reference(instruction[:MAX_INSTRUCTION], named=target.named))
        )
        variation = variation or not told
        prompt = target.prompt if variation else changed(target.prompt, told)
        return Decision(
            kind=Intent.EDIT,
            prompt=prompt,
            instruction=told,
            target_handles=target.handles,
            variation=variation,
            subject=prompts.subject(target.prompt or told),
            options=options_in_words(instruction),
            confidence=0.9 if target.named or self.focus is Focus.IMAGE else 0.75,
            reason=_edit_reason(target, variation),
        )


def signs_of(text: str, thread: Thread, reading: Reading | None = None) -> set[str]:
    """The signs of odds.py in a message to ``thread``."""
    if has_no_spaces(text):
        return signs_without_spaces(text, thread.place())
    return signs(reading or read_text(text), thread.place())


def _answered(command: Command) -> Decision:
    reason = f"You used /{command.name}."
    return Decision(
        kind=Intent.CHAT, confidence=1.0, reason=reason, command=command.name, answer=Answer(command.intent)
    )


def _edit_reason(target: references.Target, variation: bool) -> str:
    names = " and ".join(f"#{handle}" for handle in target.handles) or "the last image"
    return f"It sounds like another version of {names}." if variation else f"It sounds like a change to {names}."


__all__ = ["NoSourceImage", "decide"]

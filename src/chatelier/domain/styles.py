"""Styles that a message did not ask for itself: spoken of earlier in the talk, or the person's usual one. They are
told, and can be left out with one click."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chatelier.domain.history import Talk
from chatelier.domain.intent import Decision, prompts
from chatelier.domain.intent.context import STYLE_NOUNS, carried_style
from chatelier.domain.intent.english import ENGLISH
from chatelier.domain.intent.tokens import tokens
from chatelier.domain.options import Options

STYLE = "y"  # the mark of a word that names one


@dataclass(frozen=True)
class Styled:
    """``carried`` is the style, '' when there is none; ``is_usual``: it is the person's usual one."""

    decision: Decision
    options: Options
    carried: str = ""
    is_usual: bool = False


def carry(decision: Decision, options: Options, said: Options, talk: Talk, text: str, *, leave: bool) -> Styled:
    """A new picture with the style that it carries and a reason that says so, or without it. ``options`` are what was
    ``said``, and where that names no style the person's usual one."""
    decision = _bare(decision, carried_style(talk.turns), text)
    if leave:
        return Styled(decision, replace(options, style=said.style))
    spoken = _spoken(talk)
    if spoken and decision.command is None and said.style is None and not _names_style(decision, text):
        return Styled(_because(_with(decision, spoken), f"in {spoken} style, as you said earlier"), options, spoken)
    if options.style and said.style is None:
        usual = options.style
        return Styled(_because(decision, f"in your usual style, {usual}"), options, usual, is_usual=True)
    return Styled(decision, options)


def _spoken(talk: Talk) -> str:
    """What was said last holds; what a picture carried before goes on."""
    return carried_style(talk.turns[talk.fresh_from :]) or talk.style


def _names_style(decision: Decision, text: str) -> bool:
    found = (token for part in (text, decision.prompt) for token in tokens(part, ENGLISH))
    return any(token.mark == STYLE or token.word in STYLE_NOUNS for token in found)


def _bare(decision: Decision, style: str, text: str) -> Decision:
    """Without the style that the reading of the talk added."""
    ending = f", {style} style"
    if not style or not decision.prompt.endswith(ending) or style.lower() in text.lower():
        return decision
    prompt = decision.prompt.removesuffix(ending)
    return replace(decision, prompt=prompt, subject=prompts.subject(prompt))


def _with(decision: Decision, style: str) -> Decision:
    return replace(decision, prompt=f"{decision.prompt}, {style} style")


def _because(decision: Decision, more: str) -> Decision:
    return replace(decision, reason=f"{decision.reason.rstrip('.')}, {more}.")

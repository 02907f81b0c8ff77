"""What mails say: pure. The first paragraph is also the notice in the page where no mail can be sent."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Letter:
    """``subject`` is one line."""

    subject: str
    text: str


TEST = Letter(
    subject="A test mail from Chatelier",
    text="Mail works: this was sent because an admin asked for a test.\n\nNothing needs to be done.",
)
TEST_ALERT = Letter(
    subject="A test alert from Chatelier",
    text="Alerts arrive here: this was sent because an admin asked for a test.",
)


def upgrade_asked(email: str, plan: str, note: str) -> Letter:
    said = f"\n\nThey wrote:\n\n{quoted(note)}" if note else ""
    return Letter(
        subject=f"{email} asks for {plan}",
        text=f"{email} asks for the plan {plan}. Approve or decline it under People and plans.{said}",
    )


def upgrade_answered(plan: str, *, approved: bool) -> Letter:
    if approved:
        return Letter(
            subject=f"You are on {plan} now",
            text=f"Your wish for the plan {plan} was approved. Its limits hold from now on.",
        )
    return Letter(
        subject=f"Your wish for {plan} was declined",
        text=f"Your wish for the plan {plan} was declined. Your plan stays as it is.",
    )


def quoted(words: str) -> str:
    """Somebody's own words, so that nobody takes them for the house's."""
    return "\n".join(f"> {line}" for line in words.splitlines())

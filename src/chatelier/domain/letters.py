"""What mails say: pure. The first paragraph is also the notice in the page where no mail can be sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chatelier.domain.quotas import words
from chatelier.domain.quotas.limits import NAMES
from chatelier.domain.quotas.report import Shown
from chatelier.domain.quotas.standing import Standing
from chatelier.domain.spending import Reached

_PERIODS = {
    ("day", False): "today",
    ("day", True): "yesterday",
    ("month", False): "this month",
    ("month", True): "last month",
}


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


def warning(one: Shown, level: int, standing: Standing) -> Letter:
    """``level`` 100: another request like the last would be refused."""
    used, limit = (words.amount(one.name, number) for number in (one.used, one.limit))
    span = words.SPANS.get(NAMES[one.name].span, "")
    if one.name == "storage_bytes":
        state = "full" if level == 100 else "nearly full"
        text = f"Your storage is {state}: pictures take {used} of {limit}, the trash included."
        return Letter(subject=f"Your storage is {state}", text=f"{text}\n\nDelete pictures you do not need.")
    of_them = f"{words.amount(one.name, one.used, short=True)} of {limit}"
    text = f"You have used {of_them} {span}."
    if level == 100 and one.used < one.limit:
        text += " What is left is not enough for another like the last."
    if one.resets_at is not None:
        where = " UTC" if standing.time_zone == "UTC" else ""
        text += f" More comes back {words.moment(one.resets_at, standing.now, standing.time_zone)}{where}."
    more = "Pictures by the built-in illustrator and talk with a free model go on." if one.unit == "micros" else ""
    rest = f"Your plan is {standing.label}. What is left of it stands on your account page. {more}".strip()
    subject = f"You have used up {limit} {span}" if one.used >= one.limit else f"You have used {of_them} {span}"
    return Letter(subject=subject, text=f"{text}\n\n{rest}")


def spending(one: Reached) -> Letter:
    """To admins: what all together spent has reached a threshold."""
    spent, threshold = (words.amount("money_per_month", micros) for micros in (one.spent, one.micros))
    span = _PERIODS[one.span, one.is_over]
    text = f"All people together have spent {spent} {span}, which reaches the threshold of {threshold}."
    rest = "Nothing is stopped by it."
    if one.is_over:
        rest = "It was asked for in that time and settled after its end. Nothing is stopped by it any more."
    elif one.stops:
        text += f" Engines that cost something are paused until {one.ends:%-d %B at %H:%M} UTC."
        rest = "Free engines and talk with a free model go on. An admin can lift the pause under Mail and alerts."
    return Letter(subject=f"Spending has reached {threshold} {span}", text=f"{text}\n\n{rest}")


def drift(findings: Sequence[str]) -> Letter:
    """To admins: the nightly comparison of everything that counts money and limits."""
    found = "\n".join(f"- {finding}" for finding in findings)
    text = "The books of this Chatelier do not agree: money and limits are counted differently in different places."
    rest = "Either somebody wrote into the database, or it is a fault of Chatelier's: please report it."
    return Letter(subject="The books do not agree", text=f"{text}\n\n{found}\n\n{rest}")


def quoted(words: str) -> str:
    """Somebody's own words, so that nobody takes them for Chatelier's."""
    return "\n".join(f"> {line}" for line in words.splitlines())

"""What a message means: chat, a new image, or a change to one; and the prompt for it. Pure: no IO, no clock."""

from chatelier.domain.intent.decide import decide
from chatelier.domain.intent.model import Answer, Decision, Intent, Turn

__all__ = ["Answer", "Decision", "Intent", "Turn", "decide"]

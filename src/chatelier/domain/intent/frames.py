"""What people say before the wish itself: "can you", "I would like", "let me see", "how about"."""

from __future__ import annotations

import re

# All patterns are over marks; see lexicon.py.
LEAD = re.compile(r"(?:[!,.\-:;c&/?)(]|q(?=CY|@|[DMBG]m?[at])|e(?=[,!])|R(?=,))*")
VERB_FOLLOWS = re.compile(
    r"""(?:CY)?@2?                             # let's, could you help me
      | C[YI]?b\+42?Y?2 | Co?b\+(?:4Y)?2       # would it be possible for you to
      | CY(?:b|h)?\+?(?:k2|2)? | bY\+2         # can you, are you able to
      | bo?\+(?:4Y)?2                          # is it possible to
      | (?:I?C?L|IC?U)t?4?Y(?:2|(?=[DMBGEZ]))  # I want you to, I want that you draw
      | qYC | 2(?=[DMBGZ]) | Y(?=E)             # if you could; please to make; please you remove
      | dY~(?:YC)? | I?~YC | I[bh]*~q?YC       # do you think you could, I was wondering if you could
      | ob\+(?:4Y)?2                         # it is possible to
      | oC?b[!J+x]qYC | [!Jx]qYC               # it would be great if you could
      | (?:bh?)?\^YC                           # any chance you could
      | QXY | I[x~]YC | YH | HY | IH(?=E)      # why don't you, I bet you can't, we should add
      | CI(?=[DMVE]) | Tbo2""",
    re.VERBOSE,
)
THING_FOLLOWS = re.compile(
    r"""(?:I?C?L|IC?U|[tpa][vx]L)(?:2[hg]|h)?  # I would like, my son wants to have
      | CIL4? | CI[hg] | \^m[hg] | @[hg] | I?b?L4?               # can I get, let me have
      | (?:bo)?\+2[hg] | Cobp?\+2[hg]          # is it possible to get
      | oC?b[!Jx]2[hgs]                        # it would be nice to have
      | (?:bh?)?a?\^[f4]                       # any chance of
      | dY[hg] | hY | xmw                      # do you have, surprise me with""",
    re.VERBOSE,
)
SIGHT_FOLLOWS = re.compile(r"(?:I?C?L|IC?U|[tpa][vx]L)2?s | CIs | \^ms | @s | (?:bo)?\+2s | Cob\+2s", re.VERBOSE)
EITHER_FOLLOWS = re.compile(r"(?:@|CI|CY)?\* | CY\+ | dY\+", re.VERBOSE)
FRAMES = (
    (EITHER_FOLLOWS, "either"),
    (SIGHT_FOLLOWS, "sight"),
    (THING_FOLLOWS, "thing"),
    (VERB_FOLLOWS, "verb"),
)


def lead(marks: str) -> int:
    """How many tokens greet, react or join before the sentence proper begins."""
    found = LEAD.match(marks)
    return found.end() if found else 0


def frame(marks: str, at: int) -> tuple[str, int]:
    """What the opening words lead one to expect (verb, thing, sight, either or ''), and where that begins."""
    best, kind = at, ""
    for pattern, expects in FRAMES:
        found = pattern.match(marks, at)
        if found and found.end() > best:
            best, kind = found.end(), expects
    return kind, best

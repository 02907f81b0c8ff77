"""Posts one alert: the document comes on standard input, the exit code is the answer. The only apprise user, in a
process that loads nothing else of ours."""

from __future__ import annotations

import json
import logging
import sys

SECONDS = 60.0  # after which this process is ended
TAKEN, REFUSED, UNUSABLE = 0, 3, 4  # how it ends by itself


def main() -> int:
    import apprise

    document = json.loads(sys.stdin.buffer.read())
    logging.disable()
    address = apprise.Apprise.instantiate(document["url"], asset=apprise.AppriseAsset(app_id="Chatelier"))
    if not isinstance(address, apprise.NotifyBase):
        return UNUSABLE
    # An answer that is late might still have been a yes: the deadline ends this process first, and nothing is posted
    # again. What apprise itself calls failed was refused, or nobody was there.
    address.socket_read_timeout = 2 * SECONDS
    taken = address.notify(body=document["text"], title=document["subject"], notify_type=apprise.NotifyType.WARNING)
    return TAKEN if taken else REFUSED


if __name__ == "__main__":
    sys.exit(main())

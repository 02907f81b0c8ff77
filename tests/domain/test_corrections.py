"""What was read wrongly is read anew, with all that came with the words."""

from __future__ import annotations

import pytest

from chatelier.db.models import Generation, Message, Thread, User
from chatelier.domain.images import find_image
from chatelier.domain.messages import Posted, correct_message, corrected, find_message
from chatelier.domain.options import Options
from chatelier.domain.trash import trash_images
from chatelier.services import Services
from tests.people import People

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ada(people: People) -> User:
    return await people.user("Ada")


@pytest.fixture
async def thread(people: People, ada: User) -> Thread:
    return await people.thread(ada)


async def again(services: Services, ada: User, asked: Message, intent: str) -> Posted:
    """One click below the message."""
    async with services.transaction() as db:
        asked = await find_message(db, ada, asked.id)
        draft = await corrected(db, ada, asked, intent)
        *_, message, reply = await correct_message(db, services.providers, ada, asked, draft)
    return Posted(message=message, reply=reply)


def generation(posted: Posted) -> Generation:
    assert posted.reply.generation is not None
    return posted.reply.generation


async def test_options_flags_and_pictures_go_along_from_one_reading_to_the_next(
    services: Services, people: People, worker: None, ada: User, thread: Thread
) -> None:
    (fox,) = (await people.finished(ada, await people.says(ada, thread, "draw a fox"))).images
    elsewhere = await people.thread(ada)
    said = {"options": Options(n=2), "source_image_ids": (fox.id,), "personal": True}
    posted = await people.says(ada, elsewhere, "make it night --seed 7", **said)
    assert generation(posted).source_image_ids == [str(fox.id)]
    new = await again(services, ada, posted.message, "generate")
    assert (generation(new).kind, generation(new).source_image_ids) == ("generate", [])
    assert generation(new).options == {"n": 2, "seed": 7}
    talk = await again(services, ada, new.message, "chat")
    assert talk.reply.generation is None
    back = await again(services, ada, talk.message, "edit")
    assert generation(back).options == {"n": 2, "seed": 7}
    assert generation(back).source_image_ids == [str(fox.id)]
    await people.finished(ada, back)
    async with services.transaction() as db:
        await trash_images(db, [await find_image(db, ada, fox.id)])
    assert generation(await again(services, ada, back.message, "generate")).options["n"] == 2  # what is gone stays away


async def test_edit_instead_changes_what_was_there_when_it_was_said(
    services: Services, people: People, worker: None, ada: User, thread: Thread
) -> None:
    first = await people.says(ada, thread, "draw a fox")
    assert "could_edit" not in (first.message.decision or {})
    (fox,) = (await people.finished(ada, first)).images
    posted = await people.says(ada, thread, "draw a fox with a red hat")
    assert (generation(posted).kind, (posted.message.decision or {})["could_edit"]) == ("generate", True)
    await people.finished(ada, posted)  # too late: the wrong one is the current image now
    edit = await again(services, ada, posted.message, "edit")
    assert (generation(edit).kind, generation(edit).source_image_ids) == ("edit", [str(fox.id)])

"""Talk leads to the right image: which one is meant, and what is asked when it is not there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatelier.db.models import Thread, User
from chatelier.domain.images import find_handles
from chatelier.domain.messages import Posted
from chatelier.errors import Invalid, NoSourceImage
from chatelier.providers.fake import FakePainter
from chatelier.services import Services
from tests.people import People

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ada(people: People) -> User:
    return await people.user("Ada")


@pytest.fixture
async def thread(people: People, ada: User, worker: None) -> Thread:
    """With a barn (#1) and a ship (#2), the current one."""
    thread = await people.thread(ada)
    for subject in ("a small barn", "a tall ship"):
        await people.finished(ada, await people.says(ada, thread, f"/imagine {subject}"))
    return thread


def asked_for(posted: Posted) -> tuple[str, list[int]]:
    """The prompt, and the images it starts from."""
    generation = posted.reply.generation
    assert generation is not None
    return generation.prompt, (posted.message.decision or {})["target_handles"]


@pytest.mark.parametrize(
    ("text", "prompt", "handles"),
    [
        ("bring back the first one but at night", "a small barn, at night", [1]),
        ("make it night", "a tall ship, night", [2]),
        ("the barn one, in winter", "a small barn, in winter", [1]),
        ("make #1 darker", "a small barn, darker", [1]),
        ("both of them but blue", "a tall ship, blue", [1, 2]),
        ("the one before that, in red", "a small barn, in red", [1]),
    ],
)
async def test_words_point_at_an_image(
    people: People, ada: User, thread: Thread, text: str, prompt: str, handles: list[int]
) -> None:
    found, targets = asked_for(await people.says(ada, thread, text))
    assert targets == handles
    subject, change = prompt.split(", ")
    assert found.startswith(subject)
    assert change.split()[-1] in found


async def test_the_picture_that_comes_of_it_is_a_version_of_the_one_meant(
    services: Services, people: People, ada: User, thread: Thread
) -> None:
    posted = await people.says(ada, thread, "bring back the first one but at night")
    changed = await people.finished(ada, posted)
    async with services.transaction() as db:
        current = (await db.get_one(Thread, thread.id)).current_image_id
        barn = (await find_handles(db, ada, thread, [1]))[1]
    assert current == changed.images[0].id
    assert changed.source_image_ids == [str(barn.id)]


async def test_an_image_that_is_not_there_is_asked_for(people: People, ada: User, thread: Thread) -> None:
    with pytest.raises(NoSourceImage, match=r"There is no image #9 in this thread. There are #1 and #2: which one"):
        await people.says(ada, thread, "make #9 darker")


async def test_what_was_pointed_at_is_what_it_means(
    people: People, ada: User, thread: Thread, services: Services
) -> None:
    async with services.transaction() as db:
        barn = (await find_handles(db, ada, thread, [1]))[1]
    assert asked_for(await people.says(ada, thread, "make it night", source_image_ids=(barn.id,))) == (
        "a small barn, night",
        [1],
    )
    _, together = asked_for(await people.says(ada, thread, "put it beside #2", source_image_ids=(barn.id,)))
    assert together == [1, 2]


async def test_more_pictures_than_the_engine_can_look_at_are_refused_with_a_sentence(
    services: Services, people: People, ada: User, thread: Thread
) -> None:
    async with services.transaction() as db:
        both = tuple(image.id for image in (await find_handles(db, ada, thread, [1, 2])).values())
    with pytest.raises(Invalid, match="works from one picture at a time, not 2"):  # a program named them
        await people.says(ada, thread, "make them blue --provider illustrator", source_image_ids=both)


async def test_an_engine_for_one_picture_takes_one_of_both_and_says_which(
    services: Services, people: People, ada: User, thread: Thread
) -> None:
    painter = services.providers.image("fake")
    assert isinstance(painter, FakePainter)
    painter.capabilities = replace(painter.capabilities, max_sources=1)
    said = await people.says(ada, thread, "both of them but blue")
    assert asked_for(said) == ("a tall ship, blue", [2])
    reason = "works from one picture at a time: it took #2. For #1, ask once more."
    assert (said.message.decision or {})["reason"].endswith(reason)
    said = await people.says(ada, thread, "put #1 and #2 together in one picture")
    assert asked_for(said) == ("a tall ship, together with a small barn", [2])
    assert said.reply.generation
    assert said.reply.generation.instruction.endswith(", and add a small barn")
    painter.capabilities = replace(painter.capabilities, edit=False)
    said = await people.says(ada, thread, "#1 and #2 but blue")
    assert asked_for(said) == ("a tall ship, blue, together with a small barn", [2])
    await people.finished(ada, said)

"""Ada's pictures know what they came from; she goes back, branches and compares."""

from __future__ import annotations

import pytest

from chatelier.db.models import Generation, Image, Thread, User
from chatelier.domain.images import find_image
from chatelier.domain.messages import list_messages
from chatelier.domain.threads import find_thread
from chatelier.domain.trash import trash_images
from chatelier.domain.versions import differences, find_family, find_lines, make_current
from chatelier.errors import NotFound
from chatelier.services import Services
from tests.people import People


async def paints(people: People, ada: User, thread: Thread, *texts: str) -> list[Image]:
    """The first image of each request, one after the other."""
    images = []
    for text in texts:
        generation = await people.finished(ada, await people.says(ada, thread, text))
        assert generation.status == "succeeded", (text, generation.error)
        images.append(generation.images[0])
    return images


async def adas_barn(people: People) -> tuple[User, Thread, list[Image]]:
    """#1 became #2, #2 became #3, and #1 became #4."""
    ada = await people.user("Ada")
    thread = await people.thread(ada)
    asked = ("/imagine a barn --seed 7", "make it night", "add a red tractor", "make #1 blue")
    return ada, thread, await paints(people, ada, thread, *asked)


async def test_a_family_is_the_same_seen_from_each_of_its_images(
    services: Services, people: People, worker: None
) -> None:
    ada, _, images = await adas_barn(people)
    for image in images:
        async with services.transaction() as db:
            root = await find_family(db, ada, image)
        assert [(v.image.handle, v.parent and v.parent.image.handle) for v in root.walk()] == [
            (1, None),
            (2, 1),
            (3, 2),
            (4, 1),
        ]
        assert image.id in {version.image.id for version in root.walk()}
    (shown,) = (version for version in root.walk() if version.image.id == images[-1].id)
    assert [version.image.handle for version in shown.line()] == [1, 4]
    assert shown.generation is not None
    assert (shown.generation.kind, shown.generation.seed) == ("edit", 7)


async def test_a_version_in_the_trash_keeps_its_place(services: Services, people: People, worker: None) -> None:
    ada, _, images = await adas_barn(people)
    async with services.transaction() as db:
        await trash_images(db, [await find_image(db, ada, images[1].id)])
    async with services.transaction() as db:
        root = await find_family(db, ada, images[2])
    assert [(version.image.handle, version.gone) for version in root.walk()] == [
        (1, False),
        (2, True),
        (3, False),
        (4, False),
    ]


async def test_a_change_in_another_thread_belongs_to_the_family(
    services: Services, people: People, worker: None
) -> None:
    ada = await people.user("Ada")
    first, second = await people.thread(ada), await people.thread(ada)
    (barn,) = await paints(people, ada, first, "/imagine a barn")
    posted = await people.says(ada, second, "make it night", source_image_ids=(barn.id,))
    night = (await people.finished(ada, posted)).images[0]
    async with services.transaction() as db:
        root = await find_family(db, ada, night)
    assert [version.image.id for version in root.walk()] == [barn.id, night.id]
    assert night.thread_id == second.id


async def test_ben_is_not_in_adas_family(services: Services, people: People, worker: None) -> None:
    _, _, images = await adas_barn(people)
    ben = await people.user("Ben")
    async with services.transaction() as db:
        with pytest.raises(NotFound):
            await make_current(db, ben, images[0])


async def test_going_back_in_talk_moves_the_current_image_and_paints_nothing(
    services: Services, people: People, worker: None
) -> None:
    ada, thread, images = await adas_barn(people)
    posted = await people.says(ada, thread, "go back")
    assert posted.reply.generation is None
    assert posted.reply.status == "complete"
    assert posted.reply.text == "Back to #1. What you ask for next starts from it."
    assert (posted.message.decision or {})["kind"] == "chat"
    changed = await people.finished(ada, await people.says(ada, thread, "make it red"))
    assert changed.source_image_ids == [str(images[0].id)]
    again = await people.says(ada, thread, "restore #3")
    assert "Back to #3" in again.reply.text
    once_more = await people.says(ada, thread, "restore #3")
    assert "current image already" in once_more.reply.text


async def test_cards_of_both_images_are_drawn_again(services: Services, people: People, worker: None) -> None:
    ada, thread, images = await adas_barn(people)
    async with services.transaction() as db:
        before = (await find_thread(db, ada, thread.id)).revision
        await make_current(db, ada, await find_image(db, ada, images[1].id))
    async with services.transaction() as db:
        assert (await find_thread(db, ada, thread.id)).current_image_id == images[1].id
        revisions = [(await db.get_one(Generation, image.generation_id)).revision for image in images]
    assert [revision > before for revision in revisions] == [False, True, False, True]


async def test_the_lines_of_a_thread_are_found_at_once(services: Services, people: People, worker: None) -> None:
    ada, thread, images = await adas_barn(people)
    async with services.transaction() as db:
        messages = await list_messages(db, thread)
        found = [message.generation for message in messages if message.generation]
        lines = await find_lines(db, await find_thread(db, ada, thread.id), found)
    handles = {line[-1].handle: [image.handle for image in line] for line in lines.values()}
    assert handles == {2: [1, 2], 3: [1, 2, 3], 4: [1, 4]}
    assert images[0].generation_id not in lines


async def test_two_versions_differ_in_what_was_asked(services: Services, people: People, worker: None) -> None:
    ada, _, images = await adas_barn(people)
    async with services.transaction() as db:
        root = await find_family(db, ada, images[0])
    rows = {name: (one, other) for name, one, other in differences(root, root.children[0])}
    assert "Prompt" in rows
    assert rows["Prompt"][0] == "a barn"
    assert "Size" not in rows
    assert differences(root, root) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("/help", ["/imagine", "--ar", "go back"]),
        ("/styles", ["any style, in your own words"]),
        (
            "/usage",
            ["**This month**: 0 pictures, 0 answers in words, $0.00.", "Money a month: $5.00 of $5.00 left this month"],
        ),
    ],
)
async def test_the_house_answers_its_commands_itself(people: People, text: str, words: list[str]) -> None:
    ada = await people.user("Ada")
    reply = (await people.says(ada, await people.thread(ada), text)).reply
    assert reply.status == "complete"
    assert [word for word in words if word not in reply.text] == []
    assert "<" in reply.html

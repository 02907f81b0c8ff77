"""What Ada likes is said on her account page or learned from what she asks for; she sees it and can change it."""

from __future__ import annotations

import pytest

from chatelier.db.models import Generation, User
from chatelier.domain.preferences import change_preferences, read_preferences
from chatelier.errors import Invalid
from chatelier.services import Services
from tests.people import People


async def again(services: Services, user: User) -> User:
    async with services.transaction() as db:
        return await db.get_one(User, user.id)


async def asks(people: People, ada: User, *texts: str, personal: bool = True) -> list[Generation]:
    thread = await people.thread(ada)
    made = []
    for text in texts:
        fresh = await again(people.services, ada)
        generation = (await people.says(fresh, thread, text, personal=personal)).reply.generation
        assert generation is not None
        made.append(generation)
    return made


async def test_what_ada_asks_for_three_times_is_learned(services: Services, people: People) -> None:
    ada = await people.user("Ada")
    three = [f"/imagine a fox number {n} --ar 16:9 --style watercolor" for n in range(3)]
    *_, last = await asks(people, ada, *three, "/imagine a boat")
    assert (last.options["aspect_ratio"], last.options["style"]) == ("16:9", "watercolor")
    assert (last.width / last.height) == pytest.approx(16 / 9, rel=0.02)
    assert read_preferences(await again(services, ada)).learned == ("aspect_ratio", "style")


async def test_what_is_said_now_wins_over_what_was_learned(services: Services, people: People) -> None:
    ada = await people.user("Ada")
    three = [f"/imagine a fox number {n} --ar 16:9" for n in range(3)]
    *_, square, sized = await asks(people, ada, *three, "/imagine a boat --ar 1:1", "/imagine a boat --size 512x512")
    assert square.width == square.height
    assert (sized.width, sized.height) == (512, 512)


async def test_two_times_is_no_habit_and_a_program_is_not_a_person(services: Services, people: People) -> None:
    ada = await people.user("Ada")
    *_, last = await asks(people, ada, "/imagine a fox --ar 16:9", "/imagine an owl --ar 16:9", "/imagine a boat")
    assert "aspect_ratio" not in last.options
    await asks(people, ada, *[f"/imagine a fox number {n} --ar 9:16" for n in range(4)], personal=False)
    assert read_preferences(await again(services, ada)).aspect_ratio is None


async def test_a_change_keeps_the_shape_of_its_picture(services: Services, people: People, worker: None) -> None:
    ada = await people.user("Ada")
    async with services.transaction() as db:
        await change_preferences(db, ada, aspect_ratio="2:1", style="watercolor")
    thread = await people.thread(ada)
    fresh = await again(services, ada)
    first = await people.says(fresh, thread, "/imagine a boat --ar 1:1", personal=True)
    await people.finished(ada, first)
    second = await people.says(fresh, thread, "make it bluer", personal=True)
    assert second.reply.generation is not None
    assert second.reply.generation.width == second.reply.generation.height
    assert second.reply.generation.options == {}


async def test_saying_it_forgets_what_was_learned_and_learning_can_be_switched_off(
    services: Services, people: People
) -> None:
    ada = await people.user("Ada")
    await asks(people, ada, *[f"/imagine a fox number {n} --ar 16:9" for n in range(3)])
    async with services.transaction() as db:
        await change_preferences(db, ada, style="  pencil  sketch ", learn=False, confirm_paid=True)
    told = read_preferences(await again(services, ada))
    assert (told.aspect_ratio, told.style, told.learned) == (None, "pencil sketch", ())
    assert (told.confirm_paid, told.learn) == (True, False)
    await asks(people, ada, *[f"/imagine a fox number {n} --ar 16:9" for n in range(3)])
    assert read_preferences(await again(services, ada)).aspect_ratio is None


async def test_a_preference_that_is_no_option_is_refused_with_a_sentence(services: Services, people: People) -> None:
    ada = await people.user("Ada")
    with pytest.raises(Invalid, match="not an aspect ratio"):
        async with services.transaction() as db:
            await change_preferences(db, ada, aspect_ratio="wide")

from __future__ import annotations

from chatelier.ids import new_id
from chatelier.storage.cache import SmallFile, SmallFiles


def file(size: int) -> SmallFile:
    return SmallFile(media_type="image/webp", sha256="0" * 64, content=b"x" * size, name="inline")


def test_what_was_not_asked_for_the_longest_goes_first() -> None:
    files = SmallFiles(10_000)
    first, second, third = new_id(), new_id(), new_id()
    files.put(first, file(4000))
    files.put(second, file(4000))
    assert files.get(first)
    files.put(third, file(4000))
    assert files.get(second) is None
    assert files.get(first)
    assert files.get(third)
    assert files.bytes <= 10_000


def test_it_never_holds_more_than_it_may_and_counts_what_it_holds() -> None:
    files = SmallFiles(10_000)
    for number in range(200):
        image_id = new_id()
        files.put(image_id, file(number * 60))
        files.put(image_id, file(number * 30))
        assert files.bytes <= 10_000
    files.put(huge := new_id(), file(20_000))
    assert files.get(huge) is None
    assert files.bytes == 0


def test_without_room_it_keeps_nothing() -> None:
    files = SmallFiles(0)
    files.put(one := new_id(), file(1))
    assert files.get(one) is None
    files.drop(one)
    assert files.bytes == 0

"""What the illustrator declines to do, in a sentence for the person who asked."""

from __future__ import annotations


class Refused(Exception):
    """``sentence`` says what cannot be done and what could be asked instead."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence

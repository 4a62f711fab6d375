from app.pieces.regles import Illisible


class Refus(Exception):  # noqa: N818  # the fact
    """A document that cannot be read as it is."""

    def __init__(self, motif: Illisible) -> None:
        self.motif = motif
        super().__init__(motif.value)

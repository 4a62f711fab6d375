"""What a parser may do of a hostile file, for the tests of the sandbox."""

import os
import sys
import tempfile

sys.modules["__main__"].DEADLINE = 1  # the host's own, so that the test does not wait for long


def examiner(file):
    geste = file.read().decode()
    if geste == "pendre":
        while True:
            pass
    if geste == "grossir":
        return {"taille": len(bytearray(4 * 1024**3))}
    if geste == "tomber":
        os.abort()
    if geste == "ecrire":
        with tempfile.TemporaryFile() as sortie:
            sortie.write(b"x" * 100_000)
            sortie.flush()
    if geste == "lever":
        raise RuntimeError(geste)
    return {"vu": geste, "secrets": [nom for nom in os.environ if nom.startswith(("EP_", "AWS_"))]}

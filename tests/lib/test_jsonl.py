"""Records on their way: who reads them sees each as soon as it is written."""

from __future__ import annotations

import os

from quern import jsonl


def test_each_record_is_there_before_the_next_is_made():
    here, there = os.pipe()
    # Where nothing has come, reading is an error and no waiting.
    os.set_blocking(here, False)
    came = []

    def records():
        for number in range(3):
            yield {"kind": "claim", "number": number}
            came.append(os.read(here, 1000))

    with open(there, "wb") as stream, open(here, "rb"):
        assert jsonl.write(records(), stream) == 3
    assert came == [jsonl.encode({"kind": "claim", "number": number}) for number in range(3)]

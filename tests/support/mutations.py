"""Files that were changed at random."""

import random


def mutations(content, count, seed):
    """Give a file with some of its bytes changed, cut, doubled or put elsewhere."""
    chance = random.Random(seed)
    for _ in range(count):
        data = bytearray(content)
        for _ in range(chance.choice([1, 1, 1, 2, 5, 50])):
            place, length = chance.randrange(len(data)), chance.choice([1, 1, 4, 64, 4096])
            kind = chance.randrange(5)
            if kind == 0:
                data[place] = chance.randrange(256)
            elif kind == 1:
                data[place : place + length] = chance.randbytes(len(data[place : place + length]))
            elif kind == 2:
                del data[place : place + length]
            elif kind == 3:
                data[place:place] = data[place : place + length]
            else:
                data[place] ^= 1 << chance.randrange(8)
            if not data:
                break
        yield bytes(data)

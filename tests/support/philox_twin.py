"""The generator as Salmon et al. print it, in Python integers."""

from sdeframe.compiled import random_numbers as rn


def twin_philox(counter: list[int], key: list[int]) -> list[int]:
    (c0, c1, c2, c3), (k0, k1) = counter, key
    for _ in range(10):
        high0, low0 = divmod(0xD2511F53 * c0, 2**32)
        high1, low1 = divmod(0xCD9E8D57 * c2, 2**32)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return [c0, c1, c2, c3]


def twin_words(trajectory: int, step: int, channel: int, purpose: int, level: int, seed: int) -> list[int]:
    counter = [trajectory % 2**32, trajectory >> 32, step, channel * 65536 + purpose * 256 + level]
    return twin_philox(counter, [int(k) for k in rn.key(seed)])

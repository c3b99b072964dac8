"""A small run with its options, for tests of what is kept."""

from sdeframe.models import OrnsteinUhlenbeck
from sdeframe.observers import Moments, Runaways
from sdeframe.symbolic.symbols import parameters, real_noises, real_variables

MODEL = OrnsteinUhlenbeck()


x, W, k = real_variables("x"), real_noises("W"), parameters("k")


OPTIONS = {"observers": [Moments(x=x), Runaways(10.0)], "times": [0.0, 0.5, 1.0], "trajectories": 100, "seed": 1}

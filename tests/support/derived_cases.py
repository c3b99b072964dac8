"""The systems whose exact values are tabulated, with parameters as numbers: what derivations are checked on."""

import attrs
import sympy as sp

from sdeframe import parameters
from sdeframe.derivation import Boson, Emitters, Master, Operator
from sdeframe.derivation.starts.states import Coherent

a, b = Boson("a"), Boson("b")
n = a.dag() * a
N = parameters("N", positive=True)
same = Emitters("rho", levels="ge", size=N)
one = Emitters("rho", levels="ge")
two = Emitters("rho", levels="ge", size=2, individual=True)
three_levels = Emitters("rho", levels="gse")
vacuum = {"a": Coherent(0)}
PAIR = (same.sum("eg") * same.sum("ge") - same.sum("ee")) / (N * (N - 1))
G2 = a.dag() ** 2 * a**2


def coupling(atoms, f):
    return f * (atoms.sum("eg") * a + atoms.sum("ge") * a.dag())


@attrs.frozen(eq=False)
class Case:
    name: str
    master: Master
    operators: dict[str, Operator]
    initial: dict
    table: dict  # time -> values in the order of the operators
    values: dict = attrs.field(factory=dict)


def unequal(f, omega, gamma):
    H = sum(
        (
            w * two.on(mu, "ee") + k * (two.on(mu, "eg") * a + two.on(mu, "ge") * a.dag())
            for mu, (k, w) in enumerate(zip(f, omega, strict=True))
        ),
        0 * a,
    )
    return Master(H, loss=[(0.6, a), *((g, two.on(mu, "ge")) for mu, g in enumerate(gamma))])


HUBBARD = sum((0.05 * x.dag() ** 2 * x**2 for x in (a, b)), 0.4 * (a + a.dag())) - 0.5 * (a.dag() * b + b.dag() * a)
LAMBDA = coupling(three_levels, 0.6) + 0.5 * (three_levels.sum("es") + three_levels.sum("se"))

CASES = [
    Case("driven Kerr", Master(0.25 * G2 + 0.2 * (a + a.dag()), [(1, a)]), {"a": a, "n": n, "G2": G2}, vacuum,
         {1: (-.000501 - .157327j, .024767, None), 2: (-.004108 - .251924j, .063818, None),
          4: (-.018815 - .338678j, .117998, None), 40: (None, .149902, .017548)}),
    Case("damped Kerr", Master(0.5 * G2, [(0.5, a)]), {"a": a, "n": n}, {"a": Coherent(1)},
         {.25: (.888318 - .210471j, .882497), .5: (.724558 - .328200j, .778801), 1: (.434736 - .349559j, .606531)}),
    Case("parametric", Master(0.25 * sp.I * (a.dag() ** 2 - a**2), [(1, a), (0.1, a**2)]), {"n": n, "a2": a**2}, vacuum,
         {1: (.128127, .335597), 2: (.297739, .522811), 4: (.505754, .719638)}),
    Case("dephasing", Master(0.3 * n, [(0.4, n)]), {"a": a, "n": n}, {"a": Coherent(1)},
         {1: (.782163 - .241951j, 1), 2: (.553239 - .378491j, 1)}),
    Case("thermal bath", Master(0.3 * n, [(1.5, a), (0.5, a.dag())]), {"n": n, "G2": G2}, {"a": Coherent(1)},
         {1: (.683940, .800212), 2: (.567668, .626177)}),
    Case("Bose-Hubbard", Master(HUBBARD, [(1, a), (1, b)]), {"a1": a, "n1": n, "n2": b.dag() * b},
         vacuum | {"b": Coherent(0)},
         {3: (-.009933 - .481995j, .232802, .092741), 8: (None, .160136, .167566)}),
    Case("unequal atoms", unequal((0.5, 0.8), (0.3, -0.4), (0.2, 0.5)),
         {"e0": two.on(0, "ee"), "e1": two.on(1, "ee"), "n": n, "pair": two.on(0, "eg") * two.on(1, "ge")},
         {"a": Coherent(0.5), "rho": "e"},
         {.5: (.837594, .638754, .385784, .056013 + .011371j), 1: (.596844, .271155, .653669, .026079 + .025141j)}),
    Case("pumped atom", Master(coupling(one, 0.5), [(1, a), (0.3, one.each("eg")), (0.4, one.each("ge")),
                                                    (0.2, one.each("ee") - one.each("gg"))]),
         {"e": one.sum("ee"), "n": n}, vacuum | {"rho": "g"},
         {1: (.203139, .011719), 3: (.290063, .069915), 10: (.296592, .092334)}),
    Case("Lambda atom", Master(LAMBDA + 0.4 * three_levels.sum("ee"),
                               [(0.6, a), (0.3, three_levels.each("ge")), (0.2, three_levels.each("se"))]),
         {"e": three_levels.sum("ee"), "g": three_levels.sum("gg"), "n": n}, {"a": Coherent(0.5), "rho": "s"},
         {1: (.155461, .036548, .153394), 3: (.144151, .538097, .280787)}),
    Case("superradiance", Master(coupling(same, 1 / sp.sqrt(N)), [(4, a)]),
         {"e": same.sum("ee") / N, "n": n, "pair": PAIR}, vacuum | {"rho": "e"},
         {.5: (.980647, .106428, .018619), 1: (.933617, .233354, .058157)}, {N: 10}),
    Case("collective decay", Master(0 * same.sum("ee"), [(1, same.sum("ge"))]), {"e": same.sum("ee") / N, "pair": PAIR},
         {"rho": "e"}, {.1: (.891464, .087889), .2: (.772231, .147110)}, {N: 4}),
]  # fmt: skip

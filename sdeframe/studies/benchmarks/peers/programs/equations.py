"""The closed Tavis-Cummings model (A46) in complex numbers of any array library, with schemes one writes by hand."""


def increment(sqrt, conj):
    """Return the increment of the five variables over dt with three complex noise increments.

    Of each increment w the mean of |w|² is dt and that of w² is 0. In the Stratonovich form, which schemes of more than
    one stage need, the drift of the field has a correction.
    """

    def of(z, dt, w, atoms, stratonovich):
        A, Ad, ree, reg, rge = z
        F, Fd, S = w
        scale, field = atoms**-0.5, 1 + stratonovich / (2 * atoms)
        r, Sc = sqrt(ree), conj(S)
        return (
            -1j * (reg * (field * dt) + (r * F + reg * S) * scale),
            1j * (rge * (field * dt) + (r * Fd + rge * S) * scale),
            1j * (reg * Ad - rge * A) * dt - ree * Sc * scale,
            1j * (2 * ree - 1) * A * dt + (r * conj(Fd) - reg * Sc) * scale,
            -1j * (2 * ree - 1) * Ad * dt + (r * conj(F) - rge * Sc) * scale,
        )

    return of


def added(z, share, k):
    """Return z + share·k."""
    return (
        z[0] + share * k[0], z[1] + share * k[1], z[2] + share * k[2], z[3] + share * k[3], z[4] + share * k[4],
    )  # fmt: skip


def stepper(of, scheme, compiled=lambda function: function):
    """Return one step of Euler-Maruyama (Itô), Heun or classical Runge-Kutta (both Stratonovich).

    `compiled` is what numba needs, whose functions call compiled ones only.
    """
    of, add = compiled(of), compiled(added)

    def euler(z, dt, w, atoms):
        return add(z, 1.0, of(z, dt, w, atoms, 0.0))

    def heun(z, dt, w, atoms):
        k1 = of(z, dt, w, atoms, 1.0)
        k2 = of(add(z, 1.0, k1), dt, w, atoms, 1.0)
        return add(add(z, 0.5, k1), 0.5, k2)

    def rk4(z, dt, w, atoms):
        k1 = of(z, dt, w, atoms, 1.0)
        k2 = of(add(z, 0.5, k1), dt, w, atoms, 1.0)
        k3 = of(add(z, 0.5, k2), dt, w, atoms, 1.0)
        k4 = of(add(z, 1.0, k3), dt, w, atoms, 1.0)
        return add(add(add(add(z, 1 / 6, k1), 1 / 3, k2), 1 / 3, k3), 1 / 6, k4)

    return compiled({"euler": euler, "heun": heun, "rk4": rk4}[scheme])

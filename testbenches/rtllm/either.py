"""Reference models for specifications that leave open whether a reset waits for the clock."""

from itertl_eval.bench import Model


class EitherReset(Model):
    """A Model that accepts a synchronous and an asynchronous reset.

    From the moment the reset becomes active until the next clock edge nothing is compared.
    Subclasses override `clear`, `step` and `show` in place of `reset`, `edge` and `outputs`.
    """

    port, active = "rst_n", 0
    names = ()
    """The outputs, if there are several."""

    def reset(self):
        self.held = True
        self.clear()

    def edge(self, i):
        self.held = False
        self.step(i)

    def outputs(self, i):
        if i[self.port] == self.active and not self.held:
            return dict.fromkeys(self.names) if self.names else None
        return self.show(i)

    def clear(self):
        """Take the reset state."""

    def step(self, i):
        """Advance over one clock edge with the reset inactive."""

    def show(self, i):
        """Return the outputs."""
        raise NotImplementedError

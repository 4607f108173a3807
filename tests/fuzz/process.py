"""One target in a process of its own: nothing of it is left in the next."""

import warnings

from fuzz import campaign, guided
from fuzz.campaign import Result
from fuzz.target import Target
from fuzz.targets import load


def fuzz_one(name: str, inputs: int, seed: int, *, coverage: bool, keep: bool) -> Result:
    """A campaign of one target. ``keep``: write the inputs of findings to the corpus."""
    warnings.simplefilter("error")  # a warning on the driver's terminal is a finding too
    warnings.simplefilter("ignore", DeprecationWarning)

    def known() -> Target:
        target = load(name)
        assert target is not None
        return target

    result = guided.fuzz(known, inputs, seed) if coverage else campaign.fuzz(known(), inputs, seed)
    if keep:
        campaign.keep(result)
    return result

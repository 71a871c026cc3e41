"""Settings of the room's property tests."""

from hypothesis import Phase, settings

QUICK = settings(
    max_examples=80,
    deadline=None,  # a busy machine is no finding
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),  # "explain" traces every line
)

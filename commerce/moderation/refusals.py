"""What is refused of a shop's moderation.

CommerceError
├── Missing
│   └── NoSuchNote     404 no_such_note
└── Conflict
    └── PolicyChanged  409 policy_changed {version}: somebody changed the rules meanwhile
"""

from commerce.errors import Conflict, Missing


class NoSuchNote(Missing):
    """There is no such note."""

    code = "no_such_note"
    sentence = "There is no such note."


class PolicyChanged(Conflict):
    """Somebody changed the rules meanwhile."""

    code = "policy_changed"
    sentence = "Somebody changed these rules meanwhile; look at them again."

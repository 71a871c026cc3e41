"""The sessions of a media process: how they open, are found, changed and forgotten."""

import secrets
import time
from collections import deque
from collections.abc import Callable, Iterator

from streaming.admission import Admission
from streaming.answers import LocalTransport, build_answer, build_restart_fragment
from streaming.counters import Counters
from streaming.errors import NoSuchSessionError
from streaming.exchange import PatchMeaning, judge_patch
from streaming.faults import Faults
from streaming.grants import Grant
from streaming.negotiation import Agreed
from streaming.peers import Session, Viewer
from streaming.sdpfrag import Fragment
from streaming.settings import Limits
from streaming.transport.connection import Connection
from streaming.transport.demux import Demux
from streaming.transport.dtls_crypto import DtlsEnd, DtlsIdentity
from streaming.transport.media_tcp import MediaTcp
from streaming.transport.media_udp import MediaUdp
from streaming.transport.srtp_native import Scratch

LEFT_KEPT = 1024
# Each takes 0.2 ms and more, in which no other show hears anything.
CLOSED_AT_ONCE = 20


class Sessions:
    """All sessions by their secrets. `hurry` is called when one opens: it should not wait for a slow tick."""

    def __init__(
        self,
        identity: DtlsIdentity,
        demux: Demux,
        udp: MediaUdp,
        tcp: MediaTcp,
        scratch: Scratch,
        counters: Counters,
        limits: Limits,
        hurry: Callable[[], None],
    ) -> None:
        self.by_secret: dict[str, Session] = {}
        # Those whose transport is not ready yet.
        self.connecting: dict[str, Session] = {}
        self.viewers: dict[str, Viewer] = {}
        self.admission = Admission(limits)
        self._left: deque[tuple[str, str, str]] = deque(maxlen=LEFT_KEPT)
        self._to_close: deque[tuple[Session, str]] = deque()
        self._identity = identity
        self._demux = demux
        self._udp = udp
        self._tcp = tcp
        self._scratch = scratch
        self._counters = counters
        self._hurry = hurry
        self._faults = Faults(counters)

    def __len__(self) -> int:
        return len(self.by_secret)

    def __iter__(self) -> Iterator[Session]:
        """Go through those that are open now; they may close meanwhile."""
        return iter(list(self.by_secret.values()))

    def open(self, grant: Grant, agreed: Agreed) -> Session:
        """Open a session for a peer whose offer was accepted, and count it."""
        dtls = DtlsEnd(self._identity, agreed.fingerprints, client=agreed.dtls_client)
        # A host who reloads the page must not wait for an unverified goodbye; there are few hosts.
        connection = Connection(
            dtls, self._scratch, self._counters, time.monotonic(), keeps_ssl=grant.role == "publish"
        )
        secret = secrets.token_urlsafe(24)
        session = Session(
            secret,
            grant.show,
            grant.person,
            grant.role,
            agreed,
            connection,
            secrets.token_hex(8),
            grant.stream_epoch,
            name=secrets.token_hex(4),
        )
        self.by_secret[secret] = self.connecting[secret] = session
        self._hurry()
        self._counters.opened[grant.role] += 1
        self.admission.opened(secret, grant, connection)
        return session

    def connected(self, session: Session) -> None:
        """Note that a session's transport is ready."""
        self.connecting.pop(session.secret, None)

    def answer(self, session: Session, *, sending: bool) -> str:
        """Return the answer's SDP, with new ICE credentials."""
        return build_answer(
            session.agreed, self._new_credentials(session), secrets.randbits(62), sending=sending
        )

    def patch(self, session: Session, fragment: Fragment, if_match: str | None) -> str | None:
        """Trickle (None: there is nothing to answer) or restart (the new fragment's body)."""
        meaning = judge_patch(
            fragment, if_match=if_match, tag=session.tag, known_ufrag=session.agreed.remote_ufrag
        )
        session.agreed.remote_candidates.add(fragment.candidates)
        if meaning is PatchMeaning.TRICKLE:
            return None
        session.agreed.remote_ufrag, session.agreed.remote_pwd = fragment.ufrag, fragment.pwd
        session.tag = secrets.token_hex(8)
        # The generation before stays valid until the next restart: checks of both cross on the way.
        for old, _ in session.fragments[:-1]:
            self._demux.forget_fragment(old)
        session.fragments = session.fragments[-1:]
        local = self._new_credentials(session)
        self._counters.totals["ice_restarts"] += 1
        return build_restart_fragment(local, session.agreed.bundle[0] if session.agreed.bundle else "")

    def _new_credentials(self, session: Session) -> LocalTransport:
        ufrag, pwd = secrets.token_hex(4), secrets.token_hex(12)
        session.fragments.append((ufrag, pwd))
        self._demux.register(ufrag, pwd, session.connection)
        return LocalTransport(
            ufrag, pwd, self._identity.fingerprint, self._udp.candidates, self._tcp.candidates
        )

    def find(self, role: str, show: str, secret: str) -> Session:
        """Return the session of a URL. Raises `NoSuchSessionError`."""
        session = self.by_secret.get(secret)
        if session is None or session.role != role or session.show != show:
            raise NoSuchSessionError("there is no such session")
        return session

    def has_left(self, role: str, show: str, secret: str) -> bool:
        """Whether the session of a URL ended lately by its peer's own goodbye; answers so once.

        OBS closes its connection before it sends DELETE, which then is no mistake.
        """
        one = (role, show, secret)
        if one not in self._left:
            return False
        self._left.remove(one)
        return True

    def revoke(self, *, person: str | None, show: str | None, role: str | None) -> int:
        """Close the sessions of a person, of a show, or of a person in a show; how many."""
        doomed = [
            session
            for session in self
            if (person is None or session.person == person)
            and (show is None or session.show == show)
            and (role is None or session.role == role)
        ]
        self._close(doomed, "revoked")
        return len(doomed)

    def close_show(self, show: str, reason: str) -> None:
        """Close the sessions of a show with a DTLS alert, the host's first, a room's in turns."""
        self._close([session for session in self if session.show == show], reason)

    def close_all(self, reason: str) -> None:
        """Close all sessions with a DTLS alert, at once."""
        for session in self:
            self._close_one(session, reason)

    @property
    def is_closing(self) -> bool:
        """Whether `close_more` has work."""
        return bool(self._to_close)

    def close_more(self) -> None:
        """Close some of those that are to be closed; call it every 20 ms or so."""
        for _ in range(min(CLOSED_AT_ONCE, len(self._to_close))):
            self._close_one(*self._to_close.popleft())

    def _close(self, sessions: list[Session], reason: str) -> None:
        """Close some at once, hosts in any case, and the rest in turns, behind those of other rooms."""
        hosts_first = sorted(sessions, key=lambda session: session.role == "watch")
        for place, session in enumerate(hosts_first):
            if place < CLOSED_AT_ONCE or session.role == "publish":
                self._close_one(session, reason)
            else:
                self._to_close.append((session, reason))
        self._hurry()

    def _close_one(self, session: Session, reason: str) -> None:
        self._faults.shield("a session to close", session.connection.close, reason)

    def forget(self, session: Session, reason: str) -> None:
        """Remove a session that has closed."""
        if reason == "closed_by_peer":
            self._left.append((session.role, session.show, session.secret))
        self.by_secret.pop(session.secret, None)
        self.connecting.pop(session.secret, None)
        self.viewers.pop(session.secret, None)
        self.admission.closed(session.secret)
        self._demux.forget(session.connection, [ufrag for ufrag, _ in session.fragments])

"""What people change about themselves: their token, their name."""

from collections.abc import Mapping

from realtime.answering.desk import Desk, Json, Rule, person_of, reserved_names, speaker_of
from realtime.connections.connection import Connection
from realtime.errors import BadName, Unauthorised
from realtime.messages.entering import Refresh, SetName
from realtime.port_calls import ask
from realtime.talking.comments import clean_name, fold_name


class Entering(Desk):
    """A new token, another name."""

    @property
    def rules(self) -> Mapping[type, Rule]:
        """The method for each type of message."""
        return {
            Refresh: self._refresh,
            SetName: self._name,
        }

    async def _refresh(self, connection: Connection, message: Refresh) -> Json:
        ports = self._around.ports
        person = await ask(ports.metrics, ports.identify.verify(message.token))
        if person is None or person.person != person_of(connection):
            raise Unauthorised("The token is wrong, or somebody else's.")
        connection.session.refreshed(person)
        return {"expires_at_ms": person.expires_at_ms}

    async def _name(self, connection: Connection, message: SetName) -> Json:
        name = clean_name(message.name, self._around.settings.name_chars)
        who = speaker_of(connection, name)
        if not who.staff and fold_name(name) in reserved_names(connection):
            raise BadName("This name is reserved for the shop.")
        connection.name = await self._around.store.take_name(connection.show, who)
        return {"name": connection.name}

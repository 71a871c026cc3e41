/** Keeps a room's connection with the session of whoever is in it. No DOM. */

/**
 * A new token of the same person is told in band, before the old one runs out and the room refuses what is asked
 * with it; another person enters the room anew; whose session is over leaves it.
 * @param {{refresh: (token: string) => void, open: () => void, close: (reason?: string) => void}} room
 * @param {{person: {id: string} | null, subscribe: (listener: (person: {id: string} | null) => void) => () => void}} session
 * @param {{token: string}} api
 * @returns {() => void} stops it
 */
export function followSession(room, session, api) {
  let before = session.person?.id;
  return session.subscribe((person) => {
    if (person?.id === before) return room.refresh(api.token);
    before = person?.id;
    room.close(person ? undefined : "signed_out");
    if (person) room.open();
    return undefined;
  });
}

/** Names of people by their ids and their comments' ids: facts of the log say only these, and the comments may be gone by then. No DOM. */

/** So many are remembered; of more the longest known goes, and is learnt anew when it is heard again. */
const NAMES_TOTAL = 20_000;

export class Names {
  /** @type {Map<string, string>} */
  #names = new Map();

  /** @param {Iterable<{person: string, name: string, id?: string}>} people from comments, which have an id, or the reader */
  learn(people) {
    for (const { person, name, id } of people) {
      this.#names.set(person, name);
      if (id) this.#names.set(id, name);
    }
    for (const oldest of this.#names.keys()) {
      if (this.#names.size <= NAMES_TOTAL) break;
      this.#names.delete(oldest);
    }
  }

  /** @param {string | null | undefined} id of a person or a comment @returns {string | null} null when nobody has said the name here */
  of(id) {
    return (id && this.#names.get(id)) || null;
  }
}

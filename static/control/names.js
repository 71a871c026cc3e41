/** Names of people by their ids: facts of the log say who by id, and comments that said the name may be gone by then. No DOM. */

export class Names {
  /** @type {Map<string, string>} */
  #names = new Map();

  /** @param {Iterable<{person: string, name: string}>} people from comments, or the reader */
  learn(people) {
    for (const { person, name } of people) this.#names.set(person, name);
  }

  /** @param {string | null | undefined} person @returns {string | null} null when nobody has said the name here */
  of(person) {
    return (person && this.#names.get(person)) || null;
  }
}

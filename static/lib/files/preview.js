/**
 * A file its reader has just chosen, shown from this browser's memory. Such an address keeps the whole file until
 * it is given back: so there is one at a time, and none once what showed it has gone.
 */
export class Preview {
  #address = "";
  #over = false;

  /** @param {Blob | null} file null shows nothing @returns {string} its address, "" for none */
  show(file) {
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.#address = file && !this.#over ? URL.createObjectURL(file) : "";
    return this.#address;
  }

  /** Shows nothing from now on, also not what is still on its way. */
  end() {
    this.#over = true;
    this.show(null);
  }
}

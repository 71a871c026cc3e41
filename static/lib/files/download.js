/** Hands a file that was fetched with the access token to the browser's downloads. */

/**
 * @param {Blob} file
 * @param {string} name what it is called on the reader's disk
 */
export function saveFile(file, name) {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // Some browsers begin to read only after the click has returned.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

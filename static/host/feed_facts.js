/** What the pages of an import are made from. No DOM. */

/** @typedef {{line: number, column: string, code: string, sentence: string}} Remark */
/** @typedef {{format: string, rows: number, bad_rows: number, made: number, changed: number, kept: number, faults_total: number, faults: Remark[], notes: Remark[], ignored_columns: string[]}} Report */
/** @typedef {{id: string, file_name: string, state: string, rows_total: number, rows_done: number, rows_failed: number, made: number, changed: number, kept: number, pictures_left: number}} Progress */
/** @typedef {{report: Report, progress: Progress, later: Remark[]}} Import */

const LINES_SHOWN = 12;

/** Whether a worker is at it. @param {Progress} progress @returns {boolean} */
export function isAtWork({ state }) {
  return state === "running" || state === "pictures";
}

/**
 * How much of the rows is behind us, those that are left out with them.
 * @param {Progress} progress @returns {number} from 0 to 1
 */
export function shareDone({ state, rows_total, rows_done, rows_failed }) {
  if (state === "done" || state === "pictures" || !rows_total) return 1;
  return Math.min(1, (rows_done + rows_failed) / rows_total);
}

/**
 * A remark in the reader's language; one whose code this page does not know, as the server says it.
 * @param {import("../lib/words/i18n.js").I18n} i18n @param {Remark} remark @returns {string}
 */
export function remarkText(i18n, { code, sentence }) {
  for (const key of [`feed.said.${code}`, `error.${code}`]) {
    if (i18n.has(key)) return i18n.t(key);
  }
  return sentence;
}

/**
 * Remarks of one kind together, with the lines they are about.
 * @param {readonly Remark[]} remarks
 * @returns {{first: Remark, count: number, lines: string}[]} in the order of their first lines
 */
export function byKind(remarks) {
  /** @type {Map<string, Remark[]>} */
  const kinds = new Map();
  for (const remark of remarks) kinds.set(remark.code, [...(kinds.get(remark.code) ?? []), remark]);
  return [...kinds.values()].map((some) => {
    const lines = [...new Set(some.map(({ line }) => line))];
    const shown = lines.slice(0, LINES_SHOWN).join(", ");
    return { first: some[0], count: lines.length, lines: lines.length > LINES_SHOWN ? `${shown}…` : shown };
  });
}

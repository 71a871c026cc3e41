/** One word for a line, for the studio that sends over it and for the control view that hears of it. Pure. */

const POOR = Object.freeze({ loss: 0.08, trip_ms: 600 });
const FAIR = Object.freeze({ loss: 0.02, trip_ms: 250 });

/**
 * @param {number} loss share of packets lost, 0 to 1
 * @param {number} trip_ms the round trip, 0 when unknown
 * @returns {"good" | "fair" | "poor"}
 */
export function lineHealth(loss, trip_ms) {
  if (loss > POOR.loss || trip_ms > POOR.trip_ms) return "poor";
  return loss > FAIR.loss || trip_ms > FAIR.trip_ms ? "fair" : "good";
}

/** A file the reader has chosen, shown as long as the component that asked for it. */

import { useEffect, useState } from "../vendor/preact.js";
import { Preview } from "../lib/files/preview.js";

/** @returns {{address: string, show: (file: Blob | null) => void}} address: "" when nothing is shown */
export function usePreview() {
  const [preview] = useState(() => new Preview());
  const [address, setAddress] = useState("");
  useEffect(() => () => preview.end(), []);
  return { address, show: (file) => setAddress(preview.show(file)) };
}

/** Web Push on this browser: asked for at a press, told to the server. No DOM besides the browser's own question. */

/** @param {string} text base64url @returns {Uint8Array<ArrayBuffer>} */
export function bytesOf(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

/**
 * Lets this browser be pushed to. Call it in a press: the browser asks its user.
 * @param {import("../server/api.js").Api} api
 * @param {Promise<unknown>} [ready] until there is somebody to push to; the browser is asked before, within the press
 * @returns {Promise<boolean>} false where the browser cannot, its user will not, or its push service does not answer;
 *   it comes only when the user has answered, so nothing else should wait for it
 */
export async function takePushes(api, ready = Promise.resolve()) {
  if (!("serviceWorker" in navigator) || !("PushManager" in globalThis) || !("Notification" in globalThis)) return false;
  if ((await Notification.requestPermission()) !== "granted") return false;
  try {
    await ready;
    const registration = await navigator.serviceWorker.register("/static/push_worker.js");
    const { key } = await api.get("/push-key");
    const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(key) });
    const { endpoint, keys } = subscription.toJSON();
    await api.put("/me/push", { endpoint, p256dh: keys?.p256dh, auth: keys?.auth });
    return true;
  } catch {
    return false; // there is still the mail
  }
}

/**
 * The provider's page opens in a tab of its own, so that the show goes on. Browsers allow that only in the moment of
 * the press, so the tab is opened empty and sent on when the order exists. Where it is refused, this tab goes there
 * and comes back with `?order=`.
 */

const TAB_NAME = "liveshop-pay";
const CHANNEL = "liveshop.orders";

export class PaymentTab {
  /** @type {Window | null} */
  #tab = null;

  /** In the press itself. */
  open() {
    this.#tab = window.open("", TAB_NAME);
    this.#tab?.focus();
  }

  /** @param {string} url @returns {"tab" | "here"} where the page opens */
  go(url) {
    if (this.#tab && !this.#tab.closed) {
      this.#tab.location.replace(url);
      return "tab";
    }
    location.assign(url);
    return "here";
  }

  /** The order could not be made. */
  close() {
    this.#tab?.close();
    this.#tab = null;
  }
}

/**
 * At the start of the page: the order somebody comes back with from the provider, taken out of the address.
 * In the payment tab itself the show's tab is told, and this one closes.
 * @returns {string | null}
 */
export function returnedFromPayment() {
  const address = new URL(location.href);
  const order = address.searchParams.get("order");
  if (!order) return null;
  address.searchParams.delete("order");
  history.replaceState(history.state, "", address);
  if (window.name === TAB_NAME && window.opener) {
    const channel = new BroadcastChannel(CHANNEL);
    channel.postMessage({ order });
    channel.close();
    window.close();
  }
  return order;
}

/**
 * Hears of orders whose payment tab came back.
 * @param {(order: string) => void} listener
 * @returns {() => void} stops it
 */
export function onPaymentReturn(listener) {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }) => {
    if (typeof data?.order === "string") listener(data.order);
  };
  return () => channel.close();
}

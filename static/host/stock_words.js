/** What a host reads when stock was lost, beside the studio's other words. */

/** @type {import("../lib/words/i18n.js").Dictionary} */
export const en = {
  "lost.paused": "Selling is paused. Part of the stock data was lost, and nothing is sold twice while it is put right. Orders and payments are safe. Whoever runs the server repairs it with “liveshop reconcile --repair”.",
  "lost.repaired": "Stock data was lost on {at} and has been put right. You are selling again.",
  "lost.oversold": { one: "1 unit was sold that is not there. Get one more, or give the money back for this order:", other: "{count} units were sold that are not there. Get more of them, or give the money back for these orders:" },
  "lost.order": { one: "Order {number}: 1 unit", other: "Order {number}: {count} units" },
  "lost.dropped": { one: "1 hold had to be given up; its buyer was told.", other: "{count} holds had to be given up; their buyers were told." },
  "lost.seen": "I have read this",
};

/** @type {import("../lib/words/i18n.js").Dictionary} */
export const zh = {
  "lost.paused": "销售已暂停。部分库存数据丢失，修复期间不会重复售出任何商品。订单和付款不受影响。请服务器管理员运行“liveshop reconcile --repair”进行修复。",
  "lost.repaired": "库存数据曾于 {at} 丢失，现已修复，销售已恢复。",
  "lost.oversold": { other: "超卖了 {count} 件。请补货，或为以下订单退款：" },
  "lost.order": { other: "订单 {number}：{count} 件" },
  "lost.dropped": { other: "有 {count} 个保留被取消，买家已收到通知。" },
  "lost.seen": "我知道了",
};

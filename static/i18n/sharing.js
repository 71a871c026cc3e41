/** The words of sharing, supporting and translating: on the show's page, in the studio and in the control view. */

/** @type {import("../lib/i18n.js").Dictionary} */
export const en = {
  "share.share": "Share", "share.title": "Share this show", "share.which": "What to share", "share.whole_show": "The show", "share.this_product": "This product: {product}", "share.product": "Share {product}", "share.what": "This link is yours. Below it you see how many came by it, not who.",
  "share.send": "Share the link", "share.link": "Link to share", "share.copy": "Copy", "share.copied": "Copied",
  "share.visits": "Visits", "share.entries": "In the room", "share.orders": "Orders", "share.nobody_yet": "Nobody came by your link yet.",
  "links.links": "Links", "links.title": "Links to this show", "links.mine": "Your link", "links.show_qr": "Show QR code", "links.qr_of": "QR code of {name}", "links.qr_alt": "QR code of the link to {title}",
  "links.new": "Link for one place", "links.new_hint": "For instance: newsletter, flyer, partner", "links.make": "Make link",
  "links.all": "What they brought", "links.csv": "CSV", "links.who": "Shared by", "links.own": "Shop", "links.amount": "Amount", "links.none": "No links yet.",
  "links.more": { one: "{count} more link is in the file.", other: "{count} more links are in the file." },
  "links.how_counted": "Visits and entries: each device once a day. Orders: paid ones, less what was refunded. Nobody's own link counts for themselves.",
  "supporters.title": "Top supporters", "supporters.place": "Top supporter {place}", "supporters.you": "You", "supporters.none": "No supporters yet", "supporters.none_next": "Who buys in this show, or brings others by their link, stands here.",
  "supporters.bought": { one: "bought 1", other: "bought {count}" }, "supporters.brought": { one: "brought 1 order", other: "brought {count} orders" }, "supporters.invited": "brought guests",
  "supporters.how": "Counted are units bought and kept, and orders that came by one's link; guests by a link a little, hearts not. Nobody is here who keeps their purchases quiet.",
  "supporters.shop": "Show top supporters in my rooms",
  "translate.one": "Translate", "translate.all": "Translate all comments", "translate.translated": "Translated:", "translate.none": "This cannot be translated.", "translate.not_now": "The translation does not come right now. Try again in a moment.",
  "error.translate_off": "Comments are not translated here.",
  "lobby.link_unknown": "This link leads nowhere any more. Here is what is on.",
  "error.no_such_link": "There is no such link.", "error.too_many_links": "A show has at most {limit} named links.",
};

/** @type {import("../lib/i18n.js").Dictionary} */
export const zh = {
  "share.share": "分享", "share.title": "分享这场直播", "share.which": "分享什么", "share.whole_show": "整场直播", "share.this_product": "这件商品：{product}", "share.product": "分享 {product}", "share.what": "这是您的专属链接。下方会显示有多少人通过它前来，但不显示是谁。",
  "share.send": "分享链接", "share.link": "分享链接", "share.copy": "复制", "share.copied": "已复制",
  "share.visits": "访问", "share.entries": "进入直播间", "share.orders": "订单", "share.nobody_yet": "还没有人通过您的链接前来。",
  "links.links": "链接", "links.title": "本场直播的链接", "links.mine": "您的链接", "links.show_qr": "显示二维码", "links.qr_of": "{name} 的二维码", "links.qr_alt": "{title} 链接的二维码",
  "links.new": "为某个渠道建立链接", "links.new_hint": "例如：邮件通讯、传单、合作伙伴", "links.make": "建立链接",
  "links.all": "带来的效果", "links.csv": "CSV", "links.who": "分享者", "links.own": "店铺", "links.amount": "金额", "links.none": "还没有链接。",
  "links.more": { other: "文件中还有 {count} 个链接。" },
  "links.how_counted": "访问和进入：每台设备每天计一次。订单：已付款的订单，扣除退款。自己的链接不为自己计数。",
  "supporters.title": "支持榜", "supporters.place": "支持榜第 {place} 名", "supporters.you": "您", "supporters.none": "还没有人上榜", "supporters.none_next": "在本场直播下单，或通过自己的链接带来他人，就会出现在这里。",
  "supporters.bought": { other: "购买 {count} 件" }, "supporters.brought": { other: "带来 {count} 笔订单" }, "supporters.invited": "带来访客",
  "supporters.how": "统计购买且未退的件数，以及通过自己链接带来的订单；链接带来的访客略计，点赞不计。关闭购买播报的人不会上榜。",
  "supporters.shop": "在我的直播间显示支持榜",
  "translate.one": "翻译", "translate.all": "翻译所有评论", "translate.translated": "译文：", "translate.none": "这条评论无法翻译。", "translate.not_now": "暂时无法翻译，请稍后再试。",
  "error.translate_off": "此处不提供评论翻译。",
  "lobby.link_unknown": "此链接已失效。看看正在进行的直播吧。",
  "error.no_such_link": "没有这个链接。", "error.too_many_links": "每场直播最多 {limit} 个命名链接。",
};

/** The words of sharing, supporting and translating: on the show's page, in the studio and in the control view. */

import { apart } from "../lib/words/i18n.js";

export const { en, zh } = apart({
  "share.share": ["Share", "分享"],
  "share.title": ["Share this show", "分享这场直播"],
  "share.which": ["What to share", "分享什么"],
  "share.whole_show": ["The show", "整场直播"],
  "share.this_product": ["This product: {product}", "这件商品：{product}"],
  "share.product": ["Share {product}", "分享 {product}"],
  "share.what": ["This link is yours. Below it you see how many came by it, not who.", "这是您的专属链接。下方会显示有多少人通过它前来，但不显示是谁。"],
  "share.send": ["Share the link", "分享链接"],
  "share.link": ["Link to share", "分享链接"],
  "share.copy": ["Copy", "复制"],
  "share.copied": ["Copied", "已复制"],
  "share.visits": ["Visits", "访问"],
  "share.entries": ["In the room", "进入直播间"],
  "share.orders": ["Orders", "订单"],
  "share.nobody_yet": ["Nobody came by your link yet.", "还没有人通过您的链接前来。"],

  "links.links": ["Links", "链接"],
  "links.title": ["Links to this show", "本场直播的链接"],
  "links.mine": ["Your link", "您的链接"],
  "links.show_qr": ["Show QR code", "显示二维码"],
  "links.qr_of": ["QR code of {name}", "{name} 的二维码"],
  "links.qr_alt": ["QR code of the link to {title}", "{title} 链接的二维码"],
  "links.new": ["Link for one place", "为某个渠道建立链接"],
  "links.new_hint": ["For instance: newsletter, flyer, partner", "例如：邮件通讯、传单、合作伙伴"],
  "links.make": ["Make link", "建立链接"],
  "links.all": ["What they brought", "带来的效果"],
  "links.csv": ["CSV", "CSV"],
  "links.who": ["Shared by", "分享者"],
  "links.own": ["Shop", "店铺"],
  "links.amount": ["Amount", "金额"],
  "links.none": ["No links yet.", "还没有链接。"],
  "links.more": [{ one: "{count} more link is in the file.", other: "{count} more links are in the file." }, { other: "文件中还有 {count} 个链接。" }],
  "links.how_counted": ["Visits and entries: each device once a day. Orders: paid ones, less what was refunded. Nobody's own link counts for themselves.", "访问和进入：每台设备每天计一次。订单：已付款的订单，扣除退款。自己的链接不为自己计数。"],

  "supporters.title": ["Top supporters", "支持榜"],
  "supporters.place": ["Top supporter {place}", "支持榜第 {place} 名"],
  "supporters.you": ["You", "您"],
  "supporters.none": ["No supporters yet", "还没有人上榜"],
  "supporters.none_next": ["Who buys in this show, or brings others by their link, stands here.", "在本场直播下单，或通过自己的链接带来他人，就会出现在这里。"],
  "supporters.bought": [{ one: "bought 1", other: "bought {count}" }, { other: "购买 {count} 件" }],
  "supporters.brought": [{ one: "brought 1 order", other: "brought {count} orders" }, { other: "带来 {count} 笔订单" }],
  "supporters.invited": ["brought guests", "带来访客"],
  "supporters.how": ["Counted are units bought and kept, and orders that came by one's link; guests by a link a little, hearts not. Nobody is here who keeps their purchases quiet.", "统计购买且未退的件数，以及通过自己链接带来的订单；链接带来的访客略计，点赞不计。关闭购买播报的人不会上榜。"],
  "supporters.shop": ["Show top supporters in my rooms", "在我的直播间显示支持榜"],

  "translate.one": ["Translate", "翻译"],
  "translate.all": ["Translate all comments", "翻译所有评论"],
  "translate.translated": ["Translated:", "译文："],
  "translate.none": ["This cannot be translated.", "这条评论无法翻译。"],
  "translate.not_now": ["The translation does not come right now. Try again in a moment.", "暂时无法翻译，请稍后再试。"],

  "error.translate_off": ["Comments are not translated here.", "此处不提供评论翻译。"],

  "lobby.link_unknown": ["This link leads nowhere any more. Here is what is on.", "此链接已失效。看看正在进行的直播吧。"],

  "error.no_such_link": ["There is no such link.", "没有这个链接。"],
  "error.too_many_links": ["A show has at most {limit} named links.", "每场直播最多 {limit} 个命名链接。"],
});

/** The words of following, being told, bringing friends: on every page that shows a shop. */

/** @type {import("../lib/i18n.js").Dictionary} */
export const en = {
  "follow.follow": "Follow", "follow.following": "Following", "follow.follow_shop": "Follow {shop}", "follow.unfollow_shop": "Following {shop}. Press to stop",
  "follow.followers": { one: "1 follower", other: "{count} followers" },
  "follow.done": "You follow {shop}.", "follow.undone": "You do not follow {shop} any more.",
  "follow.sheet": "Follow {shop}", "follow.sheet_next": "We tell you when {shop} goes live. Leave an e-mail address, or sign in.", "follow.email": "E-mail", "follow.send": "Send me the link", "follow.or_sign_in": "Sign in instead",
  "follow.sent": "Look into your mailbox", "follow.sent_next": "A link went to {email}. Open it, and you follow {shop}.",
  "follow.confirming": "Following", "follow.confirmed": "You follow {shop}", "follow.confirmed_next": "We tell you when it goes live.", "follow.confirm_failed": "This link is not valid any more", "follow.confirm_failed_next": "Links work once, for three days. Press Follow again for a new one.",
  "follow.mine": "Shops I follow", "follow.none": "None yet. Press Follow beside a shop's name, and it is here.", "follow.by_mail": "Tell me by e-mail", "follow.stop": "Stop following {shop}",
  "remind.notify": "Remind me", "remind.on": "Reminder set", "remind.undo": "Undo", "remind.remind_show": "Remind me of {show}", "remind.stop_show": "Reminder of {show} is set. Press to take it back", "remind.done": "We tell you before it begins and when it is live.", "remind.undone": "No notice of this show any more.", "remind.sheet_next": "We tell you before this show begins and when it is live. Leave an e-mail address, or sign in.", "remind.sent_next": "A link went to {email}. Open it, and we tell you of this show.",
  "remind.confirmed": "Reminder set", "remind.confirmed_next": "Before the show of {shop} begins, and when it is live.", "remind.to_show": "To the show",
  "mails.ended": "No more mails", "mails.ended_next": "You get no more mails about {shop}.", "mails.not_ended": "This link is not complete", "mails.not_ended_next": "Copy the whole link from the mail, or change it in your account.",
  "error.bad_push_address": "This browser's notifications cannot be reached.",
  "error.address_needed": "Leave an e-mail address first, or sign in.", "error.too_many_follows": "You follow as many shops as one can.",
};

/** @type {import("../lib/i18n.js").Dictionary} */
export const zh = {
  "follow.follow": "关注", "follow.following": "已关注", "follow.follow_shop": "关注 {shop}", "follow.unfollow_shop": "已关注 {shop}，点击取消关注",
  "follow.followers": { other: "{count} 位粉丝" },
  "follow.done": "已关注 {shop}。", "follow.undone": "已取消关注 {shop}。",
  "follow.sheet": "关注 {shop}", "follow.sheet_next": "{shop} 开播时我们会通知您。请留下邮箱，或登录。", "follow.email": "电子邮箱", "follow.send": "发送确认链接", "follow.or_sign_in": "改为登录",
  "follow.sent": "请查看您的邮箱", "follow.sent_next": "确认链接已发送至 {email}，打开即可关注 {shop}。",
  "follow.confirming": "正在关注", "follow.confirmed": "已关注 {shop}", "follow.confirmed_next": "开播时我们会通知您。", "follow.confirm_failed": "此链接已失效", "follow.confirm_failed_next": "链接三天内有效，只能使用一次。请重新点击“关注”获取新链接。",
  "follow.mine": "我关注的店铺", "follow.none": "还没有。点击店铺名称旁的“关注”，就会显示在这里。", "follow.by_mail": "通过邮件通知我", "follow.stop": "取消关注 {shop}",
  "remind.notify": "开播提醒", "remind.on": "已设提醒", "remind.undo": "撤销", "remind.remind_show": "提醒我观看 {show}", "remind.stop_show": "已设置 {show} 的提醒，点击取消", "remind.done": "开播前和开播时我们会通知您。", "remind.undone": "已取消本场直播的提醒。", "remind.sheet_next": "开播前和开播时我们会通知您。请留下邮箱，或登录。", "remind.sent_next": "确认链接已发送至 {email}，打开即可设置提醒。",
  "remind.confirmed": "已设提醒", "remind.confirmed_next": "{shop} 开播前和开播时我们会通知您。", "remind.to_show": "前往直播间",
  "mails.ended": "已退订邮件", "mails.ended_next": "您不会再收到关于 {shop} 的邮件。", "mails.not_ended": "链接不完整", "mails.not_ended_next": "请复制邮件中的完整链接，或在账户中更改。",
  "error.bad_push_address": "无法向此浏览器发送通知。",
  "error.address_needed": "请先留下邮箱，或登录。", "error.too_many_follows": "您关注的店铺已达上限。",
};

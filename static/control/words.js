/** The control view's words, beside the studio's. */

/** @type {import("../lib/i18n.js").Dictionary} */
export const en = {
  "control.title": "Control", "control.sign_in_intro": "The control view is for the show's moderators and hosts.", "control.no_right": "This view is for the show's moderators", "control.no_right_hint": "You are signed in as {name}. Ask the shop's owner to add you to its staff.", "control.watch": "Watch the show", "control.a_moderator": "A moderator", "control.somebody": "somebody", "control.event.other": "{actor} changed something",
  "control.picture": "Live picture", "control.events": "Event log", "control.no_orders": "No orders yet", "control.no_events": "Nothing has happened yet",
  "stream.title": "Stream", "stream.none": "No stream yet", "stream.none_hint": "Its figures stand here once the host sends a picture.", "stream.away": "The host is away", "stream.away_hint": "Viewers stay connected; the picture comes back by itself.", "stream.ended": "The show is over", "stream.failed": "The figures cannot be read just now; they come back by themselves.",
  "stream.picture": "picture {size}", "stream.no_picture": "no picture", "stream.layer": "layer {name}", "stream.lost": "{share} lost", "stream.key_frames": "key frame every {seconds} s", "stream.key_frame_age": "one key frame, {seconds} s ago", "stream.no_key_frame": "no key frame yet", "stream.round_trip": "round trip {ms} ms", "stream.repeats": { one: "1 repeat", other: "{count} repeats" },
  "stream.layers": "Sizes of the picture", "stream.size": "Size", "stream.rate": "Rate", "stream.key_frame": "Key frame every", "stream.watching": "Viewers", "stream.apart": "{seconds} s", "stream.viewers": { one: "1 viewer", other: "{count} viewers" }, "stream.nobody": "Nobody watches yet.", "stream.of_state": "{count} {state}",
  "stream.state.live": "watching", "stream.state.replaying": "catching up", "stream.state.waiting": "waiting for a key frame", "stream.state.connecting": "connecting", "stream.state.held": "too slow for video", "stream.state.no_codec": "cannot play this codec",
  "stream.sessions": "Connections, the worst first", "stream.more": "Show more", "stream.since": "for {time}", "stream.hour": "{h} h {m} min", "stream.minute": "{m} min", "stream.second": "{s} s",
  "control.filter": "Filter names and words", "control.no_match": "No comment has these words", "control.time": "Time", "control.who": "Who", "control.what": "What",
  "control.paused": { one: "Paused. 1 new comment, show it", other: "Paused. {count} new comments, show them" },
  "control.keys": "Keys: j k move · d delete · t time out 5 min · b ban · u undo · r reply · / filter · Esc go on",
  "control.said": { one: "1 comment here", other: "{count} comments here" }, "control.reply": "Reply", "control.delete": "Delete", "control.timeout": "Time out…", "control.ban": "Ban", "control.unban": "Lift ban", "control.lift": "Lift", "control.undo": "Undo",
  "control.span.10": "10 seconds", "control.span.60": "1 minute", "control.span.300": "5 minutes", "control.span.600": "10 minutes", "control.span.1800": "30 minutes", "control.span.86400": "24 hours", "control.span.other": "{seconds} seconds", "control.was_quiet": "Nobody said anything", "control.over": "This show is over",
  "control.slow": "Slow mode", "control.slow_on": "Slow mode: one comment every {seconds} s.", "control.slow_is_off": "Slow mode is off.", "control.slow_off": "Off", "control.slow_s": "{seconds} s",
  "control.did.delete": "Deleted a comment of {name}.", "control.did.timeout": "{name} cannot comment for {span}.", "control.did.ban": "{name} is banned.", "control.did.unban": "{name} may take part again.",
  "control.undone": "Undone: {name} may take part again.", "control.nothing_to_undo": "Nothing to undo.",
  "control.event.delete": "{actor} deleted a comment of {target}", "control.event.timeout": "{actor} timed out {target} for {span}", "control.event.ban": "{actor} banned {target}", "control.event.unban": "{actor} let {target} take part again", "control.event.slow_mode": "{actor} set slow mode to {seconds} s", "control.event.slow_mode_off": "{actor} switched slow mode off", "control.payment_failed": "A payment could not be taken",
};

/** @type {import("../lib/i18n.js").Dictionary} */
export const zh = {
  "control.title": "场控", "control.sign_in_intro": "场控页供本场的管理员和主播使用。", "control.no_right": "此页面仅供本场管理员使用", "control.no_right_hint": "你当前以 {name} 登录。请店主把你加入店铺成员。", "control.watch": "观看直播", "control.a_moderator": "一位场控", "control.somebody": "某位观众", "control.event.other": "{actor} 做了一项调整",
  "control.picture": "直播画面", "control.events": "事件记录", "control.no_orders": "还没有订单", "control.no_events": "还没有事件",
  "stream.title": "推流", "stream.none": "还没有推流", "stream.none_hint": "主播开始推流后，这里会显示各项数据。", "stream.away": "主播暂时离开", "stream.away_hint": "观众保持连接，画面会自动恢复。", "stream.ended": "本场直播已结束", "stream.failed": "暂时无法读取数据，恢复后会自动显示。",
  "stream.picture": "画面 {size}", "stream.no_picture": "没有画面", "stream.layer": "第 {name} 层", "stream.lost": "丢包 {share}", "stream.key_frames": "关键帧间隔 {seconds} 秒", "stream.key_frame_age": "仅有一个关键帧，{seconds} 秒前", "stream.no_key_frame": "还没有关键帧", "stream.round_trip": "往返 {ms} 毫秒", "stream.repeats": { other: "重传 {count} 次" },
  "stream.layers": "画面尺寸", "stream.size": "尺寸", "stream.rate": "码率", "stream.key_frame": "关键帧间隔", "stream.watching": "观众", "stream.apart": "{seconds} 秒", "stream.viewers": { other: "{count} 位观众" }, "stream.nobody": "还没有观众。", "stream.of_state": "{count} 位{state}",
  "stream.state.live": "正在观看", "stream.state.replaying": "追赶中", "stream.state.waiting": "等待关键帧", "stream.state.connecting": "连接中", "stream.state.held": "网速不足，暂停视频", "stream.state.no_codec": "无法播放此编码",
  "stream.sessions": "连接（最差的在前）", "stream.more": "显示更多", "stream.since": "已连接 {time}", "stream.hour": "{h} 小时 {m} 分", "stream.minute": "{m} 分钟", "stream.second": "{s} 秒",
  "control.filter": "筛选昵称或内容", "control.no_match": "没有匹配的评论", "control.time": "时间", "control.who": "昵称", "control.what": "内容",
  "control.paused": { other: "已暂停滚动，{count} 条新评论，点击查看" },
  "control.keys": "快捷键：j k 移动 · d 删除 · t 禁言 5 分钟 · b 拉黑 · u 撤销 · r 回复 · / 筛选 · Esc 继续滚动",
  "control.said": { other: "本场 {count} 条评论" }, "control.reply": "回复", "control.delete": "删除", "control.timeout": "禁言…", "control.ban": "拉黑", "control.unban": "解除", "control.lift": "解除", "control.undo": "撤销",
  "control.span.10": "10 秒", "control.span.60": "1 分钟", "control.span.300": "5 分钟", "control.span.600": "10 分钟", "control.span.1800": "30 分钟", "control.span.86400": "24 小时", "control.span.other": "{seconds} 秒", "control.was_quiet": "没有人发过言", "control.over": "直播已结束",
  "control.slow": "慢速模式", "control.slow_on": "慢速模式：每 {seconds} 秒一条评论。", "control.slow_is_off": "慢速模式已关闭。", "control.slow_off": "关闭", "control.slow_s": "{seconds} 秒",
  "control.did.delete": "已删除 {name} 的评论。", "control.did.timeout": "{name} 在 {span}内不能发言。", "control.did.ban": "已拉黑 {name}。", "control.did.unban": "{name} 可以继续参与。",
  "control.undone": "已撤销：{name} 可以继续参与。", "control.nothing_to_undo": "没有可撤销的操作。",
  "control.event.delete": "{actor} 删除了 {target} 的一条评论", "control.event.timeout": "{actor} 禁言了 {target} {span}", "control.event.ban": "{actor} 拉黑了 {target}", "control.event.unban": "{actor} 解除了 {target}", "control.event.slow_mode": "{actor} 将慢速模式设为 {seconds} 秒", "control.event.slow_mode_off": "{actor} 关闭了慢速模式", "control.payment_failed": "有一笔付款未能收取",
};

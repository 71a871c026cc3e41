/** The words of messages about an order: on its page, on the host's, and in lists of orders. */

/** @type {import("../lib/i18n.js").Dictionary} */
export const en = {
  "conversation.with_shop": "Messages with {shop}", "conversation.with_buyer": "Messages with the buyer", "conversation.none": "A question about this order? {shop} answers here, and you get a mail.", "conversation.none_shop": "Nothing was said about this order yet.",
  "conversation.begin": "Write to the shop", "conversation.begin_shop": "Write to the buyer", "conversation.write": "Your message", "conversation.send": "Send", "conversation.older": "Earlier messages",
  "conversation.you": "You", "conversation.buyer": "Buyer", "conversation.author": "{shop} · {name}", "conversation.forgotten": "The buyer asked to be forgotten.", "conversation.seen": "Seen",
  "conversation.new": { one: "1 new", other: "{count} new" }, "conversation.news": { one: "{shop} wrote to you", other: "{shop} wrote to you {count} times" }, "conversation.to": "Read it",
  "conversation.picture": "Add pictures", "conversation.picture_of": "Picture from {name}", "conversation.open_picture": "Show the picture from {name} larger", "conversation.picture_own": "Your picture", "conversation.open_own": "Show your picture larger", "conversation.remove": "Take it out again", "conversation.waiting_picture": "Picture to send",
  "conversation.record": "Record a voice note", "conversation.recording": "Recording", "conversation.stop": "Done", "conversation.discard": "Discard", "conversation.voice": "Voice note, {duration}", "conversation.play": "Play the voice note, {duration}", "conversation.pause": "Pause", "conversation.place": "Place in the voice note",
  "conversation.no_microphone": "The microphone cannot be used. Allow it for this page, or write instead.", "conversation.uploading": "Uploading",
  "conversation.close": "Take no more messages", "conversation.close_sure": "{buyer} can then write no more about this order. You still can; the order itself goes on.", "conversation.close_yes": "Take no more", "conversation.close_no": "Keep it open", "conversation.reopen": "Take messages again",
  "conversation.closed_by": "{name} closed the conversation", "conversation.reopened_by": "{name} opened it again", "conversation.closed": "The shop takes no more messages about this order.", "conversation.closed_shop": "The buyer cannot write any more.",
  "error.attachment_type": "Only pictures and voice notes can be sent.", "error.voice_too_large": "This voice note is too large.", "error.voice_too_long": "A voice note may be a minute long.", "error.bad_voice": "Nothing is to be heard in this recording.", "error.no_such_attachment": "An attachment is gone. Take it out and add it again.", "error.conversation_closed": "The shop takes no more messages about this order.", "error.too_many_waiting": "Send what you have added first.", "error.too_many_messages": "That was quick. Wait a moment, then send it.",
  "error.picture_type": "This is no picture we can take: JPEG, PNG, WebP, GIF or AVIF.", "error.picture_too_large": "This picture is too large: 10 MB at most.", "error.bad_picture": "This picture cannot be read.",
};

/** @type {import("../lib/i18n.js").Dictionary} */
export const zh = {
  "conversation.with_shop": "与 {shop} 的消息", "conversation.with_buyer": "与买家的消息", "conversation.none": "对订单有疑问？{shop} 会在此回复，并给您发送邮件。", "conversation.none_shop": "此订单还没有消息。",
  "conversation.begin": "联系店铺", "conversation.begin_shop": "联系买家", "conversation.write": "您的消息", "conversation.send": "发送", "conversation.older": "更早的消息",
  "conversation.you": "您", "conversation.buyer": "买家", "conversation.author": "{shop} · {name}", "conversation.forgotten": "买家已要求删除个人信息。", "conversation.seen": "已读",
  "conversation.new": { other: "{count} 条新消息" }, "conversation.news": { other: "{shop} 给您发来了 {count} 条消息" }, "conversation.to": "查看",
  "conversation.picture": "添加图片", "conversation.picture_of": "{name} 的图片", "conversation.open_picture": "放大查看 {name} 的图片", "conversation.picture_own": "您的图片", "conversation.open_own": "放大查看您的图片", "conversation.remove": "移除", "conversation.waiting_picture": "待发送的图片",
  "conversation.record": "录制语音", "conversation.recording": "正在录音", "conversation.stop": "完成", "conversation.discard": "放弃", "conversation.voice": "语音，{duration}", "conversation.play": "播放语音，{duration}", "conversation.pause": "暂停", "conversation.place": "语音播放位置",
  "conversation.no_microphone": "无法使用麦克风。请允许本页面使用麦克风，或改用文字。", "conversation.uploading": "正在上传",
  "conversation.close": "停止接收消息", "conversation.close_sure": "{buyer} 将无法再就此订单发送消息。您仍可发送，订单照常进行。", "conversation.close_yes": "停止接收", "conversation.close_no": "保持开放", "conversation.reopen": "重新接收消息",
  "conversation.closed_by": "{name} 关闭了对话", "conversation.reopened_by": "{name} 重新开放了对话", "conversation.closed": "店铺不再接收关于此订单的消息。", "conversation.closed_shop": "买家无法再发送消息。",
  "error.attachment_type": "只能发送图片和语音。", "error.voice_too_large": "语音文件过大。", "error.voice_too_long": "语音最长一分钟。", "error.bad_voice": "录音中没有声音。", "error.no_such_attachment": "附件已失效，请移除后重新添加。", "error.conversation_closed": "店铺不再接收关于此订单的消息。", "error.too_many_waiting": "请先发送已添加的内容。", "error.too_many_messages": "发送过于频繁，请稍候再试。",
  "error.picture_type": "不支持此图片格式，请使用 JPEG、PNG、WebP、GIF 或 AVIF。", "error.picture_too_large": "图片过大，最大 10 MB。", "error.bad_picture": "无法读取此图片。",
};

/** The words of what follows a purchase, for its buyer. */

/** @type {import("../lib/words/i18n.js").Dictionary} */
export const en = {
  "after.parcels": "On its way to you", "after.parcel.packed": "Packed", "after.parcel.sent": "On its way", "after.parcel.delivered": "Delivered", "after.follow": "Follow the parcel", "after.number": "Number {tracking}",
  "after.refunds": "Money back", "after.refund.pending": "Asked for", "after.refund.done": "On its way back",
  "after.requests": "What you asked for", "after.kind.return": "Return", "after.kind.withdrawal": "Withdrawal from contract", "after.kind.cancellation": "Cancellation",
  "after.return.asked": "Waiting for the shop", "after.return.received": "The shop has the goods", "after.return.closed": "Done", "after.return.declined": "Declined", "after.answer": "The shop says: {answer}",
  "after.documents": "Documents", "after.invoice": "Invoice (PDF)", "after.credit_note": "Credit note (PDF)",
  "after.change": "Changed your mind?", "after.cancel": "Ask to cancel", "after.return": "Return something", "after.withdraw": "Withdraw from contract here",
  "after.withdraw_until": "Possible until {when}.", "after.withdraw_always": "Possible until 14 days after the goods have come.",
  "after.cancel_title": "Cancel this order?", "after.cancel_intro": "It was not sent yet. The shop gives your money back.", "after.cancel_do": "Ask to cancel", "after.cancel_done": "The shop has your request. You have a mail.",
  "after.return_title": "What do you want to return?", "after.return_intro": "The shop tells you where to send it.", "after.return_do": "Ask to return", "after.return_done": "The shop has your request. You have a mail.", "after.reason": "Reason",
  "after.withdraw_title": "Withdraw from contract", "after.withdraw_intro": "You may withdraw without giving a reason. Choose what it is about; then confirm.", "after.name": "Your name", "after.email": "E-mail for the receipt", "after.next": "Go on",
  "after.confirm_title": "Confirm withdrawal", "after.confirm_intro": "You withdraw from the contract of order {number} for:", "after.confirm_by": "{name}, {email}", "after.confirm_do": "Confirm withdrawal", "after.withdraw_done": "Your withdrawal has arrived. The receipt goes to {email}.",
  "error.period_over": "The time for this is over.", "error.already_sent": "A part was sent already; it can be returned, not cancelled.", "error.no_such_document": "It is not there yet. Please try again in a moment.",
};

/** @type {import("../lib/words/i18n.js").Dictionary} */
export const zh = {
  "after.parcels": "配送情况", "after.parcel.packed": "已打包", "after.parcel.sent": "运输中", "after.parcel.delivered": "已送达", "after.follow": "查看物流", "after.number": "运单号 {tracking}",
  "after.refunds": "退款", "after.refund.pending": "处理中", "after.refund.done": "正在退回",
  "after.requests": "您的申请", "after.kind.return": "退货", "after.kind.withdrawal": "撤回合同", "after.kind.cancellation": "取消订单",
  "after.return.asked": "等待店铺处理", "after.return.received": "店铺已收到货", "after.return.closed": "已完成", "after.return.declined": "已拒绝", "after.answer": "店铺留言：{answer}",
  "after.documents": "单据", "after.invoice": "发票（PDF）", "after.credit_note": "红字发票（PDF）",
  "after.change": "改变主意了？", "after.cancel": "申请取消", "after.return": "申请退货", "after.withdraw": "在此撤回合同",
  "after.withdraw_until": "可在 {when} 前办理。", "after.withdraw_always": "收货后 14 天内均可办理。",
  "after.cancel_title": "取消此订单？", "after.cancel_intro": "订单尚未发货，店铺会退还款项。", "after.cancel_do": "申请取消", "after.cancel_done": "店铺已收到申请，已给您发送邮件。",
  "after.return_title": "您想退哪些商品？", "after.return_intro": "店铺会告知您寄回地址。", "after.return_do": "申请退货", "after.return_done": "店铺已收到申请，已给您发送邮件。", "after.reason": "原因",
  "after.withdraw_title": "撤回合同", "after.withdraw_intro": "您无需说明理由即可撤回。请选择商品，然后确认。", "after.name": "您的姓名", "after.email": "接收凭证的邮箱", "after.next": "继续",
  "after.confirm_title": "确认撤回", "after.confirm_intro": "您将撤回订单 {number} 中以下商品的合同：", "after.confirm_by": "{name}，{email}", "after.confirm_do": "确认撤回", "after.withdraw_done": "已收到您的撤回声明，凭证将发送至 {email}。",
  "error.period_over": "已超过期限。", "error.already_sent": "部分商品已发出，只能退货，不能取消。", "error.no_such_document": "单据尚未生成，请稍后再试。",
};

/** The first-run page's words. */

/** @type {import("../lib/i18n.js").Dictionary} */
export const en = {
  "setup.title": "Welcome to your server", "setup.intro": "You become its administrator and the owner of its first shop. This page closes after that.",
  "setup.name": "Your name", "setup.email": "E-mail", "setup.password": "Password", "setup.password_hint": "At least 10 characters. A sentence is a good one.",
  "setup.shop": "Name of your shop", "setup.currency": "Currency", "setup.currency_hint": "All prices of the shop are in it.", "setup.go": "Begin",
  "setup.done": "This server is set up", "setup.done_next": "Make a show and go live.", "setup.to_studio": "To the studio",
};

/** @type {import("../lib/i18n.js").Dictionary} */
export const zh = {
  "setup.title": "欢迎使用你的服务器", "setup.intro": "你将成为管理员和第一家店铺的店主，之后本页关闭。",
  "setup.name": "你的名字", "setup.email": "邮箱", "setup.password": "密码", "setup.password_hint": "至少 10 个字符，一句话就很好。",
  "setup.shop": "店铺名称", "setup.currency": "货币", "setup.currency_hint": "店铺的所有价格都用这种货币。", "setup.go": "开始",
  "setup.done": "服务器已设置好", "setup.done_next": "新建一场直播，开播吧。", "setup.to_studio": "去工作台",
};

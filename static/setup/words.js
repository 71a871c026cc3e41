/** The first-run page's words. */

/** @type {import("../lib/words/i18n.js").Dictionary} */
export const en = {
  "setup.title": "Welcome to your server", "setup.intro": "You become its administrator and the owner of its first shop. This page closes after that.",
  "setup.name": "Your name", "setup.email": "E-mail", "setup.password": "Password", "setup.password_hint": "At least 10 characters. A sentence is a good one.",
  "setup.shop": "Name of your shop", "setup.currency": "Currency", "setup.go": "Set up the server",
  "setup.done": "This server is set up", "setup.done_next": "You are signed in, and your shop is open. Three steps to the first show:", "setup.to_studio": "To the studio",
  "setup.you": "You", "setup.your_shop": "Your shop", "setup.name_hint": "People in the room see it beside what you say.", "setup.closed": "This server is set up already", "setup.closed_next": "Its administrator and its hosts sign in at the studio.",
  "setup.step.product": "Add a product with a picture and a price", "setup.step.show": "Make a show", "setup.step.live": "Go live from your browser or OBS",
};

/** @type {import("../lib/words/i18n.js").Dictionary} */
export const zh = {
  "setup.title": "欢迎使用您的服务器", "setup.intro": "您将成为管理员和第一家店铺的店主，之后本页关闭。",
  "setup.name": "您的名字", "setup.email": "邮箱", "setup.password": "密码", "setup.password_hint": "至少 10 个字符，一句话就很好。",
  "setup.shop": "店铺名称", "setup.currency": "货币", "setup.go": "完成设置",
  "setup.done": "服务器已设置好", "setup.done_next": "您已登录，店铺也开好了。三步开始第一场直播：", "setup.to_studio": "去工作台",
  "setup.you": "您", "setup.your_shop": "您的店铺", "setup.name_hint": "您发言时，大家会看到这个名字。", "setup.closed": "服务器已经设置过了", "setup.closed_next": "管理员和主播请到工作台登录。",
  "setup.step.product": "添加商品：图片和价格", "setup.step.show": "新建一场直播", "setup.step.live": "用浏览器或 OBS 开播",
};

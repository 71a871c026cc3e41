/**
 * Eyevinn's publisher and player in a page of media.js. Their packages are CommonJS, so they are loaded with a
 * `require` of a few lines instead of a bundler.
 */

const PACKAGES = "/node_modules/";
/** The player's advertisements, which are played only when asked for and need Node's modules. */
const ADVERTISEMENTS = "@eyevinn/csai-manager";
const modules = {};

function text(path) {
  const request = new XMLHttpRequest();
  request.open("GET", path, false);
  request.send();
  return request.status === 200 ? request.responseText : null;
}

/** The file that a name means, seen from a folder. */
function resolve(name, folder) {
  if (name.startsWith(".")) {
    const path = new URL(name, location.origin + folder).pathname;
    return path.endsWith(".js") ? path : `${path}.js`;
  }
  const description = JSON.parse(text(`${PACKAGES}${name}/package.json`));
  const main = (description.main ?? "index.js").replace(/^\.\//, "").replace(/\/$/, "/index.js");
  return `${PACKAGES}${name}/${main}`;
}

function load(name, folder = PACKAGES) {
  if (name === ADVERTISEMENTS) return {};
  const path = resolve(name, folder);
  if (!(path in modules)) {
    const module = (modules[path] = { exports: {} });
    const here = path.slice(0, path.lastIndexOf("/") + 1);
    new Function("module", "exports", "require", "global", text(path))(module, module.exports, (inner) => load(inner, here), window);
  }
  return modules[path].exports;
}

/** Publishes the fake camera with Eyevinn's client. */
window.eyevinnPublish = async (endpoint, { trickle }) => {
  const { WHIPClient } = load("@eyevinn/whip-web-client");
  const client = new WHIPClient({ endpoint, opts: { authkey: "sk_test", iceServers: [], noTrickleIce: !trickle } });
  window.eyevinn = client;
  await client.setIceServersFromEndpoint();
  await client.ingest(await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 480, height: 270, frameRate: 15 } }));
  return client.getResourceUrl();
};

/** Watches with Eyevinn's player, in the page's video element. */
window.eyevinnWatch = async (channel) => {
  const { WebRTCPlayer } = load("@eyevinn/webrtc-player");
  const player = new WebRTCPlayer({ video: document.getElementById("video"), type: "whep", iceServers: [] });
  window.eyevinn = player;
  await player.load(new URL(channel));
};

/** Resolves when the newest connection has decoded so many frames and taken sound; gives both counts. */
window.decoded = async (frames) => {
  for (;;) {
    const report = [...(await window.connections.at(-1).getStats()).values()].filter(({ type }) => type === "inbound-rtp");
    const video = report.find(({ kind }) => kind === "video");
    const audio = report.find(({ kind }) => kind === "audio");
    if (video?.framesDecoded >= frames && audio?.packetsReceived > 0) return { frames: video.framesDecoded, sounds: audio.packetsReceived };
    await new Promise((done) => setTimeout(done, 50));
  }
};
window.eyevinnReady = true;

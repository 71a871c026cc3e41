import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Camera } from "./camera.js";
import { FakeMachine } from "./fake_devices.test.js";

/** @type {Camera[]} */
const cameras = [];
afterEach(() => cameras.splice(0).forEach((camera) => camera.stop()));

/** A camera at a machine with these devices, and what it told. @param {...string} ids */
function at(...ids) {
  const machine = new FakeMachine(...ids);
  const camera = new Camera();
  const told = [];
  camera.onLost = (kind, replaced) => told.push(`${kind} lost${replaced ? ", another is on" : ""}`);
  camera.onScreenEnded = () => told.push("screen ended");
  camera.onDark = (dark) => told.push(dark ? "dark" : "light");
  camera.onTrack = (track) => told.push(`sent ${track.id}`);
  cameras.push(camera);
  return { machine, camera, told };
}

/** @param {Camera} camera */
const tracks = (camera) => camera.stream.getTracks().map((track) => `${track.id} ${track.readyState}`).sort();

test("a chosen camera that is pulled out is replaced by another one, and taken no more", async () => {
  const { machine, camera, told } = at("v_builtin", "v_usb", "a_mic");
  await camera.start();
  await camera.useCamera("v_usb");
  await machine.pull("v_usb");
  assert.equal(told.at(-1), "video lost");
  assert.deepEqual(tracks(camera), ["a_mic live"]);
  await camera.start();
  assert.deepEqual(tracks(camera), ["a_mic live", "v_builtin live"]);
  machine.plug("v_usb");
  await camera.useCamera();
  assert.deepEqual(machine.running, ["a_mic", "v_builtin"], "the choice is forgotten");
});

test("coming back from the screen finds another camera when the chosen one is gone", async () => {
  const { machine, camera } = at("v_builtin", "v_usb", "a_mic");
  await camera.start();
  await camera.useCamera("v_usb");
  await camera.shareScreen();
  await machine.pull("v_usb");
  await camera.useCamera();
  assert.deepEqual([tracks(camera), camera.source], [["a_mic live", "v_builtin live"], "camera"]);
});

test("a microphone that is pulled out is replaced by the default one at once", async () => {
  const { machine, camera, told } = at("v_builtin", "a_mic", "a_headset");
  await camera.start();
  await camera.useMicrophone("a_headset");
  camera.setMuted(true);
  await machine.pull("a_headset");
  assert.deepEqual(tracks(camera), ["a_mic live", "v_builtin live"]);
  assert.deepEqual(told.slice(-2), ["sent a_mic", "audio lost, another is on"]);
  assert.equal(camera.stream.getAudioTracks()[0].enabled, false, "muted is muted");
});

test("without another microphone nothing stays in the stream that looks like sound", async () => {
  const { machine, camera, told } = at("v_builtin", "a_mic");
  await camera.start();
  await machine.pull("a_mic");
  assert.deepEqual([tracks(camera), told.at(-1)], [["v_builtin live"], "audio lost"]);
});

test("a chosen microphone that is gone does not keep the camera off, nor a camera the microphone", async () => {
  const { machine, camera } = at("v_builtin", "a_mic", "a_headset");
  await camera.start();
  await camera.useMicrophone("a_headset");
  machine.devices = machine.devices.filter(({ deviceId }) => deviceId !== "a_headset");
  await camera.start();
  assert.deepEqual(tracks(camera), ["a_mic live", "v_builtin live"]);
  const dark = at("v_builtin", "a_mic");
  dark.machine.broken.add("v_builtin");
  await assert.rejects(dark.camera.start(), { name: "NotReadableError" });
  assert.deepEqual(tracks(dark.camera), ["a_mic live"]);
  const blind = at("a_mic");
  await assert.rejects(blind.camera.start(), { name: "NotFoundError" });
  assert.deepEqual(tracks(blind.camera), ["a_mic live"]);
});

test("who says no is not asked again", async () => {
  const { machine, camera } = at("v_builtin", "a_mic");
  machine.told.camera = machine.told.microphone = "prompt";
  await assert.rejects(camera.start(), { name: "NotAllowedError" });
  assert.equal(machine.asked.length, 1);
  Object.defineProperty(navigator, "permissions", { value: undefined }); // a browser that tells nothing
  await assert.rejects(camera.start(), { name: "NotAllowedError" });
  assert.equal(machine.asked.length, 2);
});

test("where only the microphone is blocked there is a picture, and where only the camera is, there is sound", async () => {
  const deaf = at("v_builtin", "a_mic");
  deaf.machine.told.microphone = "denied";
  await deaf.camera.start();
  assert.deepEqual([tracks(deaf.camera), deaf.camera.isRefused("microphone")], [["v_builtin live"], true]);
  const blind = at("v_builtin", "a_mic");
  blind.machine.told.camera = "denied";
  await assert.rejects(blind.camera.start(), { name: "NotAllowedError" });
  assert.deepEqual([tracks(blind.camera), blind.camera.isRefused("camera"), blind.camera.isRefused("microphone")], [["a_mic live"], true, false]);
});

test("who has just said no to one of the two is not asked for that again, but may ask for it", async () => {
  const { machine, camera } = at("v_builtin", "a_mic");
  machine.told.microphone = "prompt";
  await camera.start();
  assert.deepEqual([tracks(camera), camera.isRefused("microphone")], [["v_builtin live"], true]);
  assert.deepEqual(machine.asked.slice(1).map(({ audio, video }) => [!!audio, !!video]), [[false, true]]);
  await assert.rejects(camera.useMicrophone(), { name: "NotAllowedError" });
  machine.told.microphone = "granted";
  await camera.useMicrophone();
  assert.deepEqual([tracks(camera), camera.isRefused("microphone")], [["a_mic live", "v_builtin live"], false]);
});

test("what was blocked is on as soon as it is allowed, once, and not after the studio was left", async () => {
  const { machine, camera, told } = at("v_builtin", "a_mic");
  camera.onPermission = () => told.push("permission");
  machine.told.camera = machine.told.microphone = "denied";
  await assert.rejects(camera.start(), { name: "NotAllowedError" });
  await machine.tell("microphone", "granted");
  assert.deepEqual([tracks(camera), told.splice(0)], [["a_mic live"], ["sent a_mic", "permission"]]);
  await machine.tell("microphone", "granted");
  assert.deepEqual(told.splice(0), ["permission"]);
  await machine.tell("camera", "prompt"); // Firefox, when a block is taken back: asking is left to the person
  assert.deepEqual([tracks(camera), told.splice(0)], [["a_mic live"], ["permission"]]);
  await machine.tell("camera", "granted");
  assert.deepEqual([tracks(camera), camera.isRefused("camera")], [["a_mic live", "v_builtin live"], false]);
  camera.stop();
  await machine.tell("camera", "granted");
  assert.deepEqual(machine.running, []);
});

test("a start that was left while permissions are looked up watches nothing, however often it was pressed", async () => {
  const { machine, camera } = at("v_builtin", "a_mic");
  machine.told.camera = machine.told.microphone = "denied";
  let open = () => {};
  machine.permissions_gate = new Promise((resolve) => { open = () => resolve(undefined); });
  const starts = [camera.start(), camera.start()];
  await machine.settle();
  camera.stop();
  open();
  await Promise.allSettled(starts);
  await machine.tell("camera", "granted");
  await machine.tell("microphone", "granted");
  assert.deepEqual([machine.running, machine.asked.length], [[], 1]);
});

test("what is blocked in mid-show is told and comes back when it is allowed", async () => {
  const { machine, camera, told } = at("v_builtin", "a_mic");
  await camera.start();
  await machine.tell("microphone", "denied");
  assert.deepEqual([tracks(camera), told.at(-1), camera.isRefused("microphone")], [["v_builtin live"], "audio lost", true]);
  await machine.tell("camera", "denied");
  assert.deepEqual([tracks(camera), told.at(-1), camera.isRefused("camera")], [[], "video lost", true]);
  await machine.tell("microphone", "granted");
  await machine.tell("camera", "granted");
  assert.deepEqual(tracks(camera), ["a_mic live", "v_builtin live"]);
});

test("who blocks a chosen microphone and allows it again has that one back", async () => {
  const { machine, camera } = at("v_builtin", "a_mic", "a_headset");
  await camera.start();
  await camera.useMicrophone("a_headset");
  await machine.tell("microphone", "denied");
  await machine.tell("microphone", "granted");
  assert.deepEqual(tracks(camera), ["a_headset live", "v_builtin live"]);
});

test("a device that is allowed and cannot be started is not said to be blocked", async () => {
  const { machine, camera } = at("v_builtin", "a_mic");
  const failures = [];
  camera.onPermission = (device, failure) => failures.push(`${device} ${failure?.name}`);
  machine.told.microphone = "denied";
  await camera.start();
  machine.broken.add("a_mic");
  await machine.tell("microphone", "granted");
  assert.deepEqual([failures, camera.isRefused("microphone")], [["microphone NotReadableError"], false]);
});

test("a camera that was blocked behind a screen comes back when it is allowed", async () => {
  const { machine, camera } = at("v_builtin", "a_mic");
  await camera.start();
  await camera.shareScreen();
  machine.told.camera = "denied";
  await machine.pull("screen");
  await assert.rejects(camera.useCamera(), { name: "NotAllowedError" });
  await machine.settle();
  await machine.tell("camera", "granted");
  assert.deepEqual(tracks(camera), ["a_mic live", "v_builtin live"]);
});

test("a microphone that is chosen while a lost one is replaced stays", async () => {
  const { machine, camera, told } = at("v_builtin", "a_mic", "a_headset", "a_third");
  await camera.start();
  await camera.useMicrophone("a_headset");
  let open = () => {};
  machine.gate = new Promise((resolve) => { open = () => resolve(undefined); });
  await machine.pull("a_headset");
  machine.gate = null;
  await camera.useMicrophone("a_third");
  open();
  await machine.settle();
  assert.deepEqual([tracks(camera), machine.running], [["a_third live", "v_builtin live"], ["a_third", "v_builtin"]]);
  assert.equal(told.filter((what) => what.startsWith("audio lost")).length, 0);
});

test("what is missing does not hide that the other one is blocked", async () => {
  const { machine, camera } = at("v_builtin");
  machine.told.camera = "denied";
  await assert.rejects(camera.start(), { name: "NotAllowedError" });
  await machine.tell("camera", "granted");
  assert.deepEqual(tracks(camera), ["v_builtin live"]);
});

test("what a person allows when asked is started once", async () => {
  const { machine, camera } = at("v_builtin", "a_mic");
  machine.told.microphone = "denied";
  await camera.start();
  let answer = () => {};
  machine.gate = new Promise((resolve) => { answer = () => resolve(undefined); });
  const asking = camera.useMicrophone();
  await machine.tell("microphone", "granted"); // before the browser has opened it
  const asked = machine.asked.length;
  answer();
  await asking;
  await machine.settle();
  assert.deepEqual([tracks(camera), machine.asked.length - asked], [["a_mic live", "v_builtin live"], 0]);
});

for (const [what, begin] of /** @type {[string, (camera: Camera) => Promise<unknown>][]} */ ([
  ["camera and microphone", (camera) => camera.start()],
  ["another camera", (camera) => camera.useCamera("v_builtin")],
  ["another microphone", (camera) => camera.useMicrophone("a_mic")],
  ["a screen", (camera) => camera.shareScreen()],
])) {
  test(`${what}: what comes after the studio was left is stopped at once`, async () => {
    const { machine, camera, told } = at("v_builtin", "a_mic");
    let open = () => {};
    machine.gate = new Promise((resolve) => { open = () => resolve(undefined); });
    const under_way = begin(camera);
    camera.stop();
    open();
    await under_way;
    assert.deepEqual([machine.running, told, tracks(camera)], [[], [], []]);
  });
}

test("nothing more is asked for after the studio was left", async () => {
  const { machine, camera } = at("v_builtin");
  let open = () => {};
  machine.gate = new Promise((resolve) => { open = () => resolve(undefined); });
  const under_way = camera.start(); // there is no microphone: the camera would be asked for alone
  camera.stop();
  machine.told.camera = machine.told.microphone = "denied";
  open();
  await under_way;
  await machine.tell("camera", "granted");
  await machine.tell("microphone", "granted");
  assert.deepEqual([machine.running, machine.asked.length], [[], 1]);
});

test("a sound meter that cannot be built keeps nothing off the air", async () => {
  const { machine, camera, told } = at("v_builtin", "a_mic");
  machine.meters_failing = 2;
  await camera.start();
  assert.deepEqual(tracks(camera), ["a_mic live", "v_builtin live"]);
  assert.deepEqual(told, ["sent a_mic", "sent v_builtin"]);
  assert.deepEqual(machine.contexts.map(({ state }) => state), ["closed", "closed"]);
});

test("another audio context is tried once, and former microphones leave the meter", async () => {
  const { machine, camera } = at("v_builtin", "a_mic", "a_bluetooth");
  await camera.start();
  machine.meters_failing = 1;
  await camera.useMicrophone("a_bluetooth");
  assert.deepEqual(machine.contexts.map(({ state, connected }) => [state, connected]), [["closed", 0], ["running", 1]]);
  await camera.useMicrophone("a_mic");
  assert.equal(machine.contexts[1].connected, 1);
});

test("where one camera runs at a time the running one makes room", async () => {
  const { machine, camera } = at("v_front", "v_back", "a_mic");
  machine.one_camera = true;
  await camera.start();
  await camera.useCamera("v_back");
  assert.deepEqual(tracks(camera), ["a_mic live", "v_back live"]);
});

test("a camera that cannot be started leaves the former one on", async () => {
  const { machine, camera, told } = at("v_front", "v_back", "a_mic");
  machine.one_camera = true;
  machine.broken.add("v_back");
  await camera.start();
  await assert.rejects(camera.useCamera("v_back"), { name: "NotReadableError" });
  assert.deepEqual([tracks(camera), camera.device("video")], [["a_mic live", "v_front live"], "v_front"]);
  assert.equal(told.includes("video lost"), false);
});

test("when the former camera does not come back either, it is lost", async () => {
  const { machine, camera, told } = at("v_front", "v_back", "a_mic");
  await camera.start();
  machine.broken = new Set(["v_front", "v_back"]);
  await assert.rejects(camera.useCamera("v_back"), { name: "NotReadableError" });
  assert.deepEqual([tracks(camera), told.at(-1)], [["a_mic live"], "video lost"]);
});

test("a camera that gives no picture for a while says so, a screen does not", async () => {
  const { camera, told } = at("v_builtin", "a_mic");
  await camera.start();
  const mute = (muted) => {
    const [track] = camera.stream.getVideoTracks();
    track.muted = muted;
    track.dispatchEvent(new Event(muted ? "mute" : "unmute"));
  };
  told.length = 0;
  mute(true);
  mute(false);
  mute(true);
  assert.deepEqual(told.splice(0), ["dark", "light", "dark"]);
  await camera.shareScreen();
  assert.deepEqual(told.splice(0), ["light", "sent screen"], "another picture is no dark one");
  mute(true);
  assert.deepEqual(told, []);
});

test("a screen that is shared no more leaves the stream", async () => {
  const { machine, camera, told } = at("v_builtin", "a_mic");
  await camera.start();
  await camera.shareScreen();
  await machine.pull("screen");
  assert.deepEqual([tracks(camera), told.at(-1)], [["a_mic live"], "screen ended"]);
});

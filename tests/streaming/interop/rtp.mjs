/** RTP as small as it gets, for clients whose library sends packets as they are. */

const MAX_PAYLOAD_BYTES = 1100;
const MID_ID = 1;
const RID_ID = 2;

function* pieces(data) {
  for (let at = 0; at < data.length; at += MAX_PAYLOAD_BYTES) yield data.subarray(at, at + MAX_PAYLOAD_BYTES);
}

/** The NAL units of a frame with start codes. */
export function nalUnits(frame) {
  const starts = [];
  for (let at = 0; at + 3 <= frame.length; at += 1) if (frame.readUIntBE(at, 3) === 1) starts.push(at + 3);
  return starts.map((start, n) => {
    let end = n + 1 < starts.length ? starts[n + 1] - 3 : frame.length;
    while (n + 1 < starts.length && frame[end - 1] === 0) end -= 1;
    return frame.subarray(start, end);
  });
}

/** RFC 6184: single NAL units, and FU-A for those too large. */
function* h264(frame) {
  for (const unit of nalUnits(frame)) {
    if (unit.length <= MAX_PAYLOAD_BYTES) {
      yield unit;
      continue;
    }
    const parts = [...pieces(unit.subarray(1))];
    for (const [n, part] of parts.entries()) {
      const edge = (n === 0 ? 0x80 : 0) | (n === parts.length - 1 ? 0x40 : 0);
      yield Buffer.concat([Buffer.from([(unit[0] & 0xe0) | 28, edge | (unit[0] & 0x1f)]), part]);
    }
  }
}

/** RFC 7741: the short descriptor. */
function* vp8(frame) {
  let first = true;
  for (const part of pieces(frame)) {
    yield Buffer.concat([Buffer.from([first ? 0x10 : 0x00]), part]);
    first = false;
  }
}

/** RFC 9628: one layer, no picture id; the encoder says in the frame's own header whether it is a key frame. */
function* vp9(frame) {
  const predicted = frame[0] & 0x04 ? 0x40 : 0;
  const parts = [...pieces(frame)];
  for (const [n, part] of parts.entries()) {
    const edge = (n === 0 ? 0x08 : 0) | (n === parts.length - 1 ? 0x04 : 0);
    yield Buffer.concat([Buffer.from([predicted | edge]), part]);
  }
}

const PACKETIZERS = { H264: h264, VP8: vp8, VP9: vp9 };

/** One-byte header extensions (RFC 8285) with the mid and, for a layer, its rid. */
function extensions(mid, rid) {
  const parts = [Buffer.from([(MID_ID << 4) | (mid.length - 1)]), Buffer.from(mid)];
  if (rid !== null) parts.push(Buffer.from([(RID_ID << 4) | (rid.length - 1)]), Buffer.from(rid));
  const body = Buffer.concat(parts);
  const words = Math.ceil(body.length / 4);
  const padded = Buffer.concat([body, Buffer.alloc(words * 4 - body.length)]);
  return Buffer.concat([Buffer.from([0xbe, 0xde, 0, words]), padded]);
}

/** One stream of RTP packets and its sender reports. */
export class RtpStream {
  sequence = 0;
  packets_total = 0;
  payload_bytes = 0;

  constructor({ ssrc, payload_type, codec, mid, rid = null }) {
    Object.assign(this, { ssrc, payload_type, codec });
    this.extensions = extensions(mid, rid);
  }

  /** The packets of one encoded frame. */
  *packets(frame, timestamp) {
    const payloads = this.codec in PACKETIZERS ? [...PACKETIZERS[this.codec](frame)] : [frame];
    for (const [n, payload] of payloads.entries()) {
      const head = Buffer.alloc(12);
      head[0] = 0x90;
      head[1] = this.payload_type | (n === payloads.length - 1 && this.codec in PACKETIZERS ? 0x80 : 0);
      head.writeUInt16BE(this.sequence, 2);
      head.writeUInt32BE(timestamp >>> 0, 4);
      head.writeUInt32BE(this.ssrc, 8);
      this.sequence = (this.sequence + 1) & 0xffff;
      this.packets_total += 1;
      this.payload_bytes += payload.length;
      yield Buffer.concat([head, this.extensions, payload]);
    }
  }

  /** A sender report (RFC 3550 section 6.4.1) for a moment in milliseconds since 1970. */
  report(timestamp, unix_ms) {
    const report = Buffer.alloc(28);
    report.set([0x80, 200, 0, 6]);
    report.writeUInt32BE(this.ssrc, 4);
    report.writeUInt32BE(Math.floor(unix_ms / 1000) + 2_208_988_800, 8);
    report.writeUInt32BE(Math.floor(((unix_ms % 1000) / 1000) * 2 ** 32), 12);
    report.writeUInt32BE(timestamp >>> 0, 16);
    report.writeUInt32BE(this.packets_total, 20);
    report.writeUInt32BE(this.payload_bytes, 24);
    return report;
  }
}

/** Puts the NAL units of an RTP stream of H.264 back into a stream with start codes. */
export class H264Reader {
  units = [];
  #open = null;

  /** Take the payload of one packet; packets come in order on the loopback. */
  take(payload) {
    const kind = payload[0] & 0x1f;
    if (kind < 24) this.units.push(payload);
    else if (kind === 24) this.#aggregate(payload.subarray(1));
    else if (kind === 28) this.#fragment(payload);
  }

  /** The stream read so far. */
  bytes() {
    return Buffer.concat(this.units.flatMap((unit) => [Buffer.from([0, 0, 0, 1]), unit]));
  }

  #aggregate(rest) {
    while (rest.length > 2) {
      const size = rest.readUInt16BE(0);
      this.units.push(rest.subarray(2, 2 + size));
      rest = rest.subarray(2 + size);
    }
  }

  #fragment(payload) {
    if (payload[1] & 0x80) this.#open = [Buffer.from([(payload[0] & 0xe0) | (payload[1] & 0x1f)])];
    if (this.#open === null) return;
    this.#open.push(payload.subarray(2));
    if (payload[1] & 0x40) {
      this.units.push(Buffer.concat(this.#open));
      this.#open = null;
    }
  }
}

/** What a received packet carries; null when it is RTCP. */
export function payloadOf(packet) {
  const payload_type = packet[1] & 0x7f;
  if (payload_type >= 64 && payload_type < 96) return null;
  let at = 12 + 4 * (packet[0] & 0x0f);
  if (packet[0] & 0x10) at += 4 + 4 * packet.readUInt16BE(at + 2);
  const end = packet[0] & 0x20 ? packet.length - packet[packet.length - 1] : packet.length;
  return { payload_type, payload: packet.subarray(at, end) };
}

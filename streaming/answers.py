"""Writing answers: the SDP for WHIP and WHEP and the fragment for an ICE restart."""

from dataclasses import dataclass

from streaming.codecs import Codec
from streaming.negotiation import Agreed, AgreedMedia

HOST_UDP, HOST_TCP = 126, 90
PASSIVE = 4


@dataclass(slots=True, frozen=True)
class LocalTransport:
    """Our end: credentials, certificate digest and the addresses a peer may try, in order, UDP before TCP."""

    ufrag: str
    pwd: str
    fingerprint: str
    candidates: tuple[tuple[str, int], ...]
    tcp_candidates: tuple[tuple[str, int], ...] = ()


def build_answer(agreed: Agreed, local: LocalTransport, session: int, *, sending: bool) -> str:
    """Write the answer; `sending` is True towards viewers (sendonly) and False towards publishers."""
    mids = [s.offer.mid for s in agreed.sections if s.accepted and s.offer.mid]
    lines = ["v=0", f"o=- {session} 1 IN IP4 0.0.0.0", "s=-", "t=0 0", "a=ice-lite"]
    if mids:
        lines.append("a=group:BUNDLE " + " ".join(mids))
    if agreed.mixed_extensions:
        lines.append("a=extmap-allow-mixed")  # a key frame's dependency descriptor is long
    lines.append("a=msid-semantic: WMS *")
    candidates_in = next((s for s in agreed.sections if s.accepted), None)
    for section in agreed.sections:
        if not section.accepted:
            lines += _refused(section)
            continue
        lines += _head(section, agreed, local, "sendonly" if sending else "recvonly")
        lines += [line for codec in section.codecs for line in _codec_lines(codec, section)]
        lines += _stream(section) if sending else _simulcast(section)
        if section is candidates_in:
            lines += candidate_lines(local)
    return "\r\n".join(lines) + "\r\n"


def candidate_lines(local: LocalTransport) -> list[str]:
    """Host candidates in falling priority (RFC 8839 section 5.1), then the end of candidates.

    TCP comes after all of UDP: a lower type preference, and in the local preference the direction
    (RFC 6544 section 4.2: 4 for a passive host candidate, times 2 to the power of 13).
    """
    lines = []
    for index, (address, port) in enumerate(local.candidates):
        priority = (HOST_UDP << 24) | ((65535 - index) << 8) | 255
        lines.append(f"a=candidate:{index + 1} 1 udp {priority} {address} {port} typ host")
    for index, (address, port) in enumerate(local.tcp_candidates):
        priority = (HOST_TCP << 24) | (((PASSIVE << 13) + 8191 - index) << 8) | 255
        foundation = len(local.candidates) + index + 1
        lines.append(f"a=candidate:{foundation} 1 tcp {priority} {address} {port} typ host tcptype passive")
    return [*lines, "a=end-of-candidates"]


def build_restart_fragment(local: LocalTransport, mid: str) -> str:
    """Return the body of the answer to an ICE restart (RFC 8840)."""
    lines = ["a=ice-lite", f"a=ice-ufrag:{local.ufrag}", f"a=ice-pwd:{local.pwd}"]
    if mid:
        lines += ["m=audio 9 UDP/TLS/RTP/SAVPF 0", f"a=mid:{mid}"]
    return "\r\n".join([*lines, *candidate_lines(local)]) + "\r\n"


def _refused(section: AgreedMedia) -> list[str]:
    offer = section.offer
    lines = [f"m={offer.kind} 0 {offer.protocol} {offer.formats[0]}", "c=IN IP4 0.0.0.0", "a=inactive"]
    return [*lines, f"a=mid:{offer.mid}"] if offer.mid else lines


def _head(section: AgreedMedia, agreed: Agreed, local: LocalTransport, direction: str) -> list[str]:
    offer = section.offer
    formats: list[str] = []
    for codec in section.codecs:
        formats.append(str(codec.payload_type))
        if codec.retransmission is not None:
            formats.append(str(codec.retransmission))
    lines = [
        f"m={offer.kind} 9 {offer.protocol} {' '.join(formats)}",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
    ]
    lines += [f"a=ice-ufrag:{local.ufrag}", f"a=ice-pwd:{local.pwd}"]
    lines += [f"a=fingerprint:sha-256 {local.fingerprint}"]
    lines += ["a=setup:active" if agreed.dtls_client else "a=setup:passive"]
    lines += [f"a=mid:{offer.mid}"] if offer.mid else []
    lines += [f"a=extmap:{identity} {uri}" for identity, uri in section.extensions.items()]
    return [*lines, f"a={direction}", "a=rtcp-mux", "a=rtcp-rsize"]


def _codec_lines(codec: Codec, section: AgreedMedia) -> list[str]:
    payload_type = codec.payload_type
    name = "opus" if codec.name == "OPUS" else codec.name
    channels = f"/{codec.channels}" if codec.channels > 1 else ""
    lines = [f"a=rtpmap:{payload_type} {name}/{codec.rate_hz}{channels}"]
    if codec.parameters:
        pairs = ";".join(f"{key}={value}" if value else key for key, value in codec.parameters.items())
        lines.append(f"a=fmtp:{payload_type} {pairs}")
    lines += [f"a=rtcp-fb:{payload_type} {what}" for what in codec.feedback if what in section.feedback]
    if codec.retransmission is not None:
        lines.append(f"a=rtpmap:{codec.retransmission} rtx/{codec.rate_hz}")
        lines.append(f"a=fmtp:{codec.retransmission} apt={payload_type}")
    return lines


def _stream(section: AgreedMedia) -> list[str]:
    lines = [f"a=msid:liveshop {section.offer.kind}"]
    if any(codec.retransmission is not None for codec in section.codecs):
        lines.append(f"a=ssrc-group:FID {section.ssrc} {section.retransmission_ssrc}")
        lines.append(f"a=ssrc:{section.ssrc} cname:liveshop")
        lines.append(f"a=ssrc:{section.retransmission_ssrc} cname:liveshop")
    else:
        lines.append(f"a=ssrc:{section.ssrc} cname:liveshop")
    return lines


def _simulcast(section: AgreedMedia) -> list[str]:
    rids = section.offer.rids
    if not rids:
        return []
    return [*(f"a=rid:{rid} recv" for rid in rids), f"a=simulcast:recv {';'.join(rids)}"]

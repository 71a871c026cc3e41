"""From packets to encoded frames, without decoding: depacketizers, order, capture times. All pure."""

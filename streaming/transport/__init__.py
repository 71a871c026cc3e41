"""How media travels: one UDP socket per address and its TCP twin, ICE-lite, DTLS, SRTP."""

"""How media travels: one UDP socket per address, ICE-lite, DTLS, SRTP."""

"""RTP and RTCP as bytes and numbers: pure, no sockets, no clocks."""

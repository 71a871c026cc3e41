"""Bytes in and out: the door, the line of hellos, frames that many share, slices they are written in."""

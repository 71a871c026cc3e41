"""HTTP as every kind of process serves it, and how processes of one server ask each other."""

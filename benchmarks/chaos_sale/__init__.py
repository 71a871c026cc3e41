"""A flash sale under crashes, cut connections and power cuts, and the books compared afterwards."""

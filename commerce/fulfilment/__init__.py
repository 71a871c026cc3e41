"""What is packed and sent: parcels, tracking, packing lists."""

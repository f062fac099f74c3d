"""HNK1 cross-reactivity and binding without antigen. Knows titer, plate, curve, statistics."""

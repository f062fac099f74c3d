"""What the SoftMax Pro reader is made of."""

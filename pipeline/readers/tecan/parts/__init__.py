"""What the readers of Tecan's software share."""

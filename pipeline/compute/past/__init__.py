"""What past runs say: control charts, Westgard's rules, bridges over lots. Knows curve and statistics."""

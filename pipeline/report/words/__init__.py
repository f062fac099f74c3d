"""Words, tones and the breaking of texts. Knows the domain alone."""

"""What several readers need: finding grids and lists of wells, words of the trade, keeping what is left."""

"""Archives as earlier versions of Recordkeep wrote them: later ones must go on reading them."""

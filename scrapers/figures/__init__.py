"""Tables of figures without rules to go by: by the words of their headings and row labels."""

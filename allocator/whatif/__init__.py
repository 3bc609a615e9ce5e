"""What if: changed scenarios solved quickly, by the thousand, and what they say together."""

"""results.json and what it is made of; job records and WHY.txt. Knows the definitions and what lies below."""

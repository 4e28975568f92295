"""The plant's tariff in the hall: the book of it, its table kept right, its words."""

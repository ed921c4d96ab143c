"""Duplicates of customers and their merge, as pages of the section of customers."""

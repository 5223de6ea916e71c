"""Search in recordings: embeddings of their windows in a bank, search by example, and what to label next."""

from sonogram.search.bank import Bank, Match, open_bank
from sonogram.search.embedding import Embedder, embed
from sonogram.search.find import find
from sonogram.search.labels import BankLabel, read_bank_labels
from sonogram.search.suggest import suggest

__all__ = [
    "Bank",
    "BankLabel",
    "Embedder",
    "Match",
    "embed",
    "find",
    "open_bank",
    "read_bank_labels",
    "suggest",
]

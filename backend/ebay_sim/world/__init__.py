"""The market behind the answers: catalogue, economy, clock, search. No HTTP here."""

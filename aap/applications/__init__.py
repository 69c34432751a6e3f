"""Applications: draft, deposit, admissibility, completion requests and opinions, up to the jury's door."""

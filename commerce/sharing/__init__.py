"""Links that people share of a show, who came by them, and what they bought."""
